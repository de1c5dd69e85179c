/* SPDX-License-Identifier: MIT */
#ifndef CGROUP_OOM_H
#define CGROUP_OOM_H

#include <scratch/plan.h>
#include "step/step.h"

/* Whether processes of a group were killed for want of memory; kills is 0: none, or not known. */
bool oom_of_group(int groupfd, struct scratch_container_oom *oom);

/*
 * The same of one whose group is gone: systemd removes a scope as soon as nothing runs in it, and
 * nobody may have asked before. What the kernel has logged since it was made (nanoseconds since
 * 1970) still says so.
 */
bool oom_of_log(const char *directory, int64_t created, struct scratch_container_oom *oom);

/* How many have been killed so far; 0: none, or not known. */
uint64_t oom_count(const char *directory);

/* The same of a container's group, whichever of its directories knows. */
void oom_find(const struct step_walk *w, struct scratch_container_oom *oom);

#endif
