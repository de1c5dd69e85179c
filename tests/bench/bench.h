/* SPDX-License-Identifier: MIT */
/*
 * How fast a container starts: libscratch, the floor below it, and other people's programs, in one
 * interleaved run.
 *
 * Two variants of the container, of the same meaning for every contestant as far as it goes:
 *
 *     min    new pid, mount and uts namespaces; a directory as root; /proc; a limit on pids
 *     full   new pid, mount, uts, ipc, net and cgroup namespaces; a directory as root; /proc, /dev
 *            with the standard nodes, /dev/pts, /dev/shm, /dev/mqueue, /sys; a limit on pids; the
 *            default capabilities; no_new_privs. Neither masked paths nor a system call filter.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "floor.h"
#include <scratch/scratch.h>

enum variant { VARIANT_MIN, VARIANT_FULL, VARIANT_COUNT };

/* The second is how a machine meets a container that is started now and then. */
enum pace { PACE_BACK_TO_BACK, PACE_IDLE, PACE_COUNT };

extern const char *const variant_names[VARIANT_COUNT];
extern const char *const pace_names[PACE_COUNT];

/* ---- the place ------------------------------------------------------------------------------ */

/* Where the contestants meet: the working directory, which has "root" and a bundle a variant. */
struct place {
    char directory[256];
    char name[64];   /* of the group above all groups of this run */
    char group[512]; /* its directory: of v2, or of v1's pids controller */
    char hierarchy[256];
    bool v2;
    bool covered; /* the hierarchy of v2 that stands beside v1's */
};

/*
 * Move to a private mount namespace, and make the place there. Returns 0, or -1 when it has said
 * why not; place_leave() takes back what there is in either case.
 */
int place_make(struct place *place, const char *nothing);
void place_leave(struct place *place);

/* Write the variant's config.json of the OCI runtime specification. Returns 0 or -1. */
int bundle_write(enum variant variant, const char *group);

/* ---- contestants ---------------------------------------------------------------------------- */

struct bench;

/* A program has arguments for each variant; others are started by a call. */
struct contestant {
    const char *name;
    const char *program; /* looked for in PATH, unless the build has made it */
    const char *note;    /* how it differs, or NULL */
    const char *const *arguments[VARIANT_COUNT]; /* NULL: it has no such variant */
    int (*start)(struct bench *b);               /* returns the exit status, or a negative number */
};

#define CONTESTANTS 12
extern const struct contestant contestants[CONTESTANTS];

/* A contestant in this run. */
struct entry {
    const struct contestant *contestant;
    char path[512]; /* of a program; "": not installed */
    char *argv[48];
    bool wanted;
    int status; /* of the last start; when it is not 0 it is out of the running */
    unsigned calls;
    unsigned faults; /* page faults of the last start, with all its processes */
    unsigned count;
    double *sample; /* milliseconds */
};

struct settings {
    unsigned rounds[PACE_COUNT];
    bool variant[VARIANT_COUNT];
    bool pace[PACE_COUNT];
    bool json;
    bool syscalls;
    bool guard;
    const char *only; /* names with ',' between them, or NULL */
    const char *scratchctl;
};

struct bench {
    struct settings settings;
    struct place place;
    struct entry entry[CONTESTANTS];
    enum variant variant;
    struct floor_options floor;
    scratch_plan *plan, *prepared, *pooled; /* full alone has the last two */
    scratch_namespace_pool *pool;
};

/* Find the programs, and say which contestants are wanted. Returns 0 or -1. */
int contestants_find(struct bench *b);

/* Take up a variant: arguments, and the plan of the library. Returns 0 or -1. */
int contestants_prepare(struct bench *b, enum variant variant);
void contestants_release(struct bench *b);

/* Start one container and wait for its end. Returns the status, or a negative number. */
int entry_start(struct bench *b, const struct entry *entry);

/* Why it is not there in this variant, or NULL. */
const char *entry_absent(const struct entry *entry);

/* What is to be done before a start is measured: the pool is filled. */
void contestants_rest(struct bench *b);

/* True when it is wanted, there, and has not failed. */
bool entry_runs(const struct entry *entry);

/* How many system calls a program makes up to the command's exec; 0: not known. */
unsigned syscalls_count(const struct entry *entry);

/* ---- the report ----------------------------------------------------------------------------- */

void report_begin(const struct bench *b);
void report_series(struct bench *b, enum pace pace);
void report_end(const struct bench *b);

/* Say what scratchctl's start takes, and return 0, or -1 when that is more than it may be. */
int guard_check(const struct bench *b);

#endif
