/* SPDX-License-Identifier: MIT */
/*
 * scratchctl stop: ask containers to end, and make them.
 */
#include "cli/kept.h"
#include "cli/report.h"
#include "cli/values.h"

#include <stdint.h>
#include <stdio.h>

struct arguments {
    int seconds;
};

static int stop(scratch_container *container, const void *arguments, struct scratch_error *err)
{
    const struct arguments *a = arguments;
    int rc = scratch_container_stop(container, a->seconds * 1000, err);
    if (rc == 0)
        puts(scratch_container_id(container));
    return rc;
}

static int run_stop(const struct command *self, char **argv)
{
    struct arguments arguments = {10};
    struct words words;
    if (!kept_parse(self, argv, &arguments, 1, SIZE_MAX, &words))
        return words.status;
    int status = kept_each(&words, stop, &arguments);
    int written = report_written();
    return status ? status : written;
}

static int take_seconds(const struct option *option, void *target, const char *value,
                        struct scratch_error *err)
{
    return value_integer(value, 0, INT32_MAX / 1000, option_member(option, target), err);
}

static const struct option options[] = {
    {"time", 't', "SECONDS", "how long to wait for it before it is killed (10)", take_seconds,
     offsetof(struct arguments, seconds)},
    {0},
};

const struct command command_stop = {
    .name = "stop",
    .synopsis = "[options] ID...",
    .summary = "Ask containers to end (SIGTERM), and kill them when they do not.",
    .notes = "The ids of those that have ended are printed.\n",
    .options = options,
    .run = run_stop,
};
