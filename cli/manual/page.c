/* SPDX-License-Identifier: MIT */
/*
 * The parts of scratchctl.1.in that are tables, in the macros of man(7).
 */
#include "cli/manual/generate.h"

#include <scratch/oci.h>
#include <scratch/version.h>
#include <stdio.h>
#include <string.h>

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
    size_t at = 0; /* how far the line has got */
    bool first = true;
    for (size_t length; text[strspn(text, " \n")]; text += length) {
        bool paragraph = strncmp(text, "\n\n", 2) == 0;
        text += strspn(text, " \n");
        length = strcspn(text, " \n");
        if (paragraph || at + length > LINE)
            at = 0;
        if (at > 0)
            putchar(' ');
        else if (!first)
            printf(paragraph ? "\n.PP\n" : "\n");
        if (at == 0 && (*text == '.' || *text == '\''))
            printf("\\&");
        write_word(text, length);
        at += length + 1;
        first = false;
    }
    putchar('\n');
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
    write_word(option->name, strlen(option->name));
    printf("\\fR");
    if (option->argument) {
        if (!option_is_optional(option))
            putchar(' ');
        write_argument(option->argument);
    }
    putchar('\n');
    write_text(option->help);
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

static void write_title(void)
{
    printf(".TH SCRATCHCTL 1 %s \"libscratch %s\" \"User Commands\"\n", MANUAL_DATE,
           SCRATCH_VERSION);
}

/* ---- keys of config.json -------------------------------------------------------------------- */

/* Those that are supported, in lines of several. */
static void write_supported_keys(void)
{
    struct scratch_oci_key key;
    size_t at = 0;
    for (size_t i = 0; scratch_oci_key(i, &key) == 0; i++) {
        size_t length = strlen(key.key);
        if (key.support != SCRATCH_OCI_SUPPORTED)
            continue;
        if (at > 0)
            printf(at + length > LINE ? "\n" : " ");
        at = at + length > LINE ? length : at + length + 1;
        write_word(key.key, length);
    }
    putchar('\n');
}

static void write_other_keys(enum scratch_oci_support support)
{
    struct scratch_oci_key key;
    for (size_t i = 0; scratch_oci_key(i, &key) == 0; i++) {
        if (key.support != support || !*key.why)
            continue;
        printf(".TP\n.B ");
        write_word(key.key, strlen(key.key));
        putchar('\n');
        write_text(key.why);
    }
}

static void write_partly_supported_keys(void)
{
    write_other_keys(SCRATCH_OCI_SUPPORTED);
}

static void write_ignored_keys(void)
{
    write_other_keys(SCRATCH_OCI_IGNORED);
}

static void write_refused_keys(void)
{
    write_other_keys(SCRATCH_OCI_REFUSED);
}

const struct insertion page_insertions[] = {
    {"supported-keys", write_supported_keys},
    {"partly-supported-keys", write_partly_supported_keys},
    {"ignored-keys", write_ignored_keys},
    {"refused-keys", write_refused_keys},
    {"title", write_title},
    {"synopsis", write_synopsis},
    {"own-options", write_own_options},
    {"commands", write_commands},
    {NULL, NULL},
};
