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
#include <sys/types.h>

/* The hierarchy that a controller is in. */
struct cgroup_hierarchy {
    int version; /* 1 or 2 */
    char mount[224];
};

enum scratch_cgroup_layout layout_kind(void);

/*
 * 0, or -ENOENT: the controller is in no hierarchy. Names are v2's: "io" is v1's blkio. "devices",
 * "freezer" and "cpuacct", which v2 does without controllers, are in its hierarchy. "unified" is
 * that hierarchy itself, beside others too.
 */
int layout_find(const char *controller, struct cgroup_hierarchy *hierarchy);

/* The same at the conventional places alone, where most controllers of most machines are. */
int layout_look(const char *controller, struct cgroup_hierarchy *hierarchy);

/* Each hierarchy once, with the first of layout_controllers that is in it. Returns how many. */
int layout_all(struct cgroup_hierarchy hierarchy[], const char *controller[]);

/* False for what v2 does in every group without a controller: "devices", "freezer", … */
bool layout_is_switched(const char *controller);

/* The hierarchy's own name of a controller: v1 says blkio for io. */
const char *layout_name(const char *controller, int version);

/* True when a directory of the v2 hierarchy lets the groups below it use a controller. */
bool layout_enabled(const char *directory, const char *controller);

/* The controllers that libscratch sets limits with, and that a sweep looks through. */
#define LAYOUT_CONTROLLERS 14
extern const char *const layout_controllers[LAYOUT_CONTROLLERS];

/* True when a directory of the v2 hierarchy can use a controller: cgroup.controllers has it. */
bool layout_available(const char *directory, const char *controller);

/*
 * The group of a process (0: the caller) in the v2 hierarchy, by its path below the root, without
 * its first '/': -ENOENT when there is none.
 */
int layout_group_of(pid_t pid, char *path, size_t size);

/*
 * True for the path of a group, and not of a root: "" and "." would be roots, and a slip with them
 * would remove every empty group of the machine; ".." would lead out of the hierarchy.
 */
bool layout_is_below_root(const char *path);

#endif
