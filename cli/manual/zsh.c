/* SPDX-License-Identifier: MIT */
/*
 * The parts of scratchctl.zsh.in that are tables: specifications for _arguments, zshcompsys(1).
 */
#include "cli/manual/generate.h"

#include <stdio.h>
#include <string.h>

/* In single quotes, where _arguments reads '[', ']' and ':' for itself. */
static void write_text(const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            printf("'\\'");
        else if (strchr("[]:\\", *text))
            putchar('\\');
        putchar(*text == '\n' ? ' ' : *text);
    }
}

static void write_value(const char *message, const struct value *value)
{
    printf(value->optional ? "::" : ":");
    write_text(message);
    if (!value->words[0] && value->source == VALUE_FREE) {
        printf(": ");
        return;
    }
    printf(": _scratchctl_value \"");
    write_text(value->words);
    printf("\" \"%s\"", value_source_name(value->source));
}

/* form: how the value follows it */
static void write_form(const char *dashes, const char *name, const char *form,
                       const struct option *option, const struct value *value)
{
    printf("        '*%s%s%s[", dashes, name, form);
    write_text(option->help);
    printf("]");
    if (value->taken)
        write_value(option->argument, value);
    printf("'\n");
}

static void write_option(const struct command *command, const struct option *option)
{
    const struct value none = {.taken = false};
    (void)command;
    if (option_is_heading(option))
        return;
    struct value value = value_of_option(option);
    const char letter[] = {option->letter, '\0'};
    write_form("--", option->name, value.optional ? "=-" : value.taken ? "=" : "", option, &value);
    if (option->letter && value.optional)
        write_form("-", letter, "", option, &none);
    else if (option->letter)
        write_form("-", letter, value.taken ? "+" : "", option, &value);
}

static void write_own_options(void)
{
    options_visit(NULL, write_option);
}

static void write_operands(const struct command *command)
{
    struct value value = value_of_operands(command);
    if (!value.words[0] && value.source == VALUE_FREE)
        return;
    printf("        '*");
    write_value(command->synopsis, &value);
    printf("'\n");
}

static void write_commands(void)
{
    for (const struct command *const *c = commands; *c; c++) {
        printf("        '%s:", (*c)->name);
        write_text((*c)->summary);
        printf("'\n");
    }
}

static void write_command_options(void)
{
    for (const struct command *const *c = commands; *c; c++) {
        printf("    %s) specs=(\n", (*c)->name);
        options_visit(*c, write_option);
        write_operands(*c);
        printf("    ) ;;\n");
    }
}

const struct insertion zsh_insertions[] = {
    {"zsh-commands", write_commands},
    {"zsh-own-options", write_own_options},
    {"zsh-command-options", write_command_options},
    {NULL, NULL},
};
