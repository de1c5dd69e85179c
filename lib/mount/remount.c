/* SPDX-License-Identifier: MIT */
/*
 * Attributes without mount_setattr(2), which came with Linux 5.12.
 */
#include "base/text.h"
#include "mount/attach.h"
#include "mount/mountinfo.h"

#include <sys/vfs.h>

/* MS_* of mount(2): <sys/mount.h> clashes with <linux/mount.h> in some C libraries. */
#define MS_REMOUNT_     (1ul << 5)
#define MS_BIND_        (1ul << 12)
#define MS_RELATIME_    (1ul << 21)
#define MS_STRICTATIME_ (1ul << 24)

/* An attribute, as statfs(2) reports it, and as mount(2) takes it. */
struct attribute_flag {
    uint32_t attribute, reported, flag;
};
static const struct attribute_flag flags[] = {
    {MOUNT_ATTR_RDONLY, 1, 1},
    {MOUNT_ATTR_NOSUID, 2, 2},
    {MOUNT_ATTR_NODEV, 4, 4},
    {MOUNT_ATTR_NOEXEC, 8, 8},
    {MOUNT_ATTR_NODIRATIME, 2048, 2048},
    {MOUNT_ATTR_NOATIME, 1024, 1024},
    {MOUNT_ATTR_NOSYMFOLLOW, 8192, 256},
};
#define FLAGS             (sizeof flags / sizeof *flags)
#define REPORTED_RELATIME 4096

unsigned long mount_flags(uint64_t attributes)
{
    unsigned long result = 0;
    for (unsigned i = 0; i < FLAGS; i++)
        if (attributes & flags[i].attribute)
            result |= flags[i].flag;
    if (attributes & MOUNT_ATTR_STRICTATIME)
        result |= MS_STRICTATIME_;
    else if (!(attributes & MOUNT_ATTR_NOATIME))
        result |= MS_RELATIME_;
    return result;
}

/* ---- one mount ------------------------------------------------------------------------------ */

/* A remount replaces all flags: those that the mount has and keeps are given again. */
int mount_has(int mount, uint64_t *attributes)
{
    struct statfs fs;
    int rc = (int)sys2(SYS_fstatfs, mount, (long)&fs);
    if (rc < 0)
        return rc;
    *attributes = 0;
    for (unsigned i = 0; i < FLAGS; i++)
        if (fs.f_flags & flags[i].reported)
            *attributes |= flags[i].attribute;
    if (!(*attributes & MOUNT_ATTR_NOATIME) && !(fs.f_flags & REPORTED_RELATIME))
        *attributes |= MOUNT_ATTR_STRICTATIME;
    return 0;
}

static int remount_with(int mount, uint64_t set, uint64_t clear)
{
    char path[16 + TEXT_NUMBER];
    uint64_t has;
    const unsigned long how = MS_REMOUNT_ | MS_BIND_;
    int rc = mount_has(mount, &has);
    if (rc < 0)
        return rc;
    text_fd_path(path, sizeof path, mount);
    return sys_mount(NULL, path, NULL, how | mount_flags((has & ~clear) | set), NULL);
}

/* In a user namespace, restrictions of the host's mount are locked: they stay. */
static int remount_one(int mount, const struct mount_change *change)
{
    int rc = remount_with(mount, change->set, change->clear);
    return rc == -EPERM && !change->oci
               ? remount_with(mount, change->set, change->clear & MOUNT_ATTR__ATIME)
               : rc;
}

/* ---- a tree --------------------------------------------------------------------------------- */

/* As many mounts as are remounted: beyond, the tree is refused. */
#define TREE_MAX 512

/* The mounts that were found to belong to the tree; the first is its top. */
struct tree {
    int top;
    size_t prefix; /* the length of the top's own target */
    uint32_t count;
    uint64_t id[TREE_MAX];
};

static bool has(const struct tree *tree, uint64_t id)
{
    for (uint32_t i = 0; i < tree->count; i++)
        if (tree->id[i] == id)
            return true;
    return false;
}

static bool is_mount(int fd, uint64_t id)
{
    struct statx st;
    return sys_statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) == 0 && st.stx_mnt_id == id;
}

/* Another mount lies on the whole of this one: no path leads to it. */
static bool is_covered(const struct mountinfo_line *line)
{
    struct mountinfo m;
    struct mountinfo_line other;
    bool covered = false;
    if (mountinfo_open(&m) < 0)
        return false;
    while (!covered && mountinfo_next(&m, &other))
        covered = other.parent == line->id && text_equal(other.target, line->target);
    mountinfo_close(&m);
    return covered;
}

/*
 * The path is from the tree's top, and what it leads to is checked: it is this mount, or it has
 * been renamed. One that is covered stays as it was: to uncover it takes the privilege to remount
 * the others as well.
 */
static int remount_below(const struct tree *tree, const struct mountinfo_line *line,
                         const struct mount_change *change)
{
    const char *path = line->target;
    if (text_length(path) < tree->prefix) /* the tree's own path has changed */
        return -EOPNOTSUPP;
    path += tree->prefix;
    while (*path == '/')
        path++;
    int fd = sys_openat(tree->top, path, O_PATH | O_NOFOLLOW, 0);
    if (fd >= 0 && is_mount(fd, line->id)) {
        int rc = remount_one(fd, change);
        sys_close(fd);
        return rc;
    }
    if (fd >= 0)
        sys_close(fd);
    return is_covered(line) ? 0 : -EOPNOTSUPP;
}

/* A line of the tree that is seen for the first time. */
static int take_line(struct tree *tree, const struct mountinfo_line *line,
                     const struct mount_change *change)
{
    if (!has(tree, line->parent) || has(tree, line->id))
        return 0;
    if (tree->count == TREE_MAX)
        return -EOPNOTSUPP;
    tree->id[tree->count++] = line->id;
    return remount_below(tree, line, change);
}

static int read_once(struct tree *tree, const struct mount_change *change)
{
    struct mountinfo m;
    struct mountinfo_line line;
    int rc = mountinfo_open(&m);
    while (rc == 0 && mountinfo_next(&m, &line))
        rc = take_line(tree, &line, change);
    mountinfo_close(&m);
    return rc;
}

/* Where a mount is, as mountinfo(5) has it: the length of that path. */
static ssize_t target_length(int mount)
{
    char path[16 + TEXT_NUMBER], target[MOUNTINFO_PATH];
    text_fd_path(path, sizeof path, mount);
    return sys_readlinkat(AT_FDCWD, path, target, sizeof target);
}

/* A mount may be listed before its parent: read until nothing new is found. */
static int remount_tree(int mount, const struct mount_change *change)
{
    struct statx st;
    struct tree tree;
    uint32_t before;
    ssize_t length = target_length(mount);
    int rc = length < 0 ? (int)length : sys_statx(mount, "", AT_EMPTY_PATH, STATX_MNT_ID, &st);
    if (rc == 0)
        rc = remount_one(mount, change);
    if (rc < 0)
        return rc;
    tree.top = mount;
    tree.prefix = (size_t)length;
    tree.count = 1;
    tree.id[0] = st.stx_mnt_id;
    do {
        before = tree.count;
        rc = read_once(&tree, change);
    } while (rc == 0 && tree.count > before);
    return rc;
}

int mount_remount(int mount, const struct mount_change *change)
{
    int rc = 0;
    if (change->set || change->clear)
        rc = change->recursive ? remount_tree(mount, change) : remount_one(mount, change);
    return rc < 0 ? rc : mount_change_top(mount, change, remount_with);
}
