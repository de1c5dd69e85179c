/* SPDX-License-Identifier: MIT */
/*
 * How fast a container starts: libscratch, the floor below it, and other people's programs, in one
 * interleaved run.
 *
 * Variants of the container, of the same meaning for every contestant as far as it goes:
 *
 *     min      new pid, mount and uts namespaces; a directory as root; /proc; a limit on pids
 *     full     new pid, mount, uts, ipc, net and cgroup namespaces; a directory as root; /proc,
 *              /dev with the standard nodes, /dev/pts, /dev/shm, /dev/mqueue, /sys; a limit on
 *              pids; the default capabilities; no_new_privs. Neither masked paths nor a filter.
 *     seccomp  full, with the system calls that libscratch allows by default; each makes the
 *              filter its own way: bwrap is given it compiled, and bundles ask for it as engines'
 *              do, for 32-bit programs too
 *     overlay  full, with the directory below an upper one; for those that mount no overlay it is
 *              mounted and unmounted here, as an engine does, and that counts
 *     default  what each does when it is asked for nothing in particular: with masked paths, and
 *              for scratchctl an init of its own
 *     exec     one more command in a container (full, from a bundle) that runs
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "floor.h"
#include <scratch/scratch.h>

enum variant {
    VARIANT_MIN,
    VARIANT_FULL,
    VARIANT_SECCOMP,
    VARIANT_OVERLAY,
    VARIANT_DEFAULT,
    VARIANT_EXEC,
    VARIANT_COUNT
};

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
 * why not; place_leave() takes back what there is in either case. Bundles there are for so many
 * starters.
 */
int place_make(struct place *place, const char *nothing, unsigned starters);
void place_leave(struct place *place);

/* Mount so many more file systems in the place. Returns 0 or -1. */
int place_crowd(const struct place *place, unsigned mounts);

#define LOWERS_MAX 500

struct layers {
    unsigned count;
    const char *lower[LOWERS_MAX]; /* the topmost first */
    char name[LOWERS_MAX][8];
    char options[4096]; /* as mount(2) takes them */
};

/* Make the directories of an overlay with so many lower ones. Returns 0 or -1. */
int layers_make(struct layers *layers, unsigned count);

/* A bundle of the OCI runtime specification: the directory of one starter. */
struct bundle {
    enum variant variant;
    unsigned starter;
    bool stays;        /* its command does not end */
    const char *group; /* the one above its own; NULL: its own is named by its id */
};

#define BUNDLE_NAME 32
void bundle_name(char name[BUNDLE_NAME], enum variant variant, unsigned starter);

/* Write its config.json into a directory. Returns 0 or -1. */
int bundle_write(const char *directory, const struct bundle *bundle);

/* Write the default filter, compiled, to a file for --seccomp of bwrap. Returns 0 or -1. */
int filter_write(const char *path);

/* ---- contestants ---------------------------------------------------------------------------- */

struct bench;

/* What a call starts; each but the floor has a plan. */
enum call {
    CALL_NONE,
    CALL_FLOOR,
    CALL_PLAN,
    CALL_PREPARED,
    CALL_POOLED,
    CALL_COUNT,
};

/* A program has arguments for each variant; others are started by a call. */
struct contestant {
    const char *name;
    const char *program; /* looked for in PATH, unless the build has made it */
    const char *note;    /* how it differs, or NULL */
    bool overlays;       /* it mounts the overlay itself */
    const char *const *arguments[VARIANT_COUNT]; /* NULL: it has no such variant */
    enum call call;
    bool in_place; /* the call is walked in this process's memory */
};

#define CONTESTANTS 15
extern const struct contestant contestants[CONTESTANTS];

