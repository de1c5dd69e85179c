/* SPDX-License-Identifier: MIT */
#ifndef CGROUP_SWEEP_H
#define CGROUP_SWEEP_H

#include <scratch/plan.h>
#include <stdbool.h>

/* Called with the inode number of a group in which processes were killed for want of memory. */
typedef void cgroup_oom_visit(uint64_t inode, const struct scratch_container_oom *oom);

/* Remove the groups of containers that nobody holds. Returns how many there were. */
int cgroup_sweep(cgroup_oom_visit *died);

/* Remove one group, of any name, if nobody holds it and nothing runs in it. died may be NULL. */
bool cgroup_sweep_group(int above, const char *name, cgroup_oom_visit *died);

/* What has become of a group that nobody holds, if it is a scope of the caller's systemd. */
enum scope_left {
    SCOPE_NONE,    /* it is none: for the caller to remove */
    SCOPE_KEPT,    /* systemd may be about to fill it */
    SCOPE_STOPPED, /* systemd removes it */
};
enum scope_left scope_sweep(int above, const char *name, int groupfd);

#endif
