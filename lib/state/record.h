/* SPDX-License-Identifier: MIT */
/*
 * The record of a container that stays: a directory ROOT/ID, closed to other users, with
 *
 *     state.json   what it is: written once, by rename, before its command runs
 *     exit         its exit status, once it has ended
 *     log          what it has written
 *     oom          that it ran out of memory, once its group is gone, which knew it
 *     start.sock   while it waits to be started
 *     notify       a directory: who started it hears sd_notify(3) by a socket in it
 *     seccomp      its system call filter, where that is not libscratch's own
 *
 * Who changes anything there holds the lock (flock) of the directory itself: its starter until the
 * container runs, whoever starts or deletes it, a sweep. A lock on a file in it could be had by
 * two: by one who still has the file of a record that is gone, and by one who has made it anew.
 *
 * A directory without state.json is its starter's while that has the lock, and nobody's afterwards.
 */
#ifndef STATE_RECORD_H
#define STATE_RECORD_H

#include <scratch/container.h>
#include <stdbool.h>
#include "base/json_read.h"

#define RECORD_JSON     "state.json"
#define RECORD_JSON_NEW "state.json.new" /* until it is renamed */
#define RECORD_EXIT     "exit"
#define RECORD_EXIT_MAX 16 /* more than its text is long */
#define RECORD_LOG      "log"
#define RECORD_OOM      "oom"
#define RECORD_SOCKET   "start.sock"
#define RECORD_NOTIFY   "notify"      /* what is at /run/notify inside */
#define RECORD_READY    "notify.sock" /* in that */
#define RECORD_VERSION  1

/*
 * Its first members, so that a sweep need not read JSON: version, pid, start time, remove; and the
 * inode numbers of its groups' directories, in the order of "cgroups".
 */
#define RECORD_HEAD_WRITE "{\"version\":%d,\"pid\":%d,\"start_time\":%llu,\"remove\":%d,"
#define RECORD_HEAD_READ  "{\"version\":%d,\"pid\":%d,\"start_time\":%llu,\"remove\":%d"
#define RECORD_INODES     "\"inodes\":["
#define RECORD_HEAD_MAX   512
#define RECORD_GROUPS     16 /* more than there are hierarchies */

struct record_head {
    int version;
    int pid;
    unsigned long long start_time;
    bool remove; /* it goes when the container has ended */
    uint64_t inode[RECORD_GROUPS];
    size_t inode_count;
};

/* ---- directories ---------------------------------------------------------------------------- */

/* A directory of records, made if that is asked for: an fd, or -errno; -EPERM: open to others. */
int record_root_open(const char *path, bool make);

/* The record of an id, of this user's or, for root, of anybody's: its directory's fd or -errno. */
int record_open(int rootfd, const char *id);

/* Wait for the lock, or not: 0; -EAGAIN; -ENOENT: it is no longer the record of that id. */
int record_lock(int dir, const char *id, bool wait);

/* The same, having waited for a moment: who looks, and a sweep, hold it no longer. */
int record_lock_soon(int dir, const char *id);
void record_unlock(int dir);

/* True while somebody has it. */
bool record_is_locked(int dir);

/* Remove what is in a record, or the whole of it; its lock is held. */
int record_empty(int dir);
int record_remove(int dir, const char *id);

/* A name for a directory, as docker has them: letters, digits, and _ . - but not first. */
bool record_is_id(const char *id);
int record_refuse_id(const char *id, struct scratch_error *err);
#define RECORD_ID_MAX 128

/* ---- what is in one ------------------------------------------------------------------------- */

/* A record that has been read. */
struct record {
    struct scratch_container_state known; /* but for id, root and what the kernel says */
    struct json_in document;
    const char **command, **annotations, **cgroups;
    uint64_t *inodes;   /* of the directories of cgroups */
    size_t inode_count; /* 0: the record is of a version that did not know them */
    bool init;          /* it has one, which writes the exit status */
    char *name;         /* its path */
};

/* -ENOENT: there is none (yet); -EINVAL: it is torn, or of a newer version: err names the file. */
int record_read(int dir, const char *root, const char *id, struct record **record,
                struct scratch_error *err);
void record_free(struct record *record);

/* -ENOENT, or -EINVAL: what there is does not begin as this version writes it. */
int record_read_head(int dir, struct record_head *head);

/* The beginning of a file of the record's, as text: its length, or -errno. */
ssize_t record_read_small(int dir, const char *name, char *text, size_t size);

/* The file of the exit status, to read: an fd, or -errno. It can be read when it is gone, too. */
int record_open_exit(int dir);

/*
 * How one that has ended did so, and when that was written, in nanoseconds since 1970; false:
 * nobody knows. An init ends itself and writes it, or is killed: with such a record nothing is
 * that.
 */
bool record_read_exit(const struct record *record, int file, int *status, int64_t *when);
void record_write_exit(int dir, int status);

/*
 * A directory of its groups that is its own still, and not the next container's of that name: an
 * fd, or -ENOENT, or -errno.
 */
int record_open_group(const struct record *record, size_t index);

/* That it ran out of memory: to remember it, the lock being held, and whether it did. */
void record_write_oom(int dir, const struct scratch_container_oom *oom);
bool record_read_oom(int dir, struct scratch_container_oom *oom);

/* Remember it of the container that had a group, by its inode number. */
void record_oom_of(uint64_t inode, const struct scratch_container_oom *oom);

/* ---- processes ------------------------------------------------------------------------------ */

/* When a process was started, in clock ticks since the machine's start; -ESRCH. */
int record_start_time(int pid, unsigned long long *ticks);

/* True when a process is on its way to its end, which takes time where others end with it. */
bool record_is_ending(int pid);

/* A pidfd of the process that was started then, while it has not ended; or -ESRCH. */
int record_process(int pid, unsigned long long start_time);

/*
 * Wait for the end of such a process, or of none: its status, 128 + n for signal n; -ENODATA;
 * -ENOENT: the record has been deleted.
 */
int record_wait(const struct record *record, int dir, int pidfd);

/* ---- of all of a user ----------------------------------------------------------------------- */

/* Have a directory of records known in the default one. Best effort. */
void record_register(const char *known_in, const char *root);
#define RECORD_ROOTS ".roots"

/* Call for each directory of records of this user's; stops when that returns other than 0. */
typedef int record_root_visit(const char *root, void *data);
int record_each_root(record_root_visit *visit, void *data);

/* The ids in a directory, in order; each to free, as the array, with record_free_ids(). */
char **record_ids(int rootfd);
void record_free_ids(char **ids);

/* Remove what is nobody's: returns how many. */
int record_sweep(void);

#endif
