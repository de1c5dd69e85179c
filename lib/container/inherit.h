/* SPDX-License-Identifier: MIT */
/*
 * What a process more in a container has of the container's own.
 */
#ifndef CONTAINER_INHERIT_H
#define CONTAINER_INHERIT_H

#include "container/handle.h"

struct sock_filter;

/* Options that are complete, and what they point to. */
struct inherited {
    struct scratch_process_options process;
    const char **env, **group_names;
    gid_t *groups;
    struct scratch_rlimit *rlimits;
    struct scratch_landlock_rule *landlock;
    struct scratch_landlock_port *ports;
    struct sock_filter *filter;
};

/* The process that is asked for, with what it shall inherit. Free it whatever is returned. */
int inherit(const struct scratch_container *c, const struct scratch_exec_options *options,
            struct inherited *result, struct scratch_error *err);
void inherit_free(struct inherited *result);

#endif
