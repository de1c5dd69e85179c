/* SPDX-License-Identifier: MIT */
#include "namespace/compile.h"
#include "base/privilege.h"
#include "namespace/maps.h"
#include "namespace/ready.h"
#include "namespace/types.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_LENGTH_MAX 64 /* the kernel's own limit: __NEW_UTS_LEN */

/* <sys/mount.h>, which has them, clashes with <linux/mount.h> in some C libraries. */
#define RECURSIVE_PRIVATE (0x4000 /* MS_REC */ | 0x40000 /* MS_PRIVATE */)

static int check_name(struct builder *b, const char *what, const char *name)
{
    bool own = (b->namespaces | b->joined) & SCRATCH_NS_UTS;
    if (!name || (own && strlen(name) <= NAME_LENGTH_MAX))
        return 0;
    if (!own)
        return error_because(b->err, EINVAL, what, name, "the UTS namespace would be the host's",
                             "make a new UTS namespace, or set no name");
    return error_because(b->err, EINVAL, what, name, "longer than 64 bytes", NULL);
}

static int check_joins(struct builder *b, const struct scratch_namespace_options *o)
{
    for (size_t i = 0; i < o->join_count; i++) {
        uint64_t type = o->join[i].type;
        if (type & b->namespaces)
            return error_set(b->err, EINVAL, "join a namespace", o->join[i].path,
                             "a namespace is either made or joined: take its type out of create");
        if (type == 0 || type & (type - 1) || type & ~NAMESPACE_ALL || type & b->joined)
            return error_set(b->err, EINVAL, "join a namespace", o->join[i].path,
                             "one of each type can be joined: use SCRATCH_NS_ values");
        b->joined |= type;
    }
    return 0;
}

/* What is mounted in it lies over its "/": never over the caller's. */
static int check_mount_join(struct builder *b, int fd, const char *path)
{
    struct stat own, other;
    if (stat("/proc/self/ns/mnt", &own) < 0 || fstat(fd, &other) < 0)
        return error_call(b->err, errno, "stat(2)", "join a namespace", path, NULL);
    if (own.st_ino != other.st_ino)
        return 0;
    return error_because(b->err, EINVAL, "join a namespace", path,
                         "it is the caller's own mount namespace, and would get a new root",
                         "make a new one, or join one that is for containers");
}

