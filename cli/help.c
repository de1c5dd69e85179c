/* SPDX-License-Identifier: MIT */
#include "cli/command.h"
#include "cli/report.h"

#include <stdio.h>
#include <string.h>

#define COLUMN 27 /* where the descriptions begin */

/* "  -m, --memory SIZE" */
static int format_option(char *text, size_t size, const struct option *option, char short_form)
{
    char letter[] = "    ";
    const char *argument = option->argument ? option->argument : "";
    const char *between = option->argument && !option_is_optional(option) ? " " : "";
    if (short_form)
        memcpy(letter, (char[]){'-', short_form, ',', ' '}, 4);
    return snprintf(text, size, "  %s--%s%s%s", letter, option->name, between, argument);
}

static void print_option(const struct option *option, char letter)
{
    char text[80];
    const char *help = option->help;
    int at = format_option(text, sizeof text, option, letter);
    fputs(text, stdout);
    if (at >= COLUMN - 1) {
        putchar('\n');
        at = 0;
    }
    for (const char *end; (end = strchr(help, '\n')); help = end + 1, at = 0)
        printf("%*s%.*s\n", COLUMN - at, "", (int)(end - help), help);
    printf("%*s%s\n", COLUMN - at, "", help);
}

/* own: the command's table, or NULL. */
static void print_options(const struct option *table, const struct option *own)
{
    for (const struct option *row = table; !option_is_end(row); row++) {
        if (option_is_heading(row))
            printf("\n%s:\n", row->help);
        else
            print_option(row, option_letter(own, row));
    }
}

static void print_commands(void)
{
    printf("Usage: scratchctl COMMAND ...\n"
           "Containers from the Linux kernel's own parts, with libscratch.\n\nCommands:\n");
    for (const struct command *const *c = commands; *c; c++)
        printf("  %-10s %s\n", (*c)->name, (*c)->summary);
}

int help_print(const struct command *command)
{
    if (command)
        printf("Usage: scratchctl %s %s\n%s\n", command->name, command->synopsis, command->summary);
    else
        print_commands();
    if (command)
        print_options(command->options, command->options);
    print_options(options_common, command ? command->options : NULL);
    if (!command)
        print_options(main_options, NULL);
    if (command && *command->notes)
        printf("\n%s", command->notes);
    else if (!command)
        printf("\nTry 'scratchctl help COMMAND' for more of one.\n");
    return report_written();
}

/* ---- scratchctl help ------------------------------------------------------------------------ */

static int run_help(const struct command *self, char **argv)
{
    struct operands operands = {0};
    struct scratch_error err;
    int rc = options_parse(self->options, OPTIONS_FIRST, argv, NULL, &operands, &err);
    if (rc == OPTION_HELP)
        return help_print(self);
    const char *name = rc == 0 && operands.command ? operands.command[0] : NULL;
    if (rc == 0 && !name)
        return help_print(NULL);
    const struct command *command = rc < 0 ? NULL : command_find(name, &err);
    return command ? help_print(command) : (int)report_usage(&err, rc < 0 ? self->name : "");
}

static const struct option no_options[] = {{0}};

const struct command command_help = {
    .name = "help",
    .synopsis = "[COMMAND]",
    .summary = "Say how a command is used.",
    .notes = "",
    .options = no_options,
    .run = run_help,
};
