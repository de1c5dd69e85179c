/* SPDX-License-Identifier: MIT */
#include "mount/classic.h"
#include "base/sys.h"
#include "base/text.h"
#include "mount/attach.h"

/* <sys/mount.h> clashes with <linux/mount.h> in some C libraries. */
#define MS_RDONLY_     (1ul << 0)
#define MS_NOSUID_     (1ul << 1)
#define MS_NODEV_      (1ul << 2)
#define MS_NOEXEC_     (1ul << 3)
#define MS_BIND_       (1ul << 12)
#define MS_MOVE_       (1ul << 13)
#define MS_REC_        (1ul << 14)
#define MS_UNBINDABLE_ (1ul << 17)
#define MNT_DETACH_    2

#define FD_PATH (16 + TEXT_NUMBER)

/* Where in the lot a mount is parked: a directory can be put on a directory only. */
#define SPOT_DIRECTORY "directory"
#define SPOT_FILE      "file"

/* ---- the lot -------------------------------------------------------------------------------- */

static int mount_lot(const char *target)
{
    return sys_mount("tmpfs", target, "tmpfs", MS_NOSUID_ | MS_NODEV_ | MS_NOEXEC_, "mode=0700");
}

/* The path "/" is the old root still; ".." of it leads to what is mounted there now. */
static int open_lot_over_root(void)
{
    int rc = mount_lot("/");
    return rc < 0 ? rc : sys_openat(AT_FDCWD, "/..", O_PATH | O_DIRECTORY, 0);
}

/* Nobody else can put anything at a name that is our own, in a directory such as /tmp. */
static int open_lot_in_tmp(void)
{
    char path[32 + TEXT_NUMBER], target[FD_PATH];
    uint64_t number = 0;
    sys3(SYS_getrandom, (long)&number, sizeof number, 0);
    size_t at = text_append(path, sizeof path, 0, "/tmp/libscratch-");
    text_append_number(path, sizeof path, at, number);
    int rc = sys_mkdirat(AT_FDCWD, path, 0700);
    int fd = rc < 0 ? rc : sys_openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
    if (fd < 0)
        return fd;
    text_fd_path(target, sizeof target, fd);
    rc = mount_lot(target);
    sys_close(fd);
    if (rc == 0)
        rc = sys_openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
    if (rc < 0)
        sys3(SYS_unlinkat, AT_FDCWD, (long)path, AT_REMOVEDIR);
    return rc;
}

/* Unbindable: it is in no recursive bind of the old root, and what is in it is not shared. */
static int prepare_lot(int lot)
{
    char path[FD_PATH];
    text_fd_path(path, sizeof path, lot);
    int rc = sys_mount(NULL, path, NULL, MS_UNBINDABLE_, NULL);
    if (rc == 0)
        rc = sys_mkdirat(lot, SPOT_DIRECTORY, 0700);
    int fd = rc < 0 ? rc : sys_openat(lot, SPOT_FILE, O_CREAT | O_EXCL | O_WRONLY, 0600);
    if (fd < 0)
        return fd;
    return sys_close(fd);
}

static int open_lot(struct step_walk *w)
{
    if (w->lot >= 0)
        return 0;
    /* The caller's part of a start leaves the caller's mounts as they are. */
    if (w->start && step_at(w->plan, w->index)->side == STEP_HOST)
        return -ENOSYS;
    if (w->ready) /* nothing would take it away again */
        return -ENOSYS;
    w->lot = w->start ? open_lot_over_root() : open_lot_in_tmp();
    if (w->lot < 0)
        return w->lot;
    int rc = prepare_lot(w->lot);
    if (rc < 0)
        classic_leave(w);
    return rc;
}

void classic_leave(struct step_walk *w)
{
    char link[FD_PATH], path[64];
    if (w->lot < 0 || w->start)
        return;
    text_fd_path(link, sizeof link, w->lot);
    ssize_t n = sys_readlinkat(AT_FDCWD, link, path, sizeof path - 1);
    sys_umount2(link, MNT_DETACH_);
    sys_close(w->lot);
    w->lot = -1;
    if (n > 0) {
        path[n] = '\0';
        sys3(SYS_unlinkat, AT_FDCWD, (long)path, AT_REMOVEDIR);
    }
}

