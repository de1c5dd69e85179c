/* SPDX-License-Identifier: MIT */
/*
 * scratchctl: libscratch at a prompt.
 */
#include "cli/command.h"
#include "cli/globals.h"
#include "cli/report.h"

#include <stdio.h>
#include <scratch/version.h>

static int print_version(void)
{
    printf("scratchctl (libscratch) %s\n", scratch_version());
    return report_written();
}

/* The command's name, and what is typed behind it. */
static int run_command(char **argv)
{
    struct scratch_error err;
    const struct command *command = argv && argv[0] ? command_find(argv[0], &err) : NULL;
    if (command && command != &command_run && command != &command_exec)
        report_failures_as(STATUS_FAILED);
    if (command)
        return command->run(command, argv + 1);
    if (!argv || !argv[0]) {
        usage_error(&err, NULL, "such as: scratchctl run -- ps", "there is none");
        snprintf(err.what, sizeof err.what, "command");
    }
    return report_usage(&err, "");
}

int main(int argc, char **argv)
{
    struct operands operands = {NULL, 0, NULL};
    struct scratch_error err;
    char **first = argc > 0 ? argv + 1 : argv; /* before 5.18 there may be none at all */
    int rc = options_parse(main_options, OPTIONS_FIRST, first, &globals, &operands, &err);
    if (rc == OPTION_HELP)
        return help_print(NULL);
    if (rc == OPTION_VERSION)
        return print_version();
    return rc < 0 ? (int)report_usage(&err, "") : run_command(operands.command);
}
