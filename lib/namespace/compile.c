/* SPDX-License-Identifier: MIT */
#include "namespace/compile.h"
#include "base/privilege.h"
#include "namespace/types.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel's own limits: UTS names (__NEW_UTS_LEN), lines of a map (since 4.15). */
#define NAME_LENGTH_MAX 64
#define MAP_LINES_MAX   340

/* <sys/mount.h>, which has them, clashes with <linux/mount.h> in some C libraries. */
#define RECURSIVE_PRIVATE (0x4000 /* MS_REC */ | 0x40000 /* MS_PRIVATE */)

/* Those that a process which has its other namespaces already can move into, or its children. */
#define JOINABLE                                                                                   \
    (SCRATCH_NS_CGROUP | SCRATCH_NS_UTS | SCRATCH_NS_IPC | SCRATCH_NS_NET | SCRATCH_NS_PID)

static int check_name(struct builder *b, const char *what, const char *name)
{
    if (!name || (b->namespaces & SCRATCH_NS_UTS && strlen(name) <= NAME_LENGTH_MAX))
        return 0;
    if (!(b->namespaces & SCRATCH_NS_UTS))
        return error_because(b->err, EINVAL, what, name, "the UTS namespace would be the host's",
                             "make a new UTS namespace, or set no name");
    return error_because(b->err, EINVAL, what, name, "longer than 64 bytes", NULL);
}

static uint64_t ids_mapped(const struct scratch_id_map *map, size_t count)
{
    uint64_t ids = 0;
    for (size_t i = 0; i < count; i++)
        ids += map[i].count;
    return ids;
}

/* True for a map that the namespace's own process may not write: user_namespaces(7). */
static bool needs_privilege(const struct scratch_id_map *map, size_t count, uint32_t own)
{
    return count > 0 && (ids_mapped(map, count) > 1 || map[0].outside != own);
}

static int check_map(struct builder *b, const char *what, const struct scratch_id_map *map,
                     size_t count)
{
    bool root = count == 0;
    if (count > MAP_LINES_MAX)
        return error_because(b->err, EINVAL, what, NULL, "more than 340 ranges", NULL);
    for (size_t i = 0; i < count; i++) {
        if (map[i].count == 0 || (uint64_t)map[i].inside + map[i].count > UINT32_MAX ||
            (uint64_t)map[i].outside + map[i].count > UINT32_MAX)
            return error_because(b->err, EINVAL, what, NULL,
                                 "a range is empty, or ends beyond the last id", NULL);
        root = root || map[i].inside == 0;
    }
    if (b->ranges && !root)
        return error_because(b->err, EINVAL, what, NULL, "id 0 is not mapped",
                             "map id 0: the container is set up as it");
    return 0;
}

static int check_joins(struct builder *b, const struct scratch_namespace_options *o)
{
    for (size_t i = 0; i < o->join_count; i++) {
        uint64_t type = o->join[i].type;
        if (type & b->namespaces)
            return error_set(b->err, EINVAL, "join a namespace", o->join[i].path,
                             "a namespace is either made or joined: take its type out of create");
        if (type == 0 || type & (type - 1) || type & ~JOINABLE)
            return error_set(b->err, EINVAL, "join a namespace", o->join[i].path,
                             "one of cgroup, uts, ipc, net, pid can be joined at a start");
        b->joined |= type;
    }
    return 0;
}

static int check_ids(struct builder *b, const struct scratch_namespace_options *o)
{
    if ((o->uid_map_count || o->gid_map_count) && !b->user_namespace)
        return error_set(b->err, EINVAL, "id maps", NULL, "add SCRATCH_NS_USER to create");
    if (b->ranges && !(privilege_has(CAP_SETUID) && privilege_has(CAP_SETGID)))
        return error_because(b->err, EPERM, "map other ids than one's own", NULL,
                             "the caller has no CAP_SETUID and CAP_SETGID",
                             "give no map: your own user and group become id 0 inside");
    int rc = check_map(b, "user id map", o->uid_map, o->uid_map_count);
    return rc < 0 ? rc : check_map(b, "group id map", o->gid_map, o->gid_map_count);
}

