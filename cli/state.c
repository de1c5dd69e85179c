/* SPDX-License-Identifier: MIT */
/*
 * scratchctl state: what is known of a container, as the OCI runtime specification wants it.
 */
#include "cli/kept.h"
#include "cli/report.h"

#include <stdio.h>

static int run_state(const struct command *self, char **argv)
{
    struct words words;
    struct scratch_container_state state = SCRATCH_CONTAINER_STATE_INIT;
    struct output output = {stdout, false};
    scratch_container *container;
    struct scratch_error err;
    if (!kept_parse(self, argv, NULL, 1, 1, &words))
        return words.status;
    if (kept_open(words.word[0], &container, &state, &err) < 0)
        return (int)report_error(&err);
    kept_output(&output, &state);
    putchar('\n');
    scratch_container_free(container);
    return report_written();
}

static const struct option options[] = {{0}};

const struct command command_state = {
    .name = "state",
    .synopsis = "ID",
    .summary = "Say what state a container is in, in JSON.",
    .notes = "",
    .options = options,
    .run = run_state,
};
