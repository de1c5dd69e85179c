/* SPDX-License-Identifier: MIT */
/*
 * The handle to a group: its directory in each hierarchy that it is in.
 */
#ifndef CGROUP_HANDLE_H
#define CGROUP_HANDLE_H

#include <scratch/cgroup.h>
#include "cgroup/layout.h"

struct cgroup_member {
    struct cgroup_hierarchy hierarchy;
    const char *controller; /* one that is in it */
    int fd;
};

struct scratch_cgroup {
    char *path;
    struct cgroup_member member[LAYOUT_CONTROLLERS]; /* each hierarchy once */
    int count;
};

/* The member that a controller is in, or NULL. */
const struct cgroup_member *member_of(const scratch_cgroup *group, const char *controller);

#endif
