/* SPDX-License-Identifier: MIT */
/*
 * The groups that a process more in a container is put into.
 */
#ifndef CONTAINER_GROUPS_H
#define CONTAINER_GROUPS_H

#include "cgroup/compile.h"
#include "container/handle.h"

/* Directories of groups; ends with NULL. */
struct joined_groups {
    const char *list[CGROUP_DIRECTORIES_MAX + 1];
    char *below[CGROUP_DIRECTORIES_MAX]; /* those of them that are not the container's own */
};

/* The container's own, or as scratch_exec_options.cgroups asks. Free it when it returns 0. */
int groups_to_join(const struct scratch_container *c, const char *const *asked,
                   struct joined_groups *groups, struct scratch_error *err);
void groups_free(struct joined_groups *groups);

/* Which of them has the memory controller, or NULL. */
const char *groups_memory(const struct scratch_container *c, const struct joined_groups *groups);

/* v2: where the container's first process is, in place of its group; false: it is in that. */
bool groups_follow_first(const struct scratch_container *c, struct joined_groups *groups);

#endif
