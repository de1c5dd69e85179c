/* SPDX-License-Identifier: MIT */
#include "mount/copy.h"
#include "mount/tree.h"

#include <linux/limits.h>

#define S_IFMT_  0170000
#define S_IFDIR_ 0040000
#define S_IFREG_ 0100000
#define S_IFLNK_ 0120000
#define S_IDS_   06000 /* set-user-ID and set-group-ID */

/* As much as one sendfile(2) takes (MAX_RW_COUNT is more). */
#define COPY_SIZE (1 << 30)

/* ---- what is not content -------------------------------------------------------------------- */

static int copy_times(int dirfd, const char *name, const struct statx *st)
{
    const struct {
        int64_t seconds, nanoseconds;
    } times[2] = {{st->stx_atime.tv_sec, st->stx_atime.tv_nsec},
                  {st->stx_mtime.tv_sec, st->stx_mtime.tv_nsec}};
    return (int)sys4(SYS_utimensat, dirfd, (long)name, (long)times, AT_SYMLINK_NOFOLLOW);
}

/*
 * An owner who is not mapped here cannot be given anything: it is then the container's root's, and
 * shall not lend that user's rights to whoever runs it.
 */
static int copy_properties(int dirfd, const char *name, const struct statx *st)
{
    unsigned mode = st->stx_mode & 07777;
    int rc =
        (int)sys5(SYS_fchownat, dirfd, (long)name, st->stx_uid, st->stx_gid, AT_SYMLINK_NOFOLLOW);
    if (rc == -EINVAL || rc == -EPERM)
        mode &= ~(unsigned)S_IDS_;
    else if (rc < 0)
        return rc;
    rc = 0;
    if ((st->stx_mode & S_IFMT_) != S_IFLNK_)
        rc = (int)sys3(SYS_fchmodat, dirfd, (long)name, mode);
    return rc < 0 ? rc : copy_times(dirfd, name, st);
}

/* ---- content -------------------------------------------------------------------------------- */

static int send_all(int to, int from)
{
    long n;
    do
        n = sys4(SYS_sendfile, to, from, 0, COPY_SIZE);
    while (n > 0);
    return (int)n;
}

/* It may have become something else since it was looked at: a pipe is not waited for. */
static int copy_regular(int dirfd, const struct tree_entry *entry)
{
    int from = sys_openat(entry->parent, entry->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    if (from < 0)
        return from;
    int to = sys_openat(dirfd, entry->name, O_CREAT | O_EXCL | O_WRONLY, 0600);
    int rc = to < 0 ? to : send_all(to, from);
    if (to >= 0)
        sys_close(to);
    sys_close(from);
    return rc;
}

static int copy_link(int dirfd, const struct tree_entry *entry)
{
    char text[PATH_MAX];
    ssize_t n = sys_readlinkat(entry->fd, "", text, sizeof text - 1);
    if (n < 0)
        return (int)n;
    text[n] = '\0';
    return sys_symlinkat(text, dirfd, entry->name);
}

/* mknod(2)'s number of a device: 12 bits of the major, 20 of the minor one. */
static unsigned number_of(const struct statx *st)
{
    return (st->stx_rdev_minor & 0xff) | st->stx_rdev_major << 8 |
           (st->stx_rdev_minor & ~0xffu) << 12;
}

static int copy_file(struct tree *t, const struct tree_entry *entry)
{
    int dirfd = tree_top(t)->to, rc;
    unsigned type = entry->st.stx_mode & S_IFMT_;
    if (type == S_IFREG_)
        rc = copy_regular(dirfd, entry);
    else if (type == S_IFLNK_)
        rc = copy_link(dirfd, entry);
    else
        rc = sys_mknodat(dirfd, entry->name, type | 0600, number_of(&entry->st));
    return rc < 0 ? rc : copy_properties(dirfd, entry->name, &entry->st);
}

static int enter(struct tree *t, const struct tree_entry *entry)
{
    int dirfd = tree_top(t)->to;
    int rc = sys_mkdirat(dirfd, entry->name, 0700);
    return rc < 0 ? rc : sys_openat(dirfd, entry->name, O_PATH | O_DIRECTORY, 0);
}

/* Last, for what is made in a directory changes its times. */
static int leave(struct tree *t)
{
    const uint64_t *flags = t->argument;
    const struct tree_level *level = tree_top(t);
    struct statx st;
    if (t->depth == 1 && !(*flags & MOUNT_COPY_TOP))
        return 0;
    int rc = sys_statx(level->from, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st);
    return rc < 0 ? rc : copy_properties(level->to, ".", &st);
}

int mount_copy_up(struct step_walk *w, int from, int mount, uint64_t flags)
{
    const struct tree_visitor visitor = {copy_file, enter, leave};
    struct tree t;
    t.visitor = &visitor;
    t.argument = &flags;
    int rc = tree_walk(&t, from, mount);
    return step_detail(w, DETAIL_COPY, rc);
}
