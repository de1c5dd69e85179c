/* SPDX-License-Identifier: MIT */
#include "namespace/maps.h"
#include "base/privilege.h"
#include "namespace/pool.h"
#include "namespace/programs.h"
#include "namespace/subid.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WHAT_RANGES   "map a range of ids"
#define MAP_LINES_MAX 340 /* the kernel's own limit, since 4.15 */

/* ---- checks --------------------------------------------------------------------------------- */

static uint64_t ids_mapped(const struct builder_ids *ids)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < ids->count; i++)
        sum += ids->map[i].count;
    return sum;
}

/* True for a map that the namespace's own process may not write: user_namespaces(7). */
static bool needs_privilege(const struct builder_ids *ids, uint32_t own)
{
    return ids->count > 0 && (ids_mapped(ids) > 1 || ids->map[0].outside != own);
}

static bool may_map(void)
{
    return privilege_has(CAP_SETUID) && privilege_has(CAP_SETGID);
}

static int check_map(struct builder *b, const char *what, const struct builder_ids *ids)
{
    bool root = ids->count == 0;
    if (ids->count > MAP_LINES_MAX)
        return error_because(b->err, EINVAL, what, NULL, "more than 340 ranges", NULL);
    for (size_t i = 0; i < ids->count; i++) {
        const struct scratch_id_map *map = &ids->map[i];
        if (map->count == 0 || (uint64_t)map->inside + map->count > UINT32_MAX ||
            (uint64_t)map->outside + map->count > UINT32_MAX)
            return error_because(b->err, EINVAL, what, NULL,
                                 "a range is empty, or ends beyond the last id", NULL);
        root = root || map->inside == 0;
    }
    if (b->ranges && !root)
        return error_because(b->err, EINVAL, what, NULL, "id 0 is not mapped",
                             "map id 0: the container is set up as it");
    return 0;
}

static int check_options(struct builder *b, const struct scratch_namespace_options *o)
{
    bool given = o->uid_map_count || o->gid_map_count;
    if ((given || o->id_maps != SCRATCH_ID_MAPS_DEFAULT) && !b->user_namespace)
        return error_set(b->err, EINVAL, "id maps", NULL, "add SCRATCH_NS_USER to create");
    if (given && o->id_maps != SCRATCH_ID_MAPS_DEFAULT)
        return error_because(b->err, EINVAL, "id maps", NULL,
                             "maps are given, and another way to find them as well",
                             "leave out one of the two");
    if (o->id_maps > SCRATCH_ID_MAPS_AUTO)
        return error_set(b->err, EINVAL, "id maps", NULL, "use one of enum scratch_id_maps");
    if (o->id_count && o->id_maps != SCRATCH_ID_MAPS_AUTO)
        return error_because(b->err, EINVAL, "id maps", NULL, "a count is given without a range",
                             "give SCRATCH_ID_MAPS_AUTO with id_count, or leave it 0");
    if (o->id_count > SCRATCH_ID_RANGE)
        return error_because(b->err, EINVAL, "id maps", NULL, "a container has 65536 ids at most",
                             "give less, or give maps");
    if (o->id_maps == SCRATCH_ID_MAPS_AUTO && !(may_map() && privilege_has(CAP_SYS_ADMIN)))
        return error_because(b->err, EPERM, "take a range of ids for a container", NULL,
                             "the caller is not root, whose ranges they are",
                             "use the caller's own: --userns=private, SCRATCH_ID_MAPS_RANGES");
    return 0;
}

/* ---- the caller's own ranges ---------------------------------------------------------------- */

/* Append to a map; what would end beyond the last id is cut. Returns the next id inside. */
static uint32_t append(struct scratch_id_map *map, size_t *lines, uint32_t inside, uint32_t outside,
                       uint32_t count)
{
    if (count > UINT32_MAX - inside)
        count = UINT32_MAX - inside;
    if (count)
        map[(*lines)++] = (struct scratch_id_map){inside, outside, count};
    return inside + count;
}

size_t maps_around(struct scratch_id_map *map, uint32_t inside, uint32_t own,
                   const struct scratch_id_range *range, size_t count)
{
    uint32_t next = 0;
    size_t lines = 0;
    bool placed = inside == 0;
    if (placed)
        next = append(map, &lines, 0, own, 1);
    for (size_t i = 0; i < count; i++) {
        uint32_t first = range[i].first, left = range[i].count;
        if (!placed && inside - next <= left) {
            uint32_t before = inside - next;
            next = append(map, &lines, next, first, before);
            next = append(map, &lines, next, own, 1);
            first += before;
            left -= before;
            placed = true;
        }
        next = append(map, &lines, next, first, left);
    }
    if (!placed)
        append(map, &lines, inside, own, 1);
    return lines;
}

