/* SPDX-License-Identifier: MIT */
#include "namespace/pool.h"
#include "namespace/subid.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Where there is no line for containers: what systemd's "Users, Groups, UIDs and GIDs" leaves
 * unused below 2^31, above the ranges that systemd-nspawn takes by itself.
 */
#define DEFAULT_FIRST UINT32_C(0x70000000)
#define DEFAULT_END   UINT32_C(0x7ffe0000)

/* Whose line it is by podman's convention. */
#define CONTAINERS "containers"

void id_pool_free(struct id_pool *pool)
{
    free(pool->range);
    *pool = (struct id_pool){0};
}

static int add(struct id_pool *pool, uint64_t first, uint64_t end)
{
    if (first >= end)
        return 0;
    if (pool->count == pool->room) {
        size_t room = pool->room ? 2 * pool->room : 8;
        struct scratch_id_range *range = realloc(pool->range, room * sizeof *range);
        if (!range)
            return -ENOMEM;
        pool->range = range;
        pool->room = room;
    }
    pool->range[pool->count++] =
        (struct scratch_id_range){(uint32_t)first, (uint32_t)(end - first)};
    return 0;
}

/* ---- sets of ids ---------------------------------------------------------------------------- */

static uint64_t end_of(struct scratch_id_range range)
{
    return (uint64_t)range.first + range.count;
}

/* What is in both. */
static int intersect(struct id_pool *result, const struct id_pool *a, const struct id_pool *b)
{
    int rc = 0;
    for (size_t i = 0; i < a->count && rc == 0; i++)
        for (size_t j = 0; j < b->count && rc == 0; j++) {
            struct scratch_id_range one = a->range[i], two = b->range[j];
            uint64_t end = end_of(one) < end_of(two) ? end_of(one) : end_of(two);
            rc = add(result, one.first > two.first ? one.first : two.first, end);
        }
    return rc;
}

/* Replace a pool by what of it is in another. */
static int keep(struct id_pool *pool, const struct id_pool *other)
{
    struct id_pool result = {0};
    int rc = intersect(&result, pool, other);
    id_pool_free(pool);
    *pool = result;
    return rc;
}

/* Take out a range that is somebody's. */
static int exclude(struct id_pool *pool, struct scratch_id_range range)
{
    const struct id_pool copy = *pool;
    int rc = 0;
    *pool = (struct id_pool){0};
    for (size_t i = 0; i < copy.count && rc == 0; i++) {
        struct scratch_id_range own = copy.range[i];
        uint64_t end = end_of(own) < range.first ? end_of(own) : range.first;
        uint64_t after = end_of(range) > own.first ? end_of(range) : own.first;
        rc = add(pool, own.first, end);
        if (rc == 0)
            rc = add(pool, after, end_of(own));
    }
    free(copy.range);
    return rc;
}

/* Whole ranges that begin at multiples of their size: two that are not the same do not overlap. */
static int align(struct id_pool *pool)
{
    const uint64_t size = SCRATCH_ID_RANGE;
    const struct id_pool copy = *pool;
    int rc = 0;
    *pool = (struct id_pool){0};
    for (size_t i = 0; i < copy.count && rc == 0; i++)
        rc = add(pool, (copy.range[i].first + size - 1) / size * size,
                 end_of(copy.range[i]) / size * size);
    free(copy.range);
    return rc;
}

/* ---- files ---------------------------------------------------------------------------------- */

/* The ranges of a user in a text; *found says whether there are any. */
static int add_lines(struct id_pool *pool, const char *text, const struct subid_user *user)
{
    struct scratch_id_range range;
    int rc = 0;
    bool own;
    while (text && rc == 0 && subid_next(&text, user, &range, &own))
        if (own)
            rc = add(pool, range.first, end_of(range));
    return rc;
}

static int exclude_lines(struct id_pool *pool, const char *text)
{
    static const struct subid_user nobody;
    struct scratch_id_range range;
    int rc = 0;
    bool own;
    while (text && rc == 0 && subid_next(&text, &nobody, &range, &own))
        rc = exclude(pool, range);
    return rc;
}

/* The ids that there are in the caller's user namespace: "INSIDE OUTSIDE COUNT" lines. */
static int keep_mapped(struct id_pool *pool, const char *map)
{
    struct id_pool mapped = {0};
    unsigned inside, count;
    int rc = 0, n;
    while (map && rc == 0 && sscanf(map, "%u %*u %u%n", &inside, &count, &n) == 2) {
        rc = add(&mapped, inside, (uint64_t)inside + count);
        map += n;
    }
    if (rc == 0 && map)
        rc = keep(pool, &mapped);
    id_pool_free(&mapped);
    return rc;
}

/* One user's lines of both files. */
static int choose_lines(struct id_pool *pool, const struct id_files *files,
                        const struct subid_user *user, bool *found)
{
    struct id_pool groups = {0};
    int rc = add_lines(pool, files->subuid, user);
    if (rc == 0)
        rc = add_lines(&groups, files->subgid, user);
    *found = pool->count || groups.count;
    if (rc == 0)
        rc = keep(pool, &groups);
    id_pool_free(&groups);
    return rc;
}

static int choose_default(struct id_pool *pool, const struct id_files *files)
{
    int rc = add(pool, DEFAULT_FIRST, DEFAULT_END);
    if (rc == 0)
        rc = exclude_lines(pool, files->subuid);
    return rc < 0 ? rc : exclude_lines(pool, files->subgid);
}

/* Whose lines it was that were found: NULL when nobody's. */
static int choose_ids(struct id_pool *pool, const struct id_files *files, struct subid_user *user,
                      bool *found)
{
    *user = (struct subid_user){.name = CONTAINERS};
    int rc = choose_lines(pool, files, user, found);
    if (rc == 0 && !*found && (files->subuid || files->subgid)) {
        subid_caller(user);
        rc = choose_lines(pool, files, user, found);
    }
    return rc < 0 || *found ? rc : choose_default(pool, files);
}

int id_pool_choose(struct id_pool *pool, const struct id_files *files, struct scratch_error *err)
{
    static const char what[] = "take a range of ids for a container";
    struct subid_user user;
    bool found = false;
    *pool = (struct id_pool){0};
    int rc = choose_ids(pool, files, &user, &found);
    if (rc == 0)
        rc = align(pool);
    if (rc == 0)
        rc = keep_mapped(pool, files->uid_map);
    if (rc == 0)
        rc = keep_mapped(pool, files->gid_map);
    if (rc == 0)
        rc = align(pool);
    if (rc < 0)
        return error_set(err, -rc, what, NULL, NULL);
    if (pool->count)
        return 0;
    if (!found)
        return error_because(err, ENOSPC, what, NULL,
                             "the caller's own user namespace has none of the ids that it could be",
                             "run it outside of this container, or use --userns=private");
    return error_because(err, ENOSPC, what, *user.name ? user.name : user.number,
                         "its lines in /etc/subuid and /etc/subgid hold no 65536 ids, the same in "
                         "both, that begin at a multiple of 65536",
                         "write in both: containers:1879048192:16777216");
}

int id_pool_find(struct id_pool *pool, struct scratch_error *err)
{
    char *subuid = subid_load(SUBUID_PATH), *subgid = subid_load(SUBGID_PATH);
    char *uid_map = subid_load("/proc/self/uid_map"), *gid_map = subid_load("/proc/self/gid_map");
    int rc = id_pool_choose(pool, &(struct id_files){subuid, subgid, uid_map, gid_map}, err);
    free(subuid);
    free(subgid);
    free(uid_map);
    free(gid_map);
    return rc;
}
