/* SPDX-License-Identifier: MIT */
/*
 * scratchctl update: other limits for a container that runs.
 */
#include "cli/kept.h"
#include "cli/limits.h"
#include "cli/report.h"

#include <stdint.h>

struct arguments {
    struct pool pool;
    struct limits limits;
};

static int update(scratch_container *container, const void *arguments, struct scratch_error *err)
{
    const struct arguments *a = arguments;
    return scratch_container_update(container, &a->limits.cgroup, err);
}

static int run_update(const struct command *self, char **argv)
{
    struct arguments a = {.pool = {0}};
    struct scratch_error err;
    struct words words;
    size_t room = 1;
    while (argv[room - 1])
        room++;
    limits_begin(&a.limits, &a.pool, room);
    int status = 0;
    if (!kept_parse(self, argv, &a, 1, SIZE_MAX, &words))
        status = words.status;
    else if (limits_end(&a.limits, &err) < 0)
        status = (int)report_usage(&err, self->name);
    else
        status = kept_each(&words, update, &a);
    pool_free(&a.pool);
    return status;
}

static const struct option options[] = {
    LIMIT_OPTIONS(offsetof(struct arguments, limits)),
    {0},
};

const struct command command_update = {
    .name = "update",
    .synopsis = "[options] ID...",
    .summary = "Change the limits of containers that run.",
    .notes = "What no option is about stays as it is.\n",
    .options = options,
    .run = run_update,
};
