/* SPDX-License-Identifier: MIT */
/*
 * Which ids SCRATCH_ID_MAPS_AUTO may take, and their locks.
 */
#ifndef NAMESPACE_POOL_H
#define NAMESPACE_POOL_H

#include <scratch/namespace.h>
#include "base/error.h"

/* Where a lock is the name of a file: the first id of its range. */
#define POOL_STATE     "/run/libscratch"
#define POOL_NAME      "ids"
#define POOL_DIRECTORY POOL_STATE "/" POOL_NAME

/* Ranges of ids, in which ranges of SCRATCH_ID_RANGE begin at multiples of it. */
struct id_pool {
    struct scratch_id_range *range;
    size_t count;
    size_t room;
};
void id_pool_free(struct id_pool *pool);

/*
 * The pool of this caller, from the texts of subuid(5) and subgid(5) files (NULL: there is none)
 * and its own id maps (uid_map and gid_map in /proc/self). 0; -ENOSPC with the cause; -ENOMEM.
 */
struct id_files {
    const char *subuid, *subgid, *uid_map, *gid_map;
};
int id_pool_choose(struct id_pool *pool, const struct id_files *files, struct scratch_error *err);

/* The same from the system's files. */
int id_pool_find(struct id_pool *pool, struct scratch_error *err);

/* Remove the locks that nobody holds. Returns how many there were. */
int id_pool_sweep(void);

#endif