static void decide_ids(struct builder *b, const struct scratch_namespace_options *o)
{
    b->user_namespace = b->namespaces & SCRATCH_NS_USER;
    b->uids = (struct builder_ids){o->uid_map, o->uid_map_count};
    b->gids = (struct builder_ids){o->gid_map, o->gid_map_count};
    b->nested = !privilege_all_ids();
    b->ranges = b->user_namespace && (needs_privilege(o->uid_map, o->uid_map_count, geteuid()) ||
                                      needs_privilege(o->gid_map, o->gid_map_count, getegid()));
}

int namespace_compile_begin(struct builder *b, const struct scratch_namespace_options *o)
{
    b->namespaces = o->create;
    if (o->create & ~NAMESPACE_ALL)
        return error_set(b->err, EINVAL, "namespaces to create", NULL, "use SCRATCH_NS_ values");
    /* Every other namespace needs CAP_SYS_ADMIN in the user namespace that will own it. */
    if (o->create && !privilege_has(CAP_SYS_ADMIN))
        b->namespaces |= SCRATCH_NS_USER;
    decide_ids(b, o);
    if ((o->monotonic_offset || o->boottime_offset) && !(b->namespaces & SCRATCH_NS_TIME))
        return error_set(b->err, EINVAL, "clock offsets", NULL, "add SCRATCH_NS_TIME to create");
    int rc = check_ids(b, o);
    if (rc == 0)
        rc = check_name(b, "host name", o->hostname);
    if (rc == 0)
        rc = check_name(b, "domain name", o->domainname);
    return rc < 0 ? rc : check_joins(b, o);
}

/* A map as the kernel reads it; without one, the caller's own id becomes 0. */
static uint32_t map_text(struct builder *b, const struct scratch_id_map *map, size_t count,
                         uint32_t own)
{
    const struct scratch_id_map standard = {0, own, 1};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        b->block.failed = -ENOMEM;
        return 0;
    }
    if (count == 0) {
        map = &standard;
        count = 1;
    }
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%u %u %u", i ? "\n" : "", map[i].inside, map[i].outside, map[i].count);
    fclose(out);
    uint32_t offset = builder_text(b, text);
    free(text);
    return offset;
}

static void put_maps(struct builder *b, struct step *step,
                     const struct scratch_namespace_options *o)
{
    uint32_t uids = map_text(b, o->uid_map, o->uid_map_count, (uint32_t)geteuid());
    uint32_t gids = map_text(b, o->gid_map, o->gid_map_count, (uint32_t)getegid());
    step->text[0] = uids;
    step->text[1] = gids;
    /* The kernel wants it of those without privilege; shedding a group could gain access. */
    step->num[0] = !b->ranges;
}

void namespace_compile_own_ids(struct builder *b, enum step_side side)
{
    static const struct scratch_namespace_options none;
    put_maps(b, builder_add(b, STEP_ID_MAPS, side), &none);
}

static void put_time_offsets(struct builder *b, const struct scratch_namespace_options *o)
{
    const int64_t second = 1000000000;
    char text[128];
    if (!o->monotonic_offset && !o->boottime_offset)
        return;
    /* Nanoseconds are counted up from the second below. */
    int64_t m = o->monotonic_offset, t = o->boottime_offset;
    int64_t m_ns = (m % second + second) % second, t_ns = (t % second + second) % second;
    snprintf(text, sizeof text, "monotonic %lld %lld\nboottime %lld %lld",
             (long long)((m - m_ns) / second), (long long)m_ns, (long long)((t - t_ns) / second),
             (long long)t_ns);
    uint32_t offset = builder_text(b, text);
    builder_add(b, STEP_TIME_OFFSETS, STEP_CHILD)->text[0] = offset;
}

