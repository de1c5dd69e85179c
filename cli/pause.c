/* SPDX-License-Identifier: MIT */
/*
 * scratchctl pause, resume: freeze all processes of a container, and let them run again.
 */
#include "cli/kept.h"
#include "cli/report.h"

#include <errno.h>
#include <stdio.h>

/* Only what runs can be paused, and only what is paused goes on. */
static int check_status(const struct scratch_container_state *state, bool pause,
                        struct scratch_error *err)
{
    enum scratch_status status = state->status;
    bool good = pause ? status == SCRATCH_STATUS_RUNNING || status == SCRATCH_STATUS_CREATED
                      : status == SCRATCH_STATUS_PAUSED;
    if (good)
        return 0;
    *err = (struct scratch_error){.errnum = EINVAL};
    snprintf(err->what, sizeof err->what, "%s the container", pause ? "pause" : "resume");
    snprintf(err->subject, sizeof err->subject, "%s", state->id);
    snprintf(err->cause, sizeof err->cause, "%s: it is %s",
             pause ? "container not running" : "container not paused", scratch_status_name(status));
    return -EINVAL;
}

static int change(const char *id, bool pause, struct scratch_error *err)
{
    struct scratch_container_state state = SCRATCH_CONTAINER_STATE_INIT;
    scratch_container *container;
    scratch_cgroup *group = NULL;
    int rc = kept_open(id, &container, &state, err);
    if (rc < 0)
        return rc;
    rc = check_status(&state, pause, err);
    if (rc == 0)
        rc = kept_group(&state, &group, err);
    if (rc == 0)
        rc = pause ? scratch_cgroup_freeze(group, err) : scratch_cgroup_thaw(group, err);
    scratch_cgroup_free(group);
    scratch_container_free(container);
    return rc;
}

static int run(const struct command *self, char **argv)
{
    struct words words;
    struct scratch_error err = {0};
    if (!kept_parse(self, argv, NULL, 1, 1, &words))
        return words.status;
    return change(words.word[0], self == &command_pause, &err) < 0 ? (int)report_error(&err) : 0;
}

static const struct option options[] = {{0}};

const struct command command_pause = {
    .name = "pause",
    .synopsis = "ID",
    .summary = "Stop all processes of a container, until it is resumed.",
    .notes = "",
    .options = options,
    .run = run,
};

const struct command command_resume = {
    .name = "resume",
    .synopsis = "ID",
    .summary = "Let a paused container go on.",
    .notes = "",
    .options = options,
    .run = run,
};
