/* SPDX-License-Identifier: MIT */
/*
 * Groups that have groups below them.
 */
#ifndef CGROUP_TREE_H
#define CGROUP_TREE_H

#include <stdbool.h>

/* Remove a group's directory, and first all below it. 0 or -errno; -EBUSY: there are processes. */
int tree_remove(int dirfd, const char *name);

/* True when a group, or one below it, has processes, or will not tell. */
bool tree_has_processes(int groupfd);

/* The extended attribute of a group that a container made under a name of the caller's. */
#define TREE_MARK "user.libscratch"

/* True for a container's own group: by its name, or its mark. */
bool tree_is_container(int groupfd, const char *name);

#endif
