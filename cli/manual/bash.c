/* SPDX-License-Identifier: MIT */
/*
 * The parts of scratchctl.bash.in that are tables: branches of its case statements.
 */
#include "cli/manual/generate.h"

#include <stdio.h>

static const char *name_of(const struct command *command)
{
    return command ? command->name : "''";
}

static void write_commands(void)
{
    printf("    commands='");
    for (const struct command *const *c = commands; *c; c++)
        printf("%s%s", c == commands ? "" : " ", (*c)->name);
    printf("'\n");
}

/* ---- names of options ----------------------------------------------------------------------- */

static void write_name(const struct command *command, const struct option *option)
{
    (void)command;
    if (option->name)
        printf(" --%s", option->name);
    if (option->letter)
        printf(" -%c", option->letter);
}

static void write_names(const struct command *command)
{
    printf("    %s) options='--", name_of(command));
    options_visit(command, write_name);
    printf("' ;;\n");
}

static void write_options(void)
{
    write_names(NULL);
    for (const struct command *const *c = commands; *c; c++)
        write_names(*c);
}

/* ---- values --------------------------------------------------------------------------------- */

static void write_value(const struct value *value)
{
    printf(") words='%s' source='%s' ;;\n", value->words, value_source_name(value->source));
}

static void write_option_value(const struct command *command, const struct option *option)
{
    struct value value = option->name ? value_of_option(option) : (struct value){.taken = false};
    if (!value.taken)
        return;
    printf("    %s--%s", command ? command->name : "", option->name);
    if (value.optional)
        printf("=");
    else if (option->letter)
        printf(" | %s-%c", command ? command->name : "", option->letter);
    write_value(&value);
}

static void write_values(void)
{
    options_visit(NULL, write_option_value);
    for (const struct command *const *c = commands; *c; c++)
        options_visit(*c, write_option_value);
}

static void write_operands(void)
{
    for (const struct command *const *c = commands; *c; c++) {
        struct value value = value_of_operands(*c);
        printf("    %s", (*c)->name);
        write_value(&value);
    }
}

const struct insertion bash_insertions[] = {
    {"bash-commands", write_commands},
    {"bash-options", write_options},
    {"bash-values", write_values},
    {"bash-operands", write_operands},
    {NULL, NULL},
};
