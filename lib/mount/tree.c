/* SPDX-License-Identifier: MIT */
#include "mount/tree.h"

#include <linux/limits.h>

#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000u /* Linux 5.8 */
#endif

#define S_IFMT_  0170000
#define S_IFDIR_ 0040000
#define S_IFLNK_ 0120000

/* What getdents64(2) writes. */
struct entry {
    uint64_t inode;
    int64_t next;
    uint16_t size;
    uint8_t type;
    char name[];
};

static int look_at(int fd, struct statx *st)
{
    return sys_statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_BASIC_STATS | STATX_MNT_ID, st);
}

/* ---- levels --------------------------------------------------------------------------------- */

/* Go down into a directory. "to" is the level's own from here on. */
static int push(struct tree *t, int directory, int to)
{
    int from = -ENAMETOOLONG;
    if (t->depth < TREE_DEPTH)
        from = sys_openat(directory, ".", O_RDONLY | O_DIRECTORY, 0);
    if (from < 0) {
        if (to != TREE_NO_FD)
            sys_close(to);
        return from;
    }
    struct tree_level *level = &t->level[t->depth++];
    level->from = from;
    level->to = to;
    level->next = 0;
    t->filled = false;
    return 0;
}

static void pop(struct tree *t)
{
    const struct tree_level *level = tree_top(t);
    sys_close(level->from);
    if (t->depth > 1 && level->to != TREE_NO_FD)
        sys_close(level->to);
    t->depth--;
    t->filled = false;
}

/* ---- entries -------------------------------------------------------------------------------- */

/* Read on in the topmost directory. 1: there are entries in the buffer; 0: it has no more. */
static int fill(struct tree *t)
{
    const struct tree_level *level = tree_top(t);
    if (!t->filled) { /* another directory was read in between */
        long rc = sys3(SYS_lseek, level->from, (long)level->next, 0 /* SEEK_SET */);
        if (rc < 0)
            return (int)rc;
    }
    long n = sys3(SYS_getdents64, level->from, (long)t->buffer, sizeof t->buffer);
    if (n <= 0)
        return (int)n;
    t->filled = true;
    t->at = 0;
    t->end = (uint32_t)n;
    return 1;
}

static bool is_dots(const char *name)
{
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* The next entry of the topmost directory. 1, 0 at its end, or -errno. */
static int next(struct tree *t, const char **name)
{
    for (;;) {
        if (!t->filled || t->at >= t->end) {
            int rc = fill(t);
            if (rc <= 0)
                return rc;
        }
        const struct entry *entry = (const struct entry *)(t->buffer + t->at);
        t->at += entry->size;
        tree_top(t)->next = entry->next;
        *name = entry->name;
        if (!is_dots(entry->name))
            return 1;
    }
}

static int visit_open(struct tree *t, const struct tree_entry *entry)
{
    if (entry->st.stx_mnt_id != t->mount) /* not ours to touch */
        return 0;
    if ((entry->st.stx_mode & S_IFMT_) != S_IFDIR_)
        return t->visitor->file(t, entry);
    int to = t->visitor->enter(t, entry);
    return to < 0 ? to : push(t, entry->fd, to);
}

static int visit(struct tree *t, const char *name)
{
    struct tree_entry entry;
    entry.parent = tree_top(t)->from;
    entry.name = name;
    entry.fd = sys_openat(entry.parent, name, O_PATH | O_NOFOLLOW, 0);
    if (entry.fd == -ENOENT) /* somebody has removed it meanwhile */
        return 0;
    if (entry.fd < 0)
        return entry.fd;
    int rc = look_at(entry.fd, &entry.st);
    if (rc == 0)
        rc = visit_open(t, &entry);
    sys_close(entry.fd);
    return rc;
}

/* ---- the walk ------------------------------------------------------------------------------- */

static int leave(struct tree *t)
{
    int rc = t->visitor->leave ? t->visitor->leave(t) : 0;
    pop(t);
    return rc;
}

int tree_walk(struct tree *t, int from, int to)
{
    struct statx st;
    int rc = look_at(from, &st);
    t->mount = st.stx_mnt_id;
    t->depth = 0;
    if (rc == 0)
        rc = push(t, from, to);
    while (rc == 0 && t->depth > 0) {
        const char *name;
        rc = next(t, &name);
        if (rc >= 0)
            rc = rc ? visit(t, name) : leave(t);
    }
    while (t->depth > 0)
        pop(t);
    return rc;
}

/* ---- where it begins ------------------------------------------------------------------------ */

static bool is_link(int fd)
{
    struct statx st;
    return look_at(fd, &st) < 0 || (st.stx_mode & S_IFMT_) == S_IFLNK_;
}

int tree_open(const char *path)
{
    int fd = sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
    while (fd >= 0 && *path) {
        char name[NAME_MAX + 1];
        size_t n = 0;
        for (; *path == '/'; path++)
            ;
        for (; *path && *path != '/' && n < NAME_MAX; path++)
            name[n++] = *path;
        name[n] = '\0';
        int below =
            n ? sys_openat(fd, name, O_PATH | O_NOFOLLOW, 0) : sys_fcntl(fd, F_DUPFD_CLOEXEC, 3);
        sys_close(fd);
        fd = below;
    }
    if (fd >= 0 && is_link(fd)) {
        sys_close(fd);
        return -ELOOP;
    }
    return fd;
}
