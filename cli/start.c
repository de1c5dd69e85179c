/* SPDX-License-Identifier: MIT */
/*
 * scratchctl start: let the command of a created container run.
 */
#include "cli/kept.h"
#include "cli/notify.h"
#include "cli/oci.h"
#include "cli/report.h"

static int run_start(const struct command *self, char **argv)
{
    struct words words;
    scratch_container *container;
    struct scratch_error err;
    if (!kept_parse(self, argv, NULL, 1, 1, &words))
        return words.status;
    int rc = kept_open(words.word[0], &container, NULL, &err);
    if (rc == 0) {
        int notify;
        rc = notify_listen(container, &notify, &err);
        if (rc == 0)
            rc = scratch_container_start(container, &err);
        if (rc == 0)
            rc = oci_started(container, &err);
        if (rc == 0)
            notify_wait(notify, container);
        scratch_container_free(container);
    }
    return rc < 0 ? (int)report_error(&err) : 0;
}

static const struct option options[] = {{0}};

const struct command command_start = {
    .name = "start",
    .synopsis = "ID",
    .summary = "Let the command of a created container run.",
    .notes = "",
    .options = options,
    .run = run_start,
};
