/* SPDX-License-Identifier: MIT */
/*
 * scratchctl logs: what a detached container has written.
 */
#include "cli/kept.h"
#include "cli/report.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A file cannot be polled: how often to look whether there is more, in milliseconds. */
#define LOOK_AGAIN 100

struct arguments {
    bool follow;
};

static int failed(struct scratch_error *err, int errnum, const char *what)
{
    *err = (struct scratch_error){.errnum = errnum};
    snprintf(err->what, sizeof err->what, "%s", what);
    return -errnum;
}

/* What there is, from where the file stands. */
static int copy(int log, struct scratch_error *err)
{
    char text[65536];
    ssize_t n;
    while ((n = read(log, text, sizeof text)) > 0)
        for (ssize_t at = 0, m; at < n; at += m)
            if ((m = write(STDOUT_FILENO, text + at, (size_t)(n - at))) < 0)
                return failed(err, errno, "write what the container has written");
    return n < 0 ? failed(err, errno, "read the log") : 0;
}

/* True once the container has ended: what is read after that is all. */
static bool wait_for_more(const scratch_container *container)
{
    struct pollfd end = {.fd = scratch_container_pidfd(container), .events = POLLIN};
    return end.fd < 0 || poll(&end, 1, LOOK_AGAIN) > 0;
}

static int show(scratch_container *container, const void *arguments, struct scratch_error *err)
{
    const struct arguments *a = arguments;
    int log = scratch_container_log(container, err);
    if (log < 0)
        return log;
    int rc = copy(log, err);
    for (bool ended = !a->follow; rc == 0 && !ended;) {
        ended = wait_for_more(container);
        rc = copy(log, err);
    }
    close(log);
    return rc;
}

static int run_logs(const struct command *self, char **argv)
{
    struct arguments arguments = {false};
    struct words words;
    if (!kept_parse(self, argv, &arguments, 1, 1, &words))
        return words.status;
    return kept_each(&words, show, &arguments);
}

static const struct option options[] = {
    {"follow", 'f', NULL, "and what it writes from now on, until it ends", option_flag,
     offsetof(struct arguments, follow)},
    {0},
};

const struct command command_logs = {
    .name = "logs",
    .synopsis = "[options] ID",
    .summary = "Print what a detached container has written.",
    .notes = "",
    .options = options,
    .run = run_logs,
};