static int open_join(struct builder *b, const struct scratch_namespace_join *join)
{
    int fd = join->fd >= 0 ? fcntl(join->fd, F_DUPFD_CLOEXEC, 3)
                           : open(join->path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return error_call(b->err, errno, "open(2)", "join a namespace", join->path, NULL);
    int rc = join->type == SCRATCH_NS_MNT ? check_mount_join(b, fd, join->path) : 0;
    if (rc == 0)
        return builder_fd(b, fd);
    close(fd);
    return rc;
}

/*
 * A user namespace that is joined owns what is made new, and gives its map to mounts. It is open
 * before all else: which ids there are in it decides much.
 */
static int begin_user_join(struct builder *b, const struct scratch_namespace_options *o)
{
    for (size_t i = 0; i < o->join_count; i++) {
        if (o->join[i].type != SCRATCH_NS_USER)
            continue;
        int slot = open_join(b, &o->join[i]);
        if (slot < 0)
            return slot;
        b->user_join = b->id_namespace = slot;
        b->user_namespace = true;
        b->behind_join = b->namespaces;
        return namespace_find_maps(b, o, o->join[i].path);
    }
    return 0;
}

static int check_pool(struct builder *b, const struct scratch_namespace_options *o)
{
    static const char what[] = "pool of network namespaces";
    if (!o->pool)
        return 0;
    if (!(b->namespaces & SCRATCH_NS_NET))
        return error_set(b->err, EINVAL, what, NULL, "add SCRATCH_NS_NET to create");
    if (b->user_namespace)
        return error_because(b->err, EINVAL, what, NULL,
                             "they do not belong to the container's own user namespace",
                             "leave out the pool, or SCRATCH_NS_USER");
    b->ready |= SCRATCH_NS_NET;
    return 0;
}

static int begin(struct builder *b, const struct scratch_namespace_options *o, bool ranges)
{
    b->namespaces = o->create;
    if (o->create & ~NAMESPACE_ALL)
        return error_set(b->err, EINVAL, "namespaces to create", NULL, "use SCRATCH_NS_ values");
    int rc = check_joins(b, o);
    if (rc < 0)
        return rc;
    /* Every other namespace needs CAP_SYS_ADMIN in the user namespace that will own it. */
    if (o->create && !builder_has(b, CAP_SYS_ADMIN) && !(b->joined & SCRATCH_NS_USER))
        b->namespaces |= SCRATCH_NS_USER;
    b->user_namespace = b->namespaces & SCRATCH_NS_USER;
    b->nested = !privilege_all_ids();
    if ((o->monotonic_offset || o->boottime_offset) && !(b->namespaces & SCRATCH_NS_TIME))
        return error_set(b->err, EINVAL, "clock offsets", NULL, "add SCRATCH_NS_TIME to create");
    if (b->joined & SCRATCH_NS_USER && (o->monotonic_offset || o->boottime_offset))
        return error_because(b->err, EINVAL, "clock offsets", NULL,
                             "they are set before a user namespace is joined",
                             "make a new user namespace, or join a time namespace as well");
    rc = check_pool(b, o);
    if (rc == 0)
        rc = b->joined & SCRATCH_NS_USER ? begin_user_join(b, o) : maps_decide(b, o, ranges);
    if (rc == 0)
        rc = check_name(b, "host name", o->hostname);
    return rc < 0 ? rc : check_name(b, "domain name", o->domainname);
}

int namespace_compile_begin(struct builder *b, const struct scratch_namespace_options *o)
{
    return begin(b, o, true);
}

int namespace_compile_begin_call(struct builder *b, const struct scratch_namespace_options *o)
{
    int rc = begin(b, o, false);
    if (rc == 0 && o->pool)
        rc = error_set(b->err, EINVAL, "pool of network namespaces", NULL, "it is for plans");
    if (rc == 0 && b->user_join >= 0)
        rc = error_because(b->err, EINVAL, "join a namespace", NULL,
                           "a user namespace is joined by plans alone",
                           "join it in the function: scratch_namespace_join_self()");
    if (rc == 0 && b->auto_range)
        rc = error_because(b->err, EINVAL, "id maps", NULL,
                           "nobody would hold a range of ids for a function",
                           "give maps, or SCRATCH_ID_MAPS_RANGES");
    return rc;
}

int namespace_compile_host(struct builder *b)
{
    return b->auto_range ? maps_put_range(b) : 0;
}

void namespace_compile_own_ids(struct builder *b, enum step_side side)
{
    static const struct scratch_namespace_options none = SCRATCH_NAMESPACE_OPTIONS_INIT;
    b->user_namespace = true;
    maps_decide(b, &none, false);
    maps_put_own(b, side);
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
             (long long)(m / second - (m % second < 0)), (long long)m_ns,
             (long long)(t / second - (t % second < 0)), (long long)t_ns);
    uint32_t offset = builder_text(b, text);
    builder_add(b, STEP_TIME_OFFSETS, STEP_CHILD)->text[0] = offset;
}

