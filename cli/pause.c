/* SPDX-License-Identifier: MIT */
/*
 * scratchctl pause, resume: freeze containers, and let them run again.
 */
#include "cli/kept.h"

#include <stdint.h>

static int pause_one(scratch_container *container, const void *arguments, struct scratch_error *err)
{
    (void)arguments;
    return scratch_container_pause(container, err);
}

static int resume_one(scratch_container *container, const void *arguments,
                      struct scratch_error *err)
{
    (void)arguments;
    return scratch_container_resume(container, err);
}

static int run_pause(const struct command *self, char **argv)
{
    struct words words;
    if (!kept_parse(self, argv, NULL, 1, SIZE_MAX, &words))
        return words.status;
    return kept_each(&words, self == &command_pause ? pause_one : resume_one, NULL);
}

static const struct option options[] = {
    {0},
};

const struct command command_pause = {
    .name = "pause",
    .synopsis = "ID...",
    .summary = "Freeze all processes of containers.",
    .notes = "It takes a control group: containers that are named, or detached, have one.\n",
    .options = options,
    .run = run_pause,
};

const struct command command_resume = {
    .name = "resume",
    .synopsis = "ID...",
    .summary = "Let the processes of paused containers run again.",
    .notes = "",
    .options = options,
    .run = run_pause,
};
