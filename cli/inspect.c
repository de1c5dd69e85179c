/* SPDX-License-Identifier: MIT */
/*
 * scratchctl inspect: all that is known of containers, as JSON.
 */
#include "cli/kept.h"
#include "cli/report.h"

#include <stdint.h>
#include <stdio.h>

static int show(scratch_container *container, const void *arguments, struct scratch_error *err)
{
    struct scratch_container_state state = SCRATCH_CONTAINER_STATE_INIT;
    struct output *const *output = arguments;
    int rc = scratch_container_state(container, &state, err);
    if (rc == 0)
        kept_details(*output, &state);
    return rc;
}

static int run_inspect(const struct command *self, char **argv)
{
    struct words words;
    struct output output = {stdout, false}, *to = &output;
    if (!kept_parse(self, argv, NULL, 1, SIZE_MAX, &words))
        return words.status;
    output_open(to, NULL, '[');
    int status = kept_each(&words, show, &to);
    output_close(to, ']');
    putchar('\n');
    int written = report_written();
    return status ? status : written;
}

static const struct option options[] = {
    {0},
};

const struct command command_inspect = {
    .name = "inspect",
    .synopsis = "ID...",
    .summary = "Print all that is known of containers, as an array in JSON.",
    .notes = "",
    .options = options,
    .run = run_inspect,
};
