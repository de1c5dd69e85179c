/* SPDX-License-Identifier: MIT */
/*
 * A plan whose process joins a container that is there: the same program, in another order.
 *
 * scratch-init is executed in the caller's namespaces, and made non-dumpable there. Then it enters
 * all of the container's at once, and makes the process that becomes the command, which is the
 * caller's child and not its own. Nothing is executed in between: an exec inside would open its
 * memory and its fds to a hostile process there.
 */
#ifndef PLAN_JOIN_H
#define PLAN_JOIN_H

#include "plan/plan.h"

struct plan_join {
    pid_t pid;                 /* of a process in the container */
    int pidfd;                 /* the same */
    const char *const *groups; /* directories of its group; ends with NULL */
    const struct scratch_process_options *process;
    const struct scratch_terminal_options *terminal; /* or NULL */
};

int plan_compile_join(const struct plan_join *join, scratch_plan **plan, struct scratch_error *err);

#endif
