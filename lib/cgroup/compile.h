/* SPDX-License-Identifier: MIT */
/*
 * The control group's part of a plan.
 */
#ifndef CGROUP_COMPILE_H
#define CGROUP_COMPILE_H

#include <scratch/cgroup.h>
#include "cgroup/layout.h"
#include "cgroup/limits.h"
#include "step/builder.h"

/* v1 has a directory for each controller. */
#define CGROUP_DIRECTORIES_MAX LAYOUT_CONTROLLERS

/* How the container gets into its group. */
struct cgroup_join {
    int clone_into;                   /* v2: the slot to clone into, or -1 */
    int slot[CGROUP_DIRECTORIES_MAX]; /* v1: the slots to join one by one */
    int slot_count;
    const struct scratch_cgroup_options *scope; /* systemd makes it, once there is a process */
};

/* Host steps: make the group, set its limits. */
int cgroup_compile_make(struct builder *b, const struct scratch_cgroup_options *options,
                        struct cgroup_join *join);

/* The same, with directories for limits that may be set later when there are none now. */
int cgroup_compile_make_all(struct builder *b, const struct scratch_cgroup_options *options,
                            struct cgroup_join *join);

/* One step each, of a group whose directory is in a slot. other: what else the setting may be. */
void cgroup_put_set(struct builder *b, int slot, const char *file, const char *value,
                    const struct cgroup_setting *other);
void cgroup_put_join(struct builder *b, enum step_side side, int slot);

/* To join a group that is there, by its directories, whose array ends with NULL. */
int cgroup_compile_open(struct builder *b, const char *const *directories,
                        struct cgroup_join *join);

/* v2: hand a controller down to the groups in a directory, from the mount on. */
int cgroup_put_enable(struct builder *b, const char *mount, const char *parent,
                      const char *controller);

/* The rules about devices: many settings in v1, one program in v2. */
int cgroup_put_rules(struct builder *b, int version, int slot,
                     const struct scratch_cgroup_options *options);

/* -ENOTSUP where a version has no such limit. */
int cgroup_check_setting(struct builder *b, const struct cgroup_setting *s, int version);

/* scope.c: systemd makes the group, and the limits are set then. */
int scope_compile(struct builder *b, const struct scratch_cgroup_options *options);

/* The path below the root of the group that a step makes; as snprintf(3). */
int cgroup_path_of(const struct step_walk *w, const struct step *make, char *path, size_t size);

/* The same of a scope, by its open directory: -ENOENT when that has not been made. */
int scope_path_of(const struct step_walk *w, const struct step *scope, char *path, size_t size);

/* Container steps: join what was not cloned into; then, the cgroup namespace. */
int cgroup_compile_join(struct builder *b, const struct cgroup_join *join);

#endif