static int read_ranges(const char *path, const struct subid_user *user,
                       struct scratch_id_range *range, size_t *count, struct scratch_error *err)
{
    char *text = subid_load(path);
    *count = text ? subid_ranges(text, user, range, BUILDER_RANGES) : 0;
    bool there = text;
    free(text);
    if (*count > BUILDER_RANGES)
        *count = BUILDER_RANGES;
    if (*count)
        return 0;
    error_because(err, ENOENT, WHAT_RANGES, *user->name ? user->name : user->number, NULL,
                  "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER");
    if (err)
        error_write(err->cause, there ? "the user has no line in %s" : "there is no %s", path);
    return -ENOENT;
}

/* The programs know their caller by its line in passwd(5), and map nothing for any other. */
static int check_caller(const struct subid_user *user, struct scratch_error *err)
{
    if (!*user->name)
        return error_because(err, ENOENT, WHAT_RANGES, user->number,
                             "no user of this number is known to the system", NULL);
    if (getgid() != user->group || geteuid() != getuid())
        return error_because(err, EPERM, WHAT_RANGES, user->name,
                             "newuidmap works for users who are what their line in passwd(5) says, "
                             "and the caller has another user or group",
                             "log in as that user");
    return 0;
}

static int take_ranges(struct builder *b, bool keep, struct scratch_error *err)
{
    struct scratch_id_range uids[BUILDER_RANGES], gids[BUILDER_RANGES];
    struct id_programs programs;
    struct subid_user user;
    size_t uid_count = 0, gid_count = 0;
    subid_caller(&user);
    int rc = read_ranges(SUBUID_PATH, &user, uids, &uid_count, err);
    if (rc == 0)
        rc = read_ranges(SUBGID_PATH, &user, gids, &gid_count, err);
    if (rc == 0 && !may_map())
        rc = check_caller(&user, err);
    if (rc == 0 && !may_map())
        rc = programs_find(&programs, err);
    if (rc < 0)
        return rc;
    uint32_t uid = geteuid(), gid = getegid();
    b->uids = (struct builder_ids){
        b->map_room[0], maps_around(b->map_room[0], keep ? uid : 0, uid, uids, uid_count)};
    b->gids = (struct builder_ids){
        b->map_room[1], maps_around(b->map_room[1], keep ? gid : 0, gid, gids, gid_count)};
    return 0;
}

/* Many machines have no such file, or an empty one: then users need not be looked up. */
static bool may_have_ranges(void)
{
    struct stat st;
    return stat(SUBUID_PATH, &st) == 0 && st.st_size > 0;
}

/* Where they cannot be had, nothing is mapped but the caller's own ids. */
static void take_ranges_if_there(struct builder *b, bool keep)
{
    if (may_have_ranges() && take_ranges(b, keep, NULL) == 0)
        return;
    if (!keep)
        return;
    b->map_room[0][0] = (struct scratch_id_map){geteuid(), geteuid(), 1};
    b->map_room[1][0] = (struct scratch_id_map){getegid(), getegid(), 1};
    b->uids = (struct builder_ids){b->map_room[0], 1};
    b->gids = (struct builder_ids){b->map_room[1], 1};
}

/* ---- deciding ------------------------------------------------------------------------------- */

static int choose(struct builder *b, const struct scratch_namespace_options *o, bool ranges)
{
    b->uids = (struct builder_ids){o->uid_map, o->uid_map_count};
    b->gids = (struct builder_ids){o->gid_map, o->gid_map_count};
    b->auto_range = o->id_maps == SCRATCH_ID_MAPS_AUTO;
    bool given = o->uid_map_count || o->gid_map_count;
    b->map_room[0][0] = (struct scratch_id_map){0, 0, o->id_count ? o->id_count : SCRATCH_ID_RANGE};
    if (b->auto_range)
        b->uids = b->gids = (struct builder_ids){b->map_room[0], 1};
    else if (o->id_maps == SCRATCH_ID_MAPS_RANGES)
        return take_ranges(b, false, b->err);
    else if (o->id_maps == SCRATCH_ID_MAPS_KEEP)
        take_ranges_if_there(b, true);
    else if (o->id_maps == SCRATCH_ID_MAPS_DEFAULT && b->user_namespace && ranges && !given &&
             !privilege_has(CAP_SYS_ADMIN))
        take_ranges_if_there(b, false);
    return 0;
}

