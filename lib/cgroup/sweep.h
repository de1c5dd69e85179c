/* SPDX-License-Identifier: MIT */
#ifndef CGROUP_SWEEP_H
#define CGROUP_SWEEP_H

/* Remove the groups of containers that nobody holds. Returns how many there were. */
int cgroup_sweep(void);

#endif
