/* SPDX-License-Identifier: MIT */
/*
 * scratchctl wait: until containers have ended, and how.
 */
#include "cli/groups.h"
#include "cli/kept.h"
#include "cli/report.h"

#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

/* How often to look whether a starter has done its work, in microseconds. */
#define STARTER_US 10000

/* On standard error: what is printed are numbers. */
static void say_what_killed_it(scratch_container *container)
{
    struct scratch_container_state state = SCRATCH_CONTAINER_STATE_INIT;
    struct scratch_error said = {.what = "killed"};
    if (scratch_container_state(container, &state, NULL) < 0 || state.oom.kills == 0)
        return;
    snprintf(said.subject, sizeof said.subject, "%s", state.id);
    groups_oom(said.cause, &state.oom);
    report_error(&said);
}

static int wait_for(scratch_container *container, const void *arguments, struct scratch_error *err)
{
    struct scratch_container_state state = SCRATCH_CONTAINER_STATE_INIT;
    (void)arguments;
    int status = scratch_container_state(container, &state, err);
    while (status == 0 && state.status == SCRATCH_STATUS_CREATING) {
        usleep(STARTER_US);
        status = scratch_container_state(container, &state, err);
    }
    if (status == 0)
        status = scratch_container_wait(container, err);
    if (status >= 0)
        printf("%d\n", status);
    say_what_killed_it(container);
    return status;
}

static int run_wait(const struct command *self, char **argv)
{
    struct words words;
    if (!kept_parse(self, argv, NULL, 1, SIZE_MAX, &words))
        return words.status;
    int status = kept_each(&words, wait_for, NULL);
    int written = report_written();
    return status ? status : written;
}

static const struct option options[] = {
    {0},
};

const struct command command_wait = {
    .name = "wait",
    .synopsis = "ID...",
    .summary = "Wait until containers have ended, and print their exit statuses.",
    .notes = "",
    .options = options,
    .run = run_wait,
};
