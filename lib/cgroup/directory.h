/* SPDX-License-Identifier: MIT */
/*
 * Where the group of a plan is made: a directory in each hierarchy that a limit of it needs, below
 * the groups that the spec names.
 */
#ifndef CGROUP_DIRECTORY_H
#define CGROUP_DIRECTORY_H

#include "cgroup/compile.h"

/* A directory of the group: in v1 one for each hierarchy, in v2 one. */
struct directory {
    struct cgroup_hierarchy hierarchy;
    char *parent;    /* the mount, and below it the group that the spec names; malloc(3) */
    size_t existing; /* how much of it is there */
    int slot;
    int tasks; /* v1: the slot of the file to join it through; -1 */
};

struct group {
    struct builder *b;
    const struct scratch_cgroup_options *options;
    char above[PATH_MAX]; /* the group that it is made in, below the root; "" */
    const char *name;     /* its own, or NULL: from the id */
    struct directory directory[CGROUP_DIRECTORIES_MAX];
    int count;
    int failed; /* why there is no directory: -errno, with the builder's error filled */
};

/* Where it is made, and its name: what the path says, or the parent. */
int directory_place(struct group *g);

/* The directory in a hierarchy, which is added the first time. NULL: g->failed says why. */
struct directory *directory_in(struct group *g, const char *controller,
                               const struct cgroup_hierarchy *hierarchy);

/* The same for a controller, wherever it is. */
struct directory *directory_find(struct group *g, const char *controller);

void directory_free(struct group *g);

/* On v2 a group has the files of a controller only when each group above hands it down. */
int directory_enable(struct group *g, const struct directory *d, const char *controller);

#endif
