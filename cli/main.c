/* SPDX-License-Identifier: MIT */
/*
 * scratchctl: libscratch at a prompt.
 */
#include "cli/command.h"
#include "cli/report.h"

#include <stdio.h>
#include <scratch/version.h>

static int print_version(void)
{
    printf("scratchctl (libscratch) %s\n", scratch_version());
    return report_written();
}

int main(int argc, char **argv)
{
    struct operands operands = {NULL, 0, NULL};
    struct scratch_error err;
    int rc =
        argc < 1 ? 0 : options_parse(main_options, OPTIONS_FIRST, argv + 1, NULL, &operands, &err);
    if (rc == OPTION_HELP)
        return help_print(NULL);
    if (rc == OPTION_VERSION)
        return print_version();
    if (rc == 0 && !(operands.command && *operands.command)) {
        rc = usage_error(&err, NULL, "such as: scratchctl run -- ps", "there is none");
        snprintf(err.what, sizeof err.what, "command");
    }
    const struct command *command = rc < 0 ? NULL : command_find(operands.command[0], &err);
    return command ? command->run(command, operands.command + 1) : (int)report_usage(&err, "");
}
