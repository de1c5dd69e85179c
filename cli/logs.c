/* SPDX-License-Identifier: MIT */
/*
 * scratchctl logs: what a detached container has written.
 */
#include "cli/kept.h"
#include "cli/report.h"
#include "cli/values.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A file cannot be polled: how often to look whether there is more, in milliseconds. */
#define LOOK_AGAIN 100

struct arguments {
    bool follow;
    int lines; /* so many of the last ones; -1: all */
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

/* A newline at the very end belongs to the last line. Returns where they begin, or -errno. */
static off_t find_last(int log, int lines)
{
    char text[65536];
    off_t at = lseek(log, 0, SEEK_END) - (lines > 0);
    while (lines > 0 && at > 0) {
        size_t size = at > (off_t)sizeof text ? sizeof text : (size_t)at;
        at -= (off_t)size;
        if (pread(log, text, size, at) != (ssize_t)size)
            return -EIO;
        while (size > 0)
            if (text[--size] == '\n' && --lines == 0)
                return at + (off_t)size + 1;
    }
    return at < 0 ? 0 : at;
}

/* The file stands at its beginning. */
static int skip(int log, int lines, struct scratch_error *err)
{
    off_t at = lines < 0 ? 0 : find_last(log, lines);
    if (at < 0 || lseek(log, at, SEEK_SET) < 0)
        return failed(err, at < 0 ? (int)-at : errno, "find the last lines of the log");
    return 0;
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
    int rc = skip(log, a->lines, err);
    if (rc == 0)
        rc = copy(log, err);
    for (bool ended = !a->follow; rc == 0 && !ended;) {
        ended = wait_for_more(container);
        rc = copy(log, err);
    }
    close(log);
    return rc;
}

static int run_logs(const struct command *self, char **argv)
{
    struct arguments arguments = {false, -1};
    struct words words;
    if (!kept_parse(self, argv, &arguments, 1, 1, &words))
        return words.status;
    return kept_each(&words, show, &arguments);
}

static int take_lines(const struct option *option, void *target, const char *value,
                      struct scratch_error *err)
{
    int *lines = option_member(option, target);
    *lines = -1;
    if (strcmp(value, "all") == 0 || strcmp(value, "-1") == 0)
        return 0;
    return value_integer(value, 0, INT32_MAX, lines, err);
}

static const struct option options[] = {
    {"follow", 'f', NULL, "and what it writes from now on, until it ends", option_flag,
     offsetof(struct arguments, follow)},
    {"tail", 'n', "N", "the last N lines alone; all: the whole of it", take_lines,
     offsetof(struct arguments, lines)},
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
