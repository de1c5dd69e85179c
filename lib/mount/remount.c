/* SPDX-License-Identifier: MIT */
/*
 * Attributes without mount_setattr(2), which came with Linux 5.12.
 */
#include "base/text.h"
#include "mount/attach.h"

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
static int attributes_of(int mount, uint64_t *attributes)
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

static int remount_one(int mount, const struct mount_change *change)
{
    char path[16 + TEXT_NUMBER];
    uint64_t has = 0, clear = change->clear;
    const unsigned long how = MS_REMOUNT_ | MS_BIND_;
    int rc = attributes_of(mount, &has);
    if (rc < 0)
        return rc;
    text_fd_path(path, sizeof path, mount);
    rc = sys_mount(NULL, path, NULL, how | mount_flags((has & ~clear) | change->set), NULL);
    if (rc != -EPERM)
        return rc;
    /* In a user namespace, restrictions of the host's mount are locked: they stay. */
    clear &= MOUNT_ATTR__ATIME;
    return sys_mount(NULL, path, NULL, how | mount_flags((has & ~clear) | change->set), NULL);
}

/* ---- a tree --------------------------------------------------------------------------------- */

/* What is read of mountinfo(5) at a time, and the longest path there. */
#define TEXT_SIZE 4096

/* As many mounts as are remounted: beyond, the tree is refused. */
#define TREE_MAX 512

struct mountinfo {
    int fd;
    size_t at, end;
    char text[TEXT_SIZE];
};

/* A line, "ID PARENT DEVICE ROOT TARGET …". */
struct line {
    uint64_t id, parent;
    char target[TEXT_SIZE];
};

/* The mounts that were found to belong to the tree; the first is its top. */
struct tree {
    int top;
    size_t prefix; /* the length of the top's own target */
    uint32_t count;
    uint64_t id[TREE_MAX];
};

static int next_char(struct mountinfo *m)
{
    if (m->at == m->end) {
        ssize_t n = sys_read(m->fd, m->text, sizeof m->text);
        if (n <= 0)
            return -1;
        m->at = 0;
        m->end = (size_t)n;
    }
    return (unsigned char)m->text[m->at++];
}

static uint64_t next_number(struct mountinfo *m)
{
    uint64_t number = 0;
    int c;
    while ((c = next_char(m)) >= '0' && c <= '9')
        number = number * 10 + (uint64_t)(c - '0');
    return number;
}

static void skip_to(struct mountinfo *m, char end)
{
    int c;
    do
        c = next_char(m);
    while (c >= 0 && c != end);
}

/* Spaces and the like are "\040" there. Too long a path is cut, and then not found. */
static void next_path(struct mountinfo *m, char *path)
{
    size_t at = 0;
    int c;
    while ((c = next_char(m)) > ' ') {
        if (c == '\\')
            for (int digits = c = 0; digits < 3; digits++)
                c = c * 8 + (next_char(m) - '0');
        if (at + 1 < TEXT_SIZE)
            path[at++] = (char)c;
    }
    path[at] = '\0';
}

static bool next_line(struct mountinfo *m, struct line *line)
{
    line->id = next_number(m);
    line->parent = next_number(m);
    skip_to(m, ' ');
    skip_to(m, ' ');
    next_path(m, line->target);
    skip_to(m, '\n');
    return line->id != 0;
}

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

static int open_mountinfo(struct mountinfo *m)
{
    m->at = m->end = 0;
    m->fd = sys_openat(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY, 0);
    return m->fd < 0 ? m->fd : 0;
}

/* Another mount lies on the whole of this one: no path leads to it. */
static bool is_covered(const struct line *line)
{
    struct mountinfo m;
    struct line other;
    bool covered = false;
    if (open_mountinfo(&m) < 0)
        return false;
    while (!covered && next_line(&m, &other))
        covered = other.parent == line->id && text_equal(other.target, line->target);
    sys_close(m.fd);
    return covered;
}

/*
 * The path is from the tree's top, and what it leads to is checked: it is this mount, or it has
 * been renamed. One that is covered stays as it was: to uncover it takes the privilege to remount
 * the others as well.
 */
static int remount_below(const struct tree *tree, const struct line *line,
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
static int take_line(struct tree *tree, const struct line *line, const struct mount_change *change)
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
    struct line line;
    int rc = open_mountinfo(&m);
    while (rc == 0 && next_line(&m, &line))
        rc = take_line(tree, &line, change);
    if (m.fd >= 0)
        sys_close(m.fd);
    return rc;
}

/* Where a mount is, as mountinfo(5) has it: the length of that path. */
static ssize_t target_length(int mount)
{
    char path[16 + TEXT_NUMBER], target[TEXT_SIZE];
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
    const struct mount_change top = {.set = change->top_set, .clear = change->top_clear};
    int rc = 0;
    if (change->set || change->clear)
        rc = change->recursive ? remount_tree(mount, change) : remount_one(mount, change);
    return rc == 0 && (top.set || top.clear) ? remount_one(mount, &top) : rc;
}
