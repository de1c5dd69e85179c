/* SPDX-License-Identifier: MIT */
/*
 * The parts of scratchctl.1.in that are tables, in the macros of man(7).
 */
#include "cli/manual/generate.h"

#include <scratch/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINE 75 /* mandoc(1) asks for lines of at most 80 bytes */

/* A word as it is: no escapes of roff(7), and '-' as one types it. */
static void write_word(const char *word, size_t length)
{
    for (const char *end = word + length; word < end; word++) {
        if (*word == '\\')
            printf("\\e");
        else
            printf(*word == '-' ? "\\-" : "%c", *word);
    }
}

/* Words, in lines; where an empty line is, a paragraph ends. */
static void write_text(const char *text)
{
    for (size_t at = 0, length; *text; text += length) {
        size_t space = strspn(text, " \n");
        bool paragraph = strncmp(text, "\n\n", 2) == 0;
        text += space;
        length = strcspn(text, " \n");
        if (paragraph || at + length > LINE) {
            printf(paragraph ? "\n.PP\n" : "\n");
            at = 0;
        } else if (at > 0) {
            putchar(' ');
        }
        if (at == 0 && (*text == '.' || *text == '\''))
            printf("\\&");
        write_word(text, length);
        at += length + 1;
    }
}

/* Words in capitals are to be replaced; others are typed as they are. */
static void write_argument(const char *text)
{
    const char *font = "";
    for (; *text; text++) {
        bool capital = *text >= 'A' && *text <= 'Z';
        bool small = *text >= 'a' && *text <= 'z';
        const char *next = capital ? "\\fI" : small || strchr("=:", *text) ? "\\fB" : "\\fR";
        if (strcmp(font, next) != 0)
            printf("%s", next);
        font = next;
        write_word(text, 1);
    }
    printf("\\fR");
}

/* ---- options -------------------------------------------------------------------------------- */

static void write_option(const struct command *command, const struct option *option)
{
    (void)command;
    if (option_is_heading(option)) {
        printf(".PP\n%s:\n", option->help);
        return;
    }
    printf(".TP\n");
    if (option->letter)
        printf("\\fB\\-%c\\fR, ", option->letter);
    printf("\\fB\\-\\-");
    write_text(option->name);
    printf("\\fR");
    if (option->argument) {
        if (!option_is_optional(option))
            putchar(' ');
        write_argument(option->argument);
    }
    putchar('\n');
    write_text(option->help);
    putchar('\n');
}

static void write_own_options(void)
{
    options_visit(NULL, write_option);
}

/* A section for each command: how to write it, what it does, its options. */
static void write_commands(void)
{
    for (const struct command *const *c = commands; *c; c++) {
        printf(".SS scratchctl %s\n.B scratchctl %s\n", (*c)->name, (*c)->name);
        write_argument((*c)->synopsis);
        printf("\n.PP\n");
        write_text((*c)->summary);
        putchar('\n');
        if (*(*c)->notes)
            printf(".PP\n");
        write_text((*c)->notes);
        options_visit(*c, write_option);
    }
}

static void write_synopsis(void)
{
    for (const struct command *const *c = commands; *c; c++) {
        printf("%s.B scratchctl %s\n", c == commands ? "" : ".br\n", (*c)->name);
        write_argument((*c)->synopsis);
        putchar('\n');
    }
}

/* ---- the title ------------------------------------------------------------------------------ */

/* Today, or what reproducible-builds.org/specs/source-date-epoch says. */
static void write_title(void)
{
    char date[16];
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    time_t now = epoch ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
    strftime(date, sizeof date, "%Y-%m-%d", gmtime(&now));
    printf(".TH SCRATCHCTL 1 %s \"libscratch %s\" \"User Commands\"\n", date, SCRATCH_VERSION);
}

const struct insertion page_insertions[] = {
    {"title", write_title},
    {"synopsis", write_synopsis},
    {"own-options", write_own_options},
    {"commands", write_commands},
    {NULL, NULL},
};