/* The pool's end is the plan's, the namespace the start's. */
static int put_take(struct builder *b, const scratch_namespace_pool *pool)
{
    int fd = fcntl(namespace_pool_fd(pool), F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return error_call(b->err, errno, "fcntl(2)", "take from a pool", NULL, NULL);
    int from = builder_fd(b, fd);
    int slot = from < 0 ? from : builder_fd(b, -1);
    if (slot < 0)
        return slot;
    b->host_only |= UINT64_C(1) << from;
    struct step *step = builder_add(b, STEP_TAKE_NETWORK, STEP_HOST);
    step->fd[0] = b->taken = (int16_t)slot;
    step->fd[1] = (int16_t)from;
    return 0;
}

int namespace_compile_clone(struct builder *b, const struct scratch_namespace_options *o, int group)
{
    int rc = o->pool ? put_take(b, o->pool) : 0;
    if (rc < 0)
        return rc;
    struct step *clone = builder_add(b, STEP_CLONE, STEP_HOST);
    clone->num[0] = b->namespaces & ~b->unshared_later & ~b->ready & ~b->behind_join;
    clone->fd[0] = (int16_t)group;
    put_time_offsets(b, o);
    if (b->user_join >= 0)
        return 0;
    if (b->ranges) {
        builder_add(b, STEP_KEEP_CAPS, STEP_CHILD);
        builder_add(b, STEP_MEET, STEP_CONTAINER);
        maps_put_written(b);
        builder_add(b, STEP_BECOME_ROOT, STEP_CONTAINER)->num[0] = b->keep_groups;
    } else if (b->user_namespace) {
        maps_put_own(b, STEP_CHILD);
        if (b->uids.count && b->uids.map[0].inside != 0)
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
        maps_put_written(b);
        builder_add(b, STEP_BECOME_ROOT, STEP_CONTAINER)->num[0] = b->keep_groups;
    } else if (b->user_namespace) {
        maps_put_own(b, STEP_CONTAINER);
    }
    if (b->namespaces & SCRATCH_NS_MNT)
        namespace_compile_private(b, STEP_CONTAINER);
    int rc = namespace_compile_inside(b, o);
    return rc < 0 ? rc : namespace_compile_sysctl(b, o);
}

static int put_join(struct builder *b, const struct scratch_namespace_join *join)
{
    int slot = join->type == SCRATCH_NS_USER ? b->user_join : open_join(b, join);
    if (slot < 0)
        return slot;
    struct step *step = builder_add(b, STEP_JOIN_NAMESPACE, STEP_CONTAINER);
    step->fd[0] = (int16_t)slot;
    step->num[0] = join->type;
    return 0;
}

/*
 * With the caller's privilege all others can be joined, which may belong to other user namespaces:
 * then its own goes. Without it, the user namespace's gives the right to join any.
 */
static int put_joins(struct builder *b, const struct scratch_namespace_options *o, bool user)
{
    int rc = 0;
    for (size_t i = 0; i < o->join_count && rc == 0; i++)
        if ((o->join[i].type == SCRATCH_NS_USER) == user)
            rc = put_join(b, &o->join[i]);
    if (rc < 0 || !user || b->user_join < 0)
        return rc;
    builder_add(b, STEP_BECOME_ROOT, STEP_CONTAINER)->num[0] = b->keep_groups || !b->ranges;
    return 0;
}

int namespace_compile_inside(struct builder *b, const struct scratch_namespace_options *o)
{
    bool user_last = builder_has(b, CAP_SYS_ADMIN);
    int rc = put_joins(b, o, !user_last);
    if (rc == 0)
        rc = put_joins(b, o, user_last);
    if (rc < 0)
        return rc;
    if (b->behind_join)
        builder_add(b, STEP_UNSHARE, STEP_CONTAINER)->num[0] = b->behind_join;
    if (o->pool) {
        struct step *step = builder_add(b, STEP_JOIN_NAMESPACE, STEP_CONTAINER);
        step->fd[0] = b->taken;
        step->num[0] = SCRATCH_NS_NET;
    } else if (b->namespaces & SCRATCH_NS_NET) /* not there, it is missed by few */
        builder_add(b, STEP_LOOPBACK, STEP_CONTAINER)->flags = STEP_BEST_EFFORT;
    if ((b->namespaces | b->joined) & SCRATCH_NS_UTS && o->hostname) {
        builder_slot(b, SLOT_HOSTNAME, o->hostname);
        builder_add(b, STEP_HOSTNAME, STEP_CONTAINER)->text[0] = SLOT_TEXT(SLOT_HOSTNAME);
    }
    if (o->domainname) {
        uint32_t name = builder_text(b, o->domainname);
        builder_add(b, STEP_DOMAINNAME, STEP_CONTAINER)->text[0] = name;
    }
    return 0;
}