/* A contestant in this run. */
struct entry {
    const struct contestant *contestant;
    char path[512]; /* of a program; "": not installed */
    char *argv[48 + 2 * LOWERS_MAX];
    bool wanted;
    bool running; /* a container of its own, for VARIANT_EXEC */
    int status;   /* of the last start; when it is not 0 it is out of the running */
    unsigned calls;
    unsigned waiting; /* kB, while it waits; 0: not known */
    unsigned faults;  /* page faults of the last start, with all its processes */
    unsigned count;
    double *sample; /* milliseconds */
};

/* bwrap reads its filter from there. */
#define FILTER_FD      9
#define FILTER_FD_TEXT "9"

#define WAITING_MAX  200
#define STARTERS_MAX 64

struct settings {
    unsigned rounds[PACE_COUNT];
    bool variant[VARIANT_COUNT];
    bool pace[PACE_COUNT];
    bool json;
    bool syscalls;
    unsigned waiting; /* how many at a time; 0: not measured */
    unsigned mounts;  /* more of them on the host */
    unsigned ballast; /* MiB of memory that the calling process has */
    unsigned at_once; /* starters at the same time */
    unsigned lowers;  /* directories below the upper one of an overlay */
    const char *svg;  /* where to draw, or NULL */
    bool guard;
    const char *only; /* names with ',' between them, or NULL */
    const char *scratchctl;
};

struct bench {
    struct settings settings;
    struct place place;
    struct layers layers;
    struct entry entry[CONTESTANTS];
    enum variant variant;
    struct floor_options floor;
    scratch_plan *plan[CALL_COUNT]; /* full alone has the last two */
    scratch_namespace_pool *pool;
};

/* Find the programs, and say which contestants are wanted. Returns 0 or -1. */
int contestants_find(struct bench *b);

/* Take up a variant: arguments, and the plan of the library. Returns 0 or -1. */
int contestants_prepare(struct bench *b, enum variant variant);
void contestants_release(struct bench *b);

/* Start and end the containers of VARIANT_EXEC. Who cannot start one is out of the running. */
void running_begin(struct bench *b);
void running_end(struct bench *b);

/*
 * Start as many containers as there are starters, and wait for their ends. Returns 0, the status of
 * one that failed, or a negative number.
 */
int entry_start(struct bench *b, const struct entry *entry);

/* Start what is started by a call, and wait for it. Status, or a negative number. */
int library_start(struct bench *b, const struct contestant *contestant);

/* Compile the variant's plans. Returns 0 or -1. */
int library_prepare(struct bench *b);
void library_release(struct bench *b);

/* Start a program without waiting for it; its pid, or -1. */
pid_t entry_spawn(const struct entry *entry, char *const *argv);

/*
 * The memory of a program that waits for its container, in kB: of so many that wait at a time, each
 * one's own, and its share of what they have together. 0: not known. The container itself does not
 * count. The floor, whose group has one name, waits alone.
 */
unsigned waiting_kb(const struct bench *b, const struct entry *entry);

/* Why it is not there in this variant, or NULL. */
const char *entry_absent(const struct entry *entry);

/* What is to be done before a start is measured: the pool is filled. */
void contestants_rest(struct bench *b);

/* True when it is wanted, there, and has not failed. */
bool entry_runs(const struct entry *entry);

/* How many system calls it makes itself up to the command's exec; 0: not known. */
unsigned entry_syscalls(const struct bench *b, const struct entry *entry);

/* The same of any program. */
unsigned syscalls_count(const struct entry *entry);

/* ---- the report ----------------------------------------------------------------------------- */

void report_begin(const struct bench *b);
void report_series(struct bench *b, enum pace pace);
void report_end(const struct bench *b);

/* Draw the series into a file: begin, each, end. Returns 0 or -1. */
int plot_begin(const char *path);
void plot_series(const struct bench *b, enum pace pace);
int plot_end(void);

/* The median of an entry whose samples are sorted. */
double median(const struct entry *entry);

/* Say what scratchctl's start takes, and return 0, or -1 when that is more than it may be. */
int guard_check(const struct bench *b);

#endif
