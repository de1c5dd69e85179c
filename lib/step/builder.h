/* SPDX-License-Identifier: MIT */
/*
 * What the rooms' compile.c append their steps to: a plan in the making.
 */
#ifndef STEP_BUILDER_H
#define STEP_BUILDER_H

#include <scratch/namespace.h>
#include "base/error.h"
#include "step/step.h"

#define BUILDER_STEPS_MAX 4096

/* A line for each of a user's ranges, of which one may be split, and one for the own id. */
#define BUILDER_RANGES    32
#define BUILDER_MAP_LINES (BUILDER_RANGES + 2)

struct builder {
    struct block block; /* begins with a plan_block */
    struct step *steps;
    uint32_t step_count;
    uint32_t step_room;
    struct step nowhere;  /* one that there was no memory for */
    int fd[STEP_FDS_MAX]; /* what the plan itself puts into each slot, or -1 */
    uint32_t fd_count;
    uint64_t host_only; /* a bit for each slot that no step of the container's uses */
    struct scratch_error *err;
    struct scratch_error *warnings; /* what is not as asked, and no reason not to start */
    size_t warning_count;

    uint64_t effective; /* the caller's effective capabilities */

    /* What one room decides and others must know. */
    uint64_t namespaces;     /* CLONE_NEW*, made anew */
    uint64_t unshared_later; /* those of them that the clone does not make yet */
    uint64_t ready;          /* those that are made before any start, or taken from a pool */
    uint64_t joined;         /* CLONE_NEW*, those that were there before */
    uint64_t behind_join;    /* those that are made in a user namespace which is joined first */
    bool nested;             /* the caller is in a user namespace that is not the first */
    bool user_namespace;     /* one of them, or the caller is in one without privilege */
    bool ranges;             /* its maps are written by the caller, at a meeting */
    bool keep_groups;        /* the caller's supplementary groups stay */
    bool terminal;           /* the command has one */
    bool relative;           /* paths that the container's steps use count from the caller's
                                working directory */
    bool root_in_place;      /* others look for the new root by its path before it is entered */
    bool auto_range;         /* which ids they have outside is known at a start */
    struct builder_ids {
        const struct scratch_id_map *map;
        size_t count;
    } uids, gids; /* the ids that there are in the user namespace; without a map, 0 alone */
    struct scratch_id_map map_room[2][BUILDER_MAP_LINES]; /* for maps that nobody has given */
    uint32_t map_text[2];                     /* as the kernel reads them; 0: a start's range */
    uint32_t map_program[2];                  /* lists: the programs that write them, or 0 */
    int record, exit_file, log, start_socket; /* slots of what is kept: state/keep.h; or -1 */
    uint32_t record_root;                     /* text: the directory that it is kept in */
    int id_namespace; /* slot of a user namespace for idmapped mounts, or -1: none yet */
    int id_root;      /* first slot of the root's idmapped mounts, or -1 */
    int id_mount;     /* the same of the binds */
    int id_inside;    /* the slot of the last namespace that a bind of the container's has taken */
    int opened;       /* the slot of the last bind that the caller opens, or -1 */
    int made_node;    /* the same of the device nodes that the host makes */
    int tree;         /* first slot of the binds that take the whole tree, or -1 */
    int user_join;    /* slot of the user namespace that is joined, or -1 */
    int16_t taken;    /* slot of the network namespace that is taken from a pool */
    int16_t template; /* slot of the mount namespace that the root is ready in */
};

void builder_begin(struct builder *b, struct scratch_error *err);

/* Close the fds and free the memory of a builder that was not finished. */
void builder_free(struct builder *b);

static inline bool builder_has(const struct builder *b, int capability)
{
    return b->effective & UINT64_C(1) << capability;
}

/* An id of the container's becomes what it is outside. False: no map has it. */
static inline bool builder_id_outside(const struct builder_ids *ids, uint32_t *id)
{
    for (size_t i = 0; ids->map && i < ids->count; i++) {
        const struct scratch_id_map *line = &ids->map[i];
        if (*id - line->inside >= line->count)
            continue;
        *id = *id - line->inside + line->outside;
        return true;
    }
    return false;
}

/* True where the command's process is another one: only children are in such a pid namespace. */
static inline bool builder_enters_pids(const struct builder *b)
{
    return (b->joined | b->behind_join) & SCRATCH_NS_PID;
}

/*
 * Append a step. The pointer is good until the next call; all texts and fds are empty. Never NULL:
 * when there is no memory, it is a step that goes nowhere, and builder_finish() says so.
 */
struct step *builder_add(struct builder *b, enum step_kind kind, enum step_side side);

/* Put strings and data into the block; a step's text members take the result. */
uint32_t builder_text(struct builder *b, const char *text);
uint32_t builder_list(struct builder *b, const char *const *texts, size_t count);

/* A new fd slot, which belongs to the plan when fd is not -1. Returns its number or -errno. */
int builder_fd(struct builder *b, int fd);

/* Give a slot its value for starts that bring none. */
void builder_slot(struct builder *b, enum step_slot slot, const char *text);

/* Room for another warning, or NULL: there are enough, or there is no memory. */
struct scratch_error *builder_warn(struct builder *b);

/* True when an id is among those of the user namespace that will be new. */
bool builder_maps(const struct builder_ids *ids, uint32_t id);

/*
 * Lay the steps into the block. Returns 0 or -errno; the block, the fds and the warnings are the
 * caller's then.
 */
int builder_finish(struct builder *b);

#endif
