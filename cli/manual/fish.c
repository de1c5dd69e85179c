/* SPDX-License-Identifier: MIT */
/*
 * The parts of scratchctl.fish.in that are tables: calls of complete(1) of fish.
 */
#include "cli/manual/generate.h"

#include <stdio.h>
#include <string.h>

/* What fish runs to find the values of a source. */
static const char *const functions[] = {
    [VALUE_FREE] = "",
    [VALUE_FILES] = "",
    [VALUE_DIRECTORIES] = "(__fish_complete_directories)",
    [VALUE_VARIABLES] = "(set --names --export)=",
    [VALUE_CONTAINERS] = "(scratchctl ps -aq 2>/dev/null)",
};

static void write_quoted(const char *text)
{
    putchar('\'');
    for (; *text; text++) {
        if (strchr("'\\", *text))
            putchar('\\');
        putchar(*text == '\n' ? ' ' : *text);
    }
    putchar('\'');
}

/* Arguments of complete that say what can be given, and whether files can. */
static void write_value(const struct value *value)
{
    if (value->taken && !value->optional)
        printf(" -r");
    printf(value->source == VALUE_FILES ? " -F" : " -f");
    if (value->words[0] || functions[value->source][0])
        printf(" -a '%s %s'", value->words, functions[value->source]);
}

static void write_condition(const struct command *command)
{
    if (command)
        printf("complete -c scratchctl -n '__scratchctl_in %s'", command->name);
    else
        printf("complete -c scratchctl -n __scratchctl_first");
}

static void write_option(const struct command *command, const struct option *option)
{
    if (option_is_heading(option))
        return;
    struct value value = value_of_option(option);
    write_condition(command);
    printf(" -l %s", option->name);
    if (option->letter)
        printf(" -s %c", option->letter);
    if (value.taken)
        write_value(&value);
    printf(" -d ");
    write_quoted(option->help);
    putchar('\n');
}

static void write_operands(const struct command *command)
{
    struct value value = value_of_operands(command);
    if (!value.words[0] && value.source == VALUE_FREE)
        return;
    printf("complete -c scratchctl -n '__scratchctl_operand %s'", command->name);
    write_value(&value);
    putchar('\n');
}

static void write_commands(void)
{
    for (const struct command *const *c = commands; *c; c++) {
        write_condition(NULL);
        printf(" -f -a %s -d ", (*c)->name);
        write_quoted((*c)->summary);
        putchar('\n');
    }
}

static void write_options(void)
{
    options_visit(NULL, write_option);
    for (const struct command *const *c = commands; *c; c++) {
        putchar('\n');
        options_visit(*c, write_option);
        write_operands(*c);
    }
}

static void write_valued_name(const struct command *command, const struct option *option)
{
    (void)command;
    if (option->argument && !option_is_optional(option))
        printf(" --%s", option->name);
}

/* The options before a command whose value is the next word. */
static void write_valued(void)
{
    printf("    set -l valued");
    options_visit(NULL, write_valued_name);
    putchar('\n');
}

const struct insertion fish_insertions[] = {
    {"fish-commands", write_commands},
    {"fish-options", write_options},
    {"fish-valued", write_valued},
    {NULL, NULL},
};
