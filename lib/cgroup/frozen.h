/* SPDX-License-Identifier: MIT */
#ifndef CGROUP_FROZEN_H
#define CGROUP_FROZEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* True when what is in a group does not run: it, or one above it, is frozen. */
bool frozen_is(int groupfd);

/* 1, 0, or -ENOENT: the group's hierarchy cannot freeze. On v1 "half" is 0. */
int frozen_read(int groupfd);

/* Ask for it; whether it has come about frozen_read() tells. */
int frozen_set(int groupfd, bool frozen);

/* True where a process is in a frozen group of v1's, whose directory is given: it does not die. */
bool frozen_group_of(pid_t pid, char *directory, size_t size);

/* Take it out of there, to the top of the hierarchy, where nothing is frozen: if it is allowed. */
bool frozen_group_leave(pid_t pid);

#endif
