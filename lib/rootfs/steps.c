/* SPDX-License-Identifier: MIT */
#include "base/open.h"
#include "base/text.h"
#include "mount/attach.h"
#include "rootfs/overlay.h"

#include <sys/file.h>

#define MNT_DETACH 2 /* <sys/mount.h> clashes with <linux/mount.h> in some C libraries */

#define DIRECTORY_MODE 0755

/* ---- the root comes to be ------------------------------------------------------------------- */

/* The new root: attached where only its fd reaches it, until it is entered. */
static int become_root(struct step_walk *w, int mount)
{
    int rc = mount_attach_over_root(w, mount);
    if (rc < 0) {
        sys_close(mount);
        return rc;
    }
    w->root = mount;
    return 0;
}

int rootfs_bind_step(struct step_walk *w, const struct step *step)
{
    int mount = mount_copy(w, AT_FDCWD, step_text(w, step->text[0]), true);
    if (mount < 0)
        return mount;
    return become_root(w, mount);
}

/* ---- layers --------------------------------------------------------------------------------- */

/*
 * A tmpfs for what is written and thrown away. An overlay's layers must be attached somewhere in
 * the mount namespace: over the old root, with which it goes.
 */
int rootfs_layers_step(struct step_walk *w, const struct step *step)
{
    char data[32 + TEXT_NUMBER];
    size_t at = text_append(data, sizeof data, 0, "mode=0755");
    if (step->num[0]) {
        at = text_append(data, sizeof data, at, ",size=");
        text_append_number(data, sizeof data, at, step->num[0]);
    }
    int mount = mount_detached(w, "tmpfs", "tmpfs", data, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    int rc = mount < 0 ? mount : mount_attach_over_root(w, mount);
    w->layers = mount;
    return step_detail(w, DETAIL_TMPFS, rc);
}

static int make_and_open(int dirfd, const char *name)
{
    int rc = sys_mkdirat(dirfd, name, DIRECTORY_MODE);
    return rc < 0 ? rc : sys_openat(dirfd, name, O_PATH | O_DIRECTORY, 0);
}

/* An empty root on the layers' tmpfs, to be composed of several mounts. */
int rootfs_compose_step(struct step_walk *w, const struct step *step)
{
    (void)step;
    int rc = sys_mkdirat(w->layers, "root", DIRECTORY_MODE);
    int mount = rc < 0 ? rc : mount_copy(w, w->layers, "root", false);
    return mount < 0 ? mount : become_root(w, mount);
}

/*
 * The kernel lets two overlays share one upper directory, and corrupt it. The lock lasts as long as
 * the caller's handle of the container.
 */
int rootfs_lock_upper_step(struct step_walk *w, const struct step *step)
{
    int fd = sys_openat(AT_FDCWD, step_text(w, step->text[0]), O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return step_detail(w, DETAIL_UPPER, fd);
    int rc = sys_flock(fd, LOCK_EX | LOCK_NB);
    if (rc < 0) {
        sys_close(fd);
        return step_detail(w, DETAIL_UPPER_BUSY, rc == -EAGAIN ? -EBUSY : rc);
    }
    w->fd[step->fd[0]] = fd;
    return 0;
}

/* ---- overlay -------------------------------------------------------------------------------- */

/*
 * An overlay's directories, as open fds. mount(2) gets their numbers, with /proc/self/fd as the
 * working directory: 500 paths need not fit in the one page that it takes, and ':' and ',' in
 * them mean nothing. (One fsconfig(2) option for each layer, "lowerdir+", needs Linux 6.7.)
 */
struct overlay {
    uint32_t lower_count;
    int upper, work; /* -1: read-only */
    bool user;       /* in a user namespace: userxattr (5.11) */
    int lower[OVERLAY_LOWERS_MAX];
};

static void overlay_begin(struct overlay *o)
{
    o->lower_count = 0;
    o->upper = o->work = -1;
    o->user = false;
}

static void overlay_close(const struct overlay *o)
{
    for (uint32_t i = 0; i < o->lower_count; i++)
        sys_close(o->lower[i]);
    if (o->upper >= 0)
        sys_close(o->upper);
    if (o->work >= 0)
        sys_close(o->work);
}

static int open_lower(struct step_walk *w, struct overlay *o, const char *path)
{
    int fd = sys_openat(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0);
    if (fd >= 0)
        o->lower[o->lower_count++] = fd;
    return step_detail(w, DETAIL_LOWER, fd < 0 ? fd : 0);
}

static int open_lowers(struct step_walk *w, struct overlay *o, const struct block_list *lowers)
{
    int rc = 0;
    for (uint32_t i = 0; i < lowers->count && rc == 0; i++) {
        w->item = i;
        rc = open_lower(w, o, step_text(w, lowers->text[i]));
    }
    return rc;
}

static int open_upper(struct step_walk *w, struct overlay *o, const char *upper, const char *work)
{
    o->upper = sys_openat(AT_FDCWD, upper, O_PATH | O_DIRECTORY, 0);
    if (o->upper < 0)
        return step_detail(w, DETAIL_UPPER, o->upper);
    o->work = sys_openat(AT_FDCWD, work, O_PATH | O_DIRECTORY, 0);
    return o->work < 0 ? step_detail(w, DETAIL_WORK, o->work) : 0;
}

/* A pair of directories of its own on the throw-away tmpfs: "u3", "w3". */
static int make_upper(struct step_walk *w, struct overlay *o, uint64_t number)
{
    char name[1 + TEXT_NUMBER] = "u";
    text_append_number(name, sizeof name, 1, number);
    o->upper = make_and_open(w->layers, name);
    if (o->upper < 0)
        return step_detail(w, DETAIL_TMPFS, o->upper);
    name[0] = 'w';
    o->work = make_and_open(w->layers, name);
    return o->work < 0 ? step_detail(w, DETAIL_TMPFS, o->work) : 0;
}

static size_t overlay_options(const struct overlay *o, char *data, size_t size)
{
    size_t at = text_append(data, size, 0, "lowerdir=");
    for (uint32_t i = 0; i < o->lower_count; i++) {
        if (i)
            at = text_append(data, size, at, ":");
        at = text_append_number(data, size, at, (uint64_t)o->lower[i]);
    }
    if (o->upper >= 0) {
        at = text_append(data, size, at, ",upperdir=");
        at = text_append_number(data, size, at, (uint64_t)o->upper);
        at = text_append(data, size, at, ",workdir=");
        at = text_append_number(data, size, at, (uint64_t)o->work);
    }
    return o->user ? text_append(data, size, at, ",userxattr") : at;
}

static int overlay_mount(const struct overlay *o, const char *target)
{
    char data[4096];
    if (overlay_options(o, data, sizeof data) >= sizeof data)
        return -E2BIG;
    int back = sys_openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY, 0);
    if (back < 0)
        return back;
    int rc = sys_chdir("/proc/self/fd");
    if (rc == 0)
        rc = sys_mount("overlay", target, "overlay", 0, data);
    sys_fchdir(back);
    sys_close(back);
    return rc;
}

int rootfs_overlay_step(struct step_walk *w, const struct step *step)
{
    struct overlay o;
    overlay_begin(&o);
    o.user = step->num[0] & OVERLAY_USER;
    int rc = open_lowers(w, &o, step_list(w, step->text[0]));
    if (rc == 0 && step->num[0] & OVERLAY_THROW_AWAY)
        rc = make_upper(w, &o, w->index);
    else if (rc == 0 && step->text[1])
        rc = open_upper(w, &o, step_text(w, step->text[1]), step_text(w, step->text[2]));
    if (rc == 0)
        rc = overlay_mount(&o, "/");
    overlay_close(&o);
    if (rc < 0)
        return rc;
    /* The path "/" is the old root still; ".." of it leads to what is mounted there now. */
    w->root = sys_openat(AT_FDCWD, "/..", O_PATH | O_DIRECTORY, 0);
    return w->root < 0 ? w->root : 0;
}

/* One directory of the host, with a throw-away upper, as a part of a composed root. */
int rootfs_overlay_part_step(struct step_walk *w, const struct step *step)
{
    char target[16 + TEXT_NUMBER];
    struct overlay o;
    overlay_begin(&o);
    o.user = step->num[0] & OVERLAY_USER;
    int fd = root_make(w->root, step_text(w, step->text[1]), ROOT_MAKE_DIRECTORY);
    if (fd < 0)
        return step_detail(w, DETAIL_TARGET, fd);
    text_fd_path(target, sizeof target, fd);
    int rc = open_lower(w, &o, step_text(w, step->text[0]));
    if (rc == 0)
        rc = make_upper(w, &o, w->index);
    if (rc == 0)
        rc = overlay_mount(&o, target);
    overlay_close(&o);
    sys_close(fd);
    return rc;
}

/* ---- the root is entered -------------------------------------------------------------------- */

int rootfs_read_only_step(struct step_walk *w, const struct step *step)
{
    static const struct mount_change change = {MOUNT_ATTR_RDONLY, 0, false};
    (void)step;
    int rc = mount_attributes(w->root, &change);
    return rc == -ENOSYS ? mount_remount(w->root, &change) : rc;
}

/*
 * With "." for both, the old root comes to lie over the new one, where one lazy unmount removes it
 * with all that is below it: pivot_root(2), NOTES. Where there are throw-away layers, their tmpfs
 * lies over the old root, and is the first to go.
 */
int rootfs_pivot_step(struct step_walk *w, const struct step *step)
{
    (void)step;
    int rc = sys_fchdir(w->root);
    if (rc == 0)
        rc = sys_pivot_root(".", ".");
    if (rc == 0 && w->layers >= 0)
        rc = sys_umount2(".", MNT_DETACH);
    if (rc == 0)
        rc = sys_umount2(".", MNT_DETACH);
    if (rc == 0)
        rc = sys_chdir("/");
    return rc;
}

int rootfs_chroot_step(struct step_walk *w, const struct step *step)
{
    (void)step;
    int rc = sys_fchdir(w->root);
    if (rc == 0)
        rc = sys_chroot(".");
    return rc;
}
