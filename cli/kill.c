/* SPDX-License-Identifier: MIT */
/*
 * scratchctl kill: send a signal to a container.
 */
#include "cli/kept.h"
#include "cli/report.h"
#include "cli/signal.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>

struct arguments {
    bool all;
    const char *signal;
};

/* Engines know by these words that it is too late, and take it for no failure. */
static void say_ended(struct scratch_error *err, const char *id)
{
    *err = (struct scratch_error){.errnum = ESRCH};
    snprintf(err->what, sizeof err->what, "signal the container");
    snprintf(err->subject, sizeof err->subject, "%s", id);
    snprintf(err->cause, sizeof err->cause, "container not running: process already finished");
}

/*
 * Without a pid namespace of its own the other processes do not end with the first: runc kills them
 * with it, and so it is here. With one it is all the same.
 */
static bool is_for_all(const struct scratch_container_state *state, int number)
{
    return number == SIGKILL && state->cgroup;
}

static int send_signal(scratch_container *container, const struct scratch_container_state *state,
                       bool all, int number, struct scratch_error *err)
{
    int rc = all || is_for_all(state, number) ? scratch_container_kill_all(container, number, err)
                                              : scratch_container_signal(container, number, err);
    if (all && rc == -ESRCH)
        return 0; /* whatever is left is to get it */
    if (rc == -ESRCH)
        say_ended(err, state->id);
    return rc;
}

static int kill_one(const char *id, bool all, int number)
{
    struct scratch_container_state state = SCRATCH_CONTAINER_STATE_INIT;
    scratch_container *container;
    struct scratch_error err;
    int rc = kept_open(id, &container, &state, &err);
    if (rc < 0)
        return (int)report_error(&err);
    rc = send_signal(container, &state, all, number, &err);
    int status = rc < 0 ? (int)report_error(&err) : 0;
    scratch_container_free(container);
    return status;
}

static int run_kill(const struct command *self, char **argv)
{
    struct arguments arguments = {false, NULL};
    struct words words;
    struct scratch_error err;
    int number = SIGTERM, status = 0;
    if (!kept_parse(self, argv, &arguments, 1, SIZE_MAX, &words))
        return words.status;
    if (!arguments.signal && words.count > 1)
        arguments.signal = words.word[--words.count];
    if (arguments.signal && signal_parse(arguments.signal, &number, &err) < 0)
        return (int)report_usage(&err, self->name);
    for (size_t i = 0; i < words.count; i++) {
        int failed = kill_one(words.word[i], arguments.all, number);
        status = failed ? failed : status;
    }
    return status;
}

#define MEMBER(name) offsetof(struct arguments, name)

static const struct option options[] = {
    {"all", 'a', NULL, "to all its processes", option_flag, MEMBER(all)},
    {"signal", 's', "SIGNAL", "which signal (TERM)", option_text, MEMBER(signal)},
    {0},
};

const struct command command_kill = {
    .name = "kill",
    .synopsis = "[options] ID... [SIGNAL]",
    .summary = "Send a signal to containers' first processes.",
    .notes =
        "SIGNAL is a name, with or without SIG, or a number; TERM when there is none. It is the\n"
        "last of several words, unless it is given with -s.\n",
    .options = options,
    .run = run_kill,
};
