/* SPDX-License-Identifier: MIT */
#ifndef CGROUP_OOM_H
#define CGROUP_OOM_H

#include <scratch/plan.h>
#include "step/step.h"

/* Whether a container's group has had processes killed for want of memory; kills is 0: it has not.
 */
void oom_find(const struct step_walk *w, struct scratch_container_oom *oom);

#endif
