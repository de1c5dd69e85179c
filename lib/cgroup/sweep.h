/* SPDX-License-Identifier: MIT */
#ifndef CGROUP_SWEEP_H
#define CGROUP_SWEEP_H

#include <stdbool.h>

/* Remove the groups of containers that nobody holds. Returns how many there were. */
int cgroup_sweep(void);

/* Remove one group, of any name, if nobody holds it and nothing runs in it. */
bool cgroup_sweep_group(int above, const char *name);

#endif
