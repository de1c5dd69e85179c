/* SPDX-License-Identifier: MIT */
/*
 * Where the hierarchies of control groups are.
 *
 * A start cannot wait for libcgroup to read them all: two calls of statfs(2) on the conventional
 * places answer for nearly every machine. Where they do not, libcgroup is asked.
 */
#ifndef CGROUP_LAYOUT_H
#define CGROUP_LAYOUT_H

#include <limits.h>
#include <scratch/cgroup.h>

/* The hierarchy that a controller is in. */
struct cgroup_hierarchy {
    int version; /* 1 or 2 */
    char mount[224];
};

enum scratch_cgroup_layout layout_kind(void);

/* 0, or -ENOENT: the controller is in no hierarchy. */
int layout_find(const char *controller, struct cgroup_hierarchy *hierarchy);

/* True when a directory of the v2 hierarchy lets the groups below it use a controller. */
bool layout_enabled(const char *directory, const char *controller);

/* The controllers that libscratch sets limits with, and that a sweep looks through. */
#define LAYOUT_CONTROLLERS 4
extern const char *const layout_controllers[LAYOUT_CONTROLLERS];

/*
 * True for the path of a group, and not of a root: "" and "." would be roots, and a slip with them
 * would remove every empty group of the machine; ".." would lead out of the hierarchy.
 */
bool layout_is_below_root(const char *path);

#endif
