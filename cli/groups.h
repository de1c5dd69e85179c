/* SPDX-License-Identifier: MIT */
/*
 * The containers that run, by their control groups; and numbers for people.
 */
#ifndef CLI_GROUPS_H
#define CLI_GROUPS_H

#include <scratch/figures.h>
#include <scratch/plan.h>
#include "cli/pool.h"

struct group {
    const char *name; /* the container's */
    scratch_cgroup *cgroup;
};

struct groups {
    struct group *group; /* of the pool */
    size_t count, room;
    struct pool *pool;
};

/*
 * Those of the names, or all when there are none. 0, or -ENOENT: a name that none has, -errno.
 * Close them with groups_close().
 */
int groups_find(struct groups *groups, char *const *names, size_t count, struct scratch_error *err);
void groups_close(struct groups *groups);

/* "64 MiB", "1.5 GiB", "max", or "-" for what is not known. */
#define GROUPS_BYTES 24
const char *groups_bytes(char text[GROUPS_BYTES], uint64_t bytes);

/* "out of memory, limit 64 MiB (tail, process 1234)", as far as that is known. */
#define GROUPS_OOM 128
const char *groups_oom(char text[GROUPS_OOM], const struct scratch_container_oom *oom);

#endif