int namespace_compile_clone(struct builder *b, const struct scratch_namespace_options *o, int group)
{
    struct step *clone = builder_add(b, STEP_CLONE, STEP_HOST);
    clone->num[0] = b->namespaces & ~b->unshared_later;
    clone->fd[0] = (int16_t)group;
    put_time_offsets(b, o);
    if (b->ranges) {
        builder_add(b, STEP_KEEP_CAPS, STEP_CHILD);
        builder_add(b, STEP_MEET, STEP_CONTAINER);
        put_maps(b, builder_add(b, STEP_ID_MAPS_OF, STEP_HOST), o);
        builder_add(b, STEP_BECOME_ROOT, STEP_CONTAINER);
    } else if (b->user_namespace) {
        put_maps(b, builder_add(b, STEP_ID_MAPS, STEP_CHILD), o);
        if (o->uid_map_count && o->uid_map[0].inside != 0)
            builder_add(b, STEP_KEEP_CAPS, STEP_CHILD);
    }
    return 0;
}

/* Mounts made in the new mount namespace shall not spread to the old one. */
void namespace_compile_private(struct builder *b, enum step_side side)
{
    uint32_t root = builder_text(b, "/");
    struct step *step = builder_add(b, STEP_PROPAGATION, side);
    step->text[0] = root;
    step->num[0] = RECURSIVE_PRIVATE;
}

int namespace_compile_call(struct builder *b, const struct scratch_namespace_options *o)
{
    if (b->joined & SCRATCH_NS_PID)
        return error_because(b->err, EINVAL, "join a namespace", NULL,
                             "a pid namespace is entered by the children of the one that joins it",
                             "join it in the function, and fork there");
    struct step *clone = builder_add(b, STEP_CLONE, STEP_HOST);
    bool offsets = o->monotonic_offset || o->boottime_offset;
    clone->num[0] = offsets ? b->namespaces & ~SCRATCH_NS_TIME : b->namespaces;
    if (offsets) {
        builder_add(b, STEP_UNSHARE, STEP_CONTAINER)->num[0] = SCRATCH_NS_TIME;
        put_time_offsets(b, o);
    }
    if (b->ranges) {
        builder_add(b, STEP_MEET, STEP_CONTAINER);
        put_maps(b, builder_add(b, STEP_ID_MAPS_OF, STEP_HOST), o);
        builder_add(b, STEP_BECOME_ROOT, STEP_CONTAINER);
    } else if (b->user_namespace) {
        put_maps(b, builder_add(b, STEP_ID_MAPS, STEP_CONTAINER), o);
    }
    if (b->namespaces & SCRATCH_NS_MNT)
        namespace_compile_private(b, STEP_CONTAINER);
    int rc = namespace_compile_inside(b, o);
    return rc < 0 ? rc : namespace_compile_sysctl(b, o);
}

static int put_join(struct builder *b, const struct scratch_namespace_join *join)
{
    int fd = join->fd >= 0 ? fcntl(join->fd, F_DUPFD_CLOEXEC, 3)
                           : open(join->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_call(b->err, errno, "open(2)", "join a namespace", join->path, NULL);
    int slot = builder_fd(b, fd);
    if (slot < 0)
        return slot;
    struct step *step = builder_add(b, STEP_JOIN_NAMESPACE, STEP_CONTAINER);
    step->fd[0] = (int16_t)slot;
    step->num[0] = join->type;
    return 0;
}

int namespace_compile_inside(struct builder *b, const struct scratch_namespace_options *o)
{
    for (size_t i = 0; i < o->join_count; i++) {
        int rc = put_join(b, &o->join[i]);
        if (rc < 0)
            return rc;
    }
    if (b->namespaces & SCRATCH_NS_NET) /* not there, it is missed by few */
        builder_add(b, STEP_LOOPBACK, STEP_CONTAINER)->flags = STEP_BEST_EFFORT;
    if (b->namespaces & SCRATCH_NS_UTS && o->hostname) {
        builder_slot(b, SLOT_HOSTNAME, o->hostname);
        builder_add(b, STEP_HOSTNAME, STEP_CONTAINER)->text[0] = SLOT_TEXT(SLOT_HOSTNAME);
    }
    if (o->domainname) {
        uint32_t name = builder_text(b, o->domainname);
        builder_add(b, STEP_DOMAINNAME, STEP_CONTAINER)->text[0] = name;
    }
    return 0;
}
