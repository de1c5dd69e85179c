/* SPDX-License-Identifier: MIT */
/*
 * The control group's part of a plan.
 */
#ifndef CGROUP_COMPILE_H
#define CGROUP_COMPILE_H

#include <scratch/cgroup.h>
#include "step/builder.h"

/* v1 has a directory for each controller; they are joined one by one. */
#define CGROUP_HIERARCHIES_MAX 8

/* How the container gets into its group. */
struct cgroup_join {
    int clone_into;                   /* v2: the slot to clone into, or -1 */
    int slot[CGROUP_HIERARCHIES_MAX]; /* v1 */
    int slot_count;
};

/* Host steps: make the group, set its limits. */
int cgroup_compile_make(struct builder *b, const struct scratch_cgroup_options *options,
                        struct cgroup_join *join);

/* Container steps: join what was not cloned into; then, the cgroup namespace. */
int cgroup_compile_join(struct builder *b, const struct cgroup_join *join);

#endif