/* Where only the other kind has a map: the one that put_text() writes. */
static void complete(struct builder_ids *ids, struct scratch_id_map *room, uint32_t own)
{
    room[0] = (struct scratch_id_map){0, own, 1};
    *ids = (struct builder_ids){room, 1};
}

/* Without the privilege to write maps, programs that have it are asked to. */
static int choose_writer(struct builder *b)
{
    struct id_programs programs;
    b->ranges = b->user_namespace && (b->auto_range || needs_privilege(&b->uids, geteuid()) ||
                                      needs_privilege(&b->gids, getegid()));
    if (!b->ranges || may_map())
        return 0;
    int rc = programs_find(&programs, b->err);
    if (rc < 0 && b->err) {
        error_write(b->err->what, "map other ids than one's own");
        error_write(b->err->hint, "give no map: your own user and group become id 0 inside");
    }
    if (rc < 0)
        return rc;
    if (b->uids.count == 0)
        complete(&b->uids, b->map_room[0], geteuid());
    if (b->gids.count == 0)
        complete(&b->gids, b->map_room[1], getegid());
    programs_put(b, &programs);
    return 0;
}

/* A map as the kernel reads it; without one, the caller's own id becomes 0. */
static uint32_t put_text(struct builder *b, const struct builder_ids *ids, uint32_t own)
{
    const struct scratch_id_map standard = {0, own, 1};
    const struct scratch_id_map *map = ids->count ? ids->map : &standard;
    size_t count = ids->count ? ids->count : 1, size;
    char *text = NULL;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        b->block.failed = -ENOMEM;
        return 0;
    }
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%u %u %u", i ? "\n" : "", map[i].inside, map[i].outside, map[i].count);
    fclose(out);
    uint32_t offset = builder_text(b, text);
    free(text);
    return offset;
}

int maps_decide(struct builder *b, const struct scratch_namespace_options *o, bool ranges)
{
    int rc = check_options(b, o);
    if (rc == 0)
        rc = choose(b, o, ranges);
    if (rc == 0)
        rc = choose_writer(b);
    if (rc == 0)
        rc = check_map(b, "user id map", &b->uids);
    if (rc == 0)
        rc = check_map(b, "group id map", &b->gids);
    if (rc == 0 && b->user_namespace && !b->auto_range) {
        b->map_text[0] = put_text(b, &b->uids, geteuid());
        b->map_text[1] = put_text(b, &b->gids, getegid());
    }
    return rc;
}

/* ---- steps ---------------------------------------------------------------------------------- */

static uint32_t put_pool(struct builder *b, const struct id_pool *pool)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        b->block.failed = -ENOMEM;
        return 0;
    }
    for (size_t i = 0; i < pool->count; i++)
        fprintf(out, "%s%u %u", i ? "\n" : "", pool->range[i].first, pool->range[i].count);
    fclose(out);
    uint32_t offset = builder_text(b, text);
    free(text);
    return offset;
}

int maps_put_range(struct builder *b)
{
    struct id_pool pool;
    int rc = id_pool_find(&pool, b->err);
    int slot = rc < 0 ? rc : builder_fd(b, -1);
    if (slot >= 0) {
        uint32_t text = put_pool(b, &pool);
        struct step *step = builder_add(b, STEP_ID_RANGE, STEP_HOST);
        step->text[0] = text;
        step->num[0] = SCRATCH_ID_RANGE;
        step->fd[0] = (int16_t)slot;
    }
    id_pool_free(&pool);
    return slot < 0 ? slot : 0;
}

static void put_maps(struct builder *b, struct step *step)
{
    step->text[0] = b->map_text[0];
    step->text[1] = b->map_text[1];
    /* The kernel wants it of those without privilege; shedding a group could gain access. */
    step->num[0] = !b->ranges;
    step->num[1] = b->auto_range ? b->uids.map[0].count : 0;
}

void maps_put_own(struct builder *b, enum step_side side)
{
    put_maps(b, builder_add(b, STEP_ID_MAPS, side));
}

void maps_put_written(struct builder *b)
{
    if (!b->map_program[0]) {
        put_maps(b, builder_add(b, STEP_ID_MAPS_OF, STEP_HOST));
        return;
    }
    struct step *step = builder_add(b, STEP_ID_MAPS_BY, STEP_HOST);
    step->text[0] = b->map_program[0];
    step->text[1] = b->map_program[1];
}
