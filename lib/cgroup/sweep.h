/* SPDX-License-Identifier: MIT */
#ifndef CGROUP_SWEEP_H
#define CGROUP_SWEEP_H

#include <stdbool.h>

/* Remove the groups of containers that nobody holds. Returns how many there were. */
int cgroup_sweep(void);

/* Remove one group, of any name, if nobody holds it and nothing runs in it. */
bool cgroup_sweep_group(int above, const char *name);

/* What has become of a group that nobody holds, if it is a scope of the caller's systemd. */
enum scope_left {
    SCOPE_NONE,    /* it is none: for the caller to remove */
    SCOPE_KEPT,    /* systemd may be about to fill it */
    SCOPE_STOPPED, /* systemd removes it */
};
enum scope_left scope_sweep(int above, const char *name, int groupfd);

#endif
