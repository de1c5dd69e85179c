/* SPDX-License-Identifier: MIT */
/*
 * The control group's part of a plan.
 */
#ifndef CGROUP_COMPILE_H
#define CGROUP_COMPILE_H

#include <scratch/cgroup.h>
#include "step/builder.h"

/* v1 has a directory for each controller. */
#define CGROUP_DIRECTORIES_MAX 4

/* How the container gets into its group. */
struct cgroup_join {
    int clone_into;                   /* v2: the slot to clone into, or -1 */
    int slot[CGROUP_DIRECTORIES_MAX]; /* v1: the slots to join one by one */
    int slot_count;
};

/* Host steps: make the group, set its limits. */
int cgroup_compile_make(struct builder *b, const struct scratch_cgroup_options *options,
                        struct cgroup_join *join);

/* The same, with directories for limits that may be set later when there are none now. */
int cgroup_compile_make_all(struct builder *b, const struct scratch_cgroup_options *options,
                            struct cgroup_join *join);

/* One step each, of a group whose directory is in a slot. */
void cgroup_put_set(struct builder *b, int slot, const char *file, const char *value);
void cgroup_put_join(struct builder *b, enum step_side side, int slot);

/* To join a group that is there, by its directories, whose array ends with NULL. */
int cgroup_compile_open(struct builder *b, const char *const *directories,
                        struct cgroup_join *join);

/* Container steps: join what was not cloned into; then, the cgroup namespace. */
int cgroup_compile_join(struct builder *b, const struct cgroup_join *join);

#endif
