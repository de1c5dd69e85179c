/* SPDX-License-Identifier: MIT */
/*
 * scratchctl rm: remove containers that have ended; and what was left by killed starters.
 */
#include "cli/kept.h"
#include "cli/report.h"

#include <stdint.h>
#include <stdio.h>

struct arguments {
    bool force;
};

static int remove_one(scratch_container *container, const void *arguments,
                      struct scratch_error *err)
{
    const struct arguments *a = arguments;
    int rc = scratch_container_delete(container, a->force, err);
    if (rc == 0)
        puts(scratch_container_id(container));
    return rc;
}

static int run_rm(const struct command *self, char **argv)
{
    struct arguments arguments = {false};
    struct words words;
    if (!kept_parse(self, argv, &arguments, 1, SIZE_MAX, &words))
        return words.status;
    words.may_be_absent = arguments.force;
    int status = kept_each(&words, remove_one, &arguments);
    scratch_sweep(NULL);
    int written = report_written();
    return status ? status : written;
}

static const struct option options[] = {
    {"force", 'f', NULL,
     "kill them first when they still run; those that\nare not there are no failure", option_flag,
     offsetof(struct arguments, force)},
    {0},
};

const struct command command_rm = {
    .name = "rm",
    .synopsis = "[options] ID...",
    .summary = "Remove containers that have ended: their logs, and what is known of them.",
    .notes = "The ids of those that are removed are printed.\n",
    .options = options,
    .run = run_rm,
};
