/* SPDX-License-Identifier: MIT */
/*
 * Walking over all that is below a directory, by fds: no link is followed, no other mount entered,
 * and nobody who renames things meanwhile can lead the walk elsewhere. The memory that it takes
 * does not depend on how much there is.
 */
#ifndef MOUNT_TREE_H
#define MOUNT_TREE_H

#include <stddef.h>
#include <stdint.h>
#include "base/sys.h"

/* Each directory on the way down keeps a file open, or two: below any usual limit of them. */
#define TREE_DEPTH 200

/* One thing in a directory. */
struct tree_entry {
    int parent;
    const char *name;
    int fd; /* O_PATH, of a link itself */
    struct statx st;
};

struct tree_level {
    int from, to;
    int64_t next; /* where its reading goes on */
};

struct tree;

/* What is done on the way. Each returns 0 or -errno; leave may be NULL. */
struct tree_visitor {
    /* Not a directory. */
    int (*file)(struct tree *t, const struct tree_entry *entry);
    /* A directory, before what is in it. Returns an fd for the level's "to", or TREE_NO_FD. */
    int (*enter)(struct tree *t, const struct tree_entry *entry);
    /* The directory of the topmost level, after what is in it. */
    int (*leave)(struct tree *t);
};
#define TREE_NO_FD 0x7fffffff

struct tree {
    const struct tree_visitor *visitor;
    const void *argument; /* the visitor's own */
    uint64_t mount;
    int depth;   /* levels in use */
    bool filled; /* the buffer has entries of the topmost level */
    uint32_t at, end;
    struct tree_level level[TREE_DEPTH];
    _Alignas(8) char buffer[4096];
};

/* The level whose entries are visited. */
static inline struct tree_level *tree_top(struct tree *t)
{
    return &t->level[t->depth - 1];
}

/*
 * Visit what is below a directory, but not itself: enter is not called for it, leave is. to is the
 * first level's, and is not closed. -ENAMETOOLONG: nested deeper than TREE_DEPTH.
 */
int tree_walk(struct tree *t, int from, int to);

/*
 * Open a path without links, as O_PATH. What is named by it was resolved when the plan was made: a
 * link that is there now was put there since, and -ELOOP or -ENOTDIR is the answer.
 */
int tree_open(const char *path);

#endif
