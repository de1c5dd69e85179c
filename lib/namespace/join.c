/* SPDX-License-Identifier: MIT */
/*
 * Which of a process's namespaces are others than the caller's, and what is mapped in them.
 */
#include "base/privilege.h"
#include "base/sys.h"
#include "namespace/compile.h"
#include "namespace/types.h"
#include "step/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* True when they are; -errno when it is not to be seen. */
static int differs(pid_t pid, const char *name)
{
    char path[64];
    struct stat its, own;
    snprintf(path, sizeof path, "/proc/self/ns/%s", name);
    if (stat(path, &own) < 0)
        return errno == ENOENT ? 0 : -errno; /* this kernel has no such kind */
    snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, name);
    if (stat(path, &its) < 0)
        return errno == ENOENT ? -ESRCH : -errno; /* it is about to end, and has none any more */
    return its.st_ino != own.st_ino || its.st_dev != own.st_dev;
}

static int find_all(struct builder *b, pid_t pid, uint64_t *types)
{
    *types = 0;
    for (const struct name_flag *n = names_namespaces; n->name; n++) {
        int rc = differs(pid, n->name);
        if (rc < 0)
            return error_call(b->err, -rc, "stat(2)", "look at the container's namespaces", n->name,
                              rc == -EACCES ? "do it as the user who started it" : NULL);
        if (rc > 0)
            *types |= n->value;
    }
    return 0;
}

/* More lines than there is room for are not looked at: the kernel will say what is not mapped. */
static int read_map(pid_t pid, const char *file, struct scratch_id_map *room,
                    struct builder_ids *ids)
{
    char path[64];
    struct scratch_id_map *m = room;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    FILE *in = fopen(path, "re");
    if (!in)
        return -errno;
    while (m < room + BUILDER_MAP_LINES &&
           fscanf(in, "%u %u %u", &m->inside, &m->outside, &m->count) == 3)
        m++;
    fclose(in);
    *ids = (struct builder_ids){room, (size_t)(m - room)};
    return 0;
}

static bool may_set_groups(pid_t pid)
{
    char path[64], word[16] = "";
    snprintf(path, sizeof path, "/proc/%d/setgroups", (int)pid);
    FILE *in = fopen(path, "re");
    bool allow = in && fscanf(in, "%15s", word) == 1 && strcmp(word, "allow") == 0;
    if (in)
        fclose(in);
    return allow;
}

static int find_maps(struct builder *b, pid_t pid)
{
    int rc = read_map(pid, "uid_map", b->map_room[0], &b->uids);
    if (rc == 0)
        rc = read_map(pid, "gid_map", b->map_room[1], &b->gids);
    b->ranges = may_set_groups(pid);
    return rc < 0
               ? error_call(b->err, -rc, "open(2)", "look at the container's id maps", NULL, NULL)
               : 0;
}

int namespace_find_maps(struct builder *b, const struct scratch_namespace_options *o,
                        const char *path)
{
    int pid, n = 0;
    if (path && sscanf(path, "/proc/%d/ns/user%n", &pid, &n) == 1 && n > 0 && !path[n])
        return find_maps(b, pid);
    for (int i = 0; i < 2; i++)
        b->map_room[i][0] = (struct scratch_id_map){0, 0, UINT32_MAX};
    b->uids = o->uid_map_count ? (struct builder_ids){o->uid_map, o->uid_map_count}
                               : (struct builder_ids){b->map_room[0], 1};
    b->gids = o->gid_map_count ? (struct builder_ids){o->gid_map, o->gid_map_count}
                               : (struct builder_ids){b->map_room[1], 1};
    b->ranges = true;
    return 0;
}

int namespace_compile_join_begin(struct builder *b, pid_t pid, uint64_t *types)
{
    int rc = find_all(b, pid, types);
    b->nested = !privilege_all_ids();
    b->user_namespace = *types & SCRATCH_NS_USER;
    return rc == 0 && b->user_namespace ? find_maps(b, pid) : rc;
}

/* True when two directories are one, in one mount. */
static bool is_same(int fd, const char *path)
{
    struct statx one, other;
    const unsigned mask = STATX_INO | STATX_MNT_ID;
    return sys_statx(fd, "", AT_EMPTY_PATH, mask, &one) == 0 &&
           sys_statx(AT_FDCWD, path, 0, mask, &other) == 0 && one.stx_ino == other.stx_ino &&
           one.stx_mnt_id == other.stx_mnt_id && one.stx_dev_major == other.stx_dev_major &&
           one.stx_dev_minor == other.stx_dev_minor;
}

/* A mount namespace that is joined brings its root. *slot: of another one, or -1. */
static int open_root(struct builder *b, pid_t pid, uint64_t types, int *slot)
{
    char path[64];
    *slot = -1;
    if (types & SCRATCH_NS_MNT)
        return 0;
    snprintf(path, sizeof path, "/proc/%d/root", (int)pid);
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_call(b->err, errno == ENOENT ? ESRCH : errno, "open(2)", "join the container",
                          path, NULL);
    if (is_same(fd, "/")) {
        close(fd);
        return 0;
    }
    *slot = builder_fd(b, fd);
    return *slot < 0 ? *slot : 0;
}

int namespace_compile_join(struct builder *b, pid_t pid, int pidfd, uint64_t types)
{
    int root, rc = open_root(b, pid, types, &root);
    int fd = rc < 0 ? rc : fcntl(pidfd, F_DUPFD_CLOEXEC, 3);
    if (rc < 0)
        return rc;
    if (fd < 0)
        return error_call(b->err, errno, "fcntl(2)", "join the container", NULL, NULL);
    int slot = builder_fd(b, fd);
    if (slot < 0)
        return slot;
    struct step *step = builder_add(b, STEP_JOIN_CONTAINER, STEP_CONTAINER);
    step->fd[0] = (int16_t)slot;
    step->fd[1] = (int16_t)root;
    step->num[0] = types;
    builder_add(b, STEP_SPAWN, STEP_CONTAINER);
    return 0;
}
