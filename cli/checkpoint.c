/* SPDX-License-Identifier: MIT */
/*
 * scratchctl checkpoint, restore: what container engines ask runtimes for, and is not there.
 */
#include "cli/command.h"
#include "cli/report.h"

#include <errno.h>
#include <string.h>

static int refuse(const struct command *self, char **argv)
{
    const struct scratch_error err = {
        .errnum = ENOTSUP,
        .what = "checkpoint or restore a container",
        .cause = "scratchctl does neither: the state of processes is not written to disk",
        .hint = "use crun or runc for this container, with criu",
    };
    for (; *argv; argv++)
        if (strcmp(*argv, "-h") == 0 || strcmp(*argv, "--help") == 0)
            return help_print(self);
    report_error(&err);
    return 1;
}

static const struct option options[] = {{0}};

const struct command command_checkpoint = {
    .name = "checkpoint",
    .synopsis = "ID",
    .summary = "Is not supported.",
    .notes = "",
    .options = options,
    .run = refuse,
};

const struct command command_restore = {
    .name = "restore",
    .synopsis = "ID",
    .summary = "Is not supported.",
    .notes = "",
    .options = options,
    .run = refuse,
};