/* ---- parking -------------------------------------------------------------------------------- */

static int park(struct step_walk *w, const char *spot, const char *source, const char *type,
                unsigned long flags, const char *data)
{
    char path[FD_PATH];
    int fd = sys_openat(w->lot, spot, O_PATH | O_NOFOLLOW, 0);
    if (fd < 0)
        return fd;
    text_fd_path(path, sizeof path, fd);
    int rc = sys_mount(source, path, type, flags, data);
    sys_close(fd);
    return rc < 0 ? rc : sys_openat(w->lot, spot, O_PATH | O_NOFOLLOW, 0);
}

/*
 * Read-only is for the mount, not for the file system: MS_RDONLY would be for both, and EBUSY where
 * it is mounted elsewhere. But a proc or sysfs is refused (EPERM) to a user namespace that sees a
 * read-only one, unless the new one begins as such.
 */
static int new_with(struct step_walk *w, const char *type, const char *source, const char *data,
                    uint64_t attributes)
{
    static const struct mount_change read_only = {.set = MOUNT_ATTR_RDONLY};
    unsigned long flags = mount_flags(attributes & ~(uint64_t)MOUNT_ATTR_RDONLY);
    int mount = park(w, SPOT_DIRECTORY, source, type, flags, data);
    if (!(attributes & MOUNT_ATTR_RDONLY))
        return mount;
    if (mount == -EPERM)
        return park(w, SPOT_DIRECTORY, source, type, flags | MS_RDONLY_, data);
    int rc = mount < 0 ? mount : mount_remount(mount, &read_only);
    if (mount >= 0 && rc < 0)
        sys_close(mount);
    return rc < 0 ? rc : mount;
}

/* mount(2) has one answer for all that fsopen(2) and what follows it would tell apart. */
static enum step_detail why_not(const char *type, int rc)
{
    static const struct {
        int rc;
        enum step_detail detail;
    } reasons[] = {
        {-ENODEV, DETAIL_TYPE},   {-EPERM, DETAIL_TYPE_FORBIDDEN}, {-ENOENT, DETAIL_SOURCE},
        {-EACCES, DETAIL_SOURCE}, {-ENOTBLK, DETAIL_SOURCE},       {-ENXIO, DETAIL_SOURCE},
    };
    if (rc == -EPERM && (text_equal(type, "proc") || text_equal(type, "sysfs")))
        return DETAIL_REVEALING;
    for (unsigned i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].rc == rc)
            return reasons[i].detail;
    return DETAIL_CREATE;
}

int classic_new(struct step_walk *w, const char *type, const char *source, const char *data,
                uint64_t attributes)
{
    int rc = open_lot(w);
    if (rc < 0)
        return rc;
    rc = new_with(w, type, source, data, attributes);
    if (rc < 0)
        classic_leave(w);
    return step_detail(w, why_not(type, rc), rc);
}

static const char *spot_for(int fd)
{
    struct statx st;
    int rc = sys_statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &st);
    return rc == 0 && (st.stx_mode & 0170000) == 0040000 ? SPOT_DIRECTORY : SPOT_FILE;
}

int classic_copy(struct step_walk *w, int dirfd, const char *path, bool recursive)
{
    char source[FD_PATH];
    int fd = *path ? sys_openat(dirfd, path, O_PATH, 0) : dirfd;
    int rc = fd < 0 ? fd : open_lot(w);
    if (rc == 0) {
        text_fd_path(source, sizeof source, fd);
        rc = park(w, spot_for(fd), source, NULL, MS_BIND_ | (recursive ? MS_REC_ : 0), NULL);
    }
    if (rc < 0)
        classic_leave(w);
    if (fd >= 0 && fd != dirfd)
        sys_close(fd);
    return rc;
}

int classic_move(struct step_walk *w, int mount, const char *target)
{
    char path[FD_PATH];
    text_fd_path(path, sizeof path, mount);
    int rc = sys_mount(path, target, NULL, MS_MOVE_, NULL);
    if (rc == 0)
        classic_leave(w);
    return rc;
}
