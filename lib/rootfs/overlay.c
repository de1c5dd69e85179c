/* SPDX-License-Identifier: MIT */
/*
 * Overlays, and the tmpfs for what is written and thrown away.
 */
#include "rootfs/overlay.h"
#include "base/open.h"
#include "base/text.h"
#include "mount/attach.h"

/* <sys/mount.h> clashes with <linux/mount.h> in some C libraries. */
#define MS_RDONLY_  1
#define MNT_DETACH_ 2

/* ---- layers --------------------------------------------------------------------------------- */

/*
 * An overlay's layers must be attached somewhere in the mount namespace when it is mounted. In a
 * container that is over the old root, with which they go; for a primitive, where the overlay will
 * be, until it is.
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
    int rc = mount;
    if (mount >= 0)
        rc = w->root < 0 ? mount_attach_over_root(w, mount) : mount_attach(w, mount, w->root);
    if (rc >= 0)
        w->layers = mount;
    else if (mount >= 0)
        mount_drop(w, mount);
    return step_detail(w, DETAIL_TMPFS, rc < 0 ? rc : 0);
}

int rootfs_detach_layers(struct step_walk *w)
{
    char path[16 + TEXT_NUMBER];
    text_fd_path(path, sizeof path, w->layers);
    int rc = sys_umount2(path, MNT_DETACH_);
    sys_close(w->layers);
    w->layers = -1;
    return rc;
}

/* ---- directories ---------------------------------------------------------------------------- */

/*
 * An overlay's directories, as open fds. mount(2) gets their numbers, with /proc/self/fd as the
 * working directory: 500 paths need not fit in the one page that it takes, and ':' and ',' in
 * them mean nothing. (One fsconfig(2) option for each layer, "lowerdir+", needs Linux 6.7.)
 */
struct overlay {
    uint32_t lower_count;
    int upper, work; /* -1: read-only */
    uint64_t flags;  /* enum overlay_flag */
    int lower[OVERLAY_LOWERS_MAX];
};

static void overlay_begin(struct overlay *o, uint64_t flags)
{
    o->lower_count = 0;
    o->lower[0] = -1;
    o->upper = o->work = -1;
    o->flags = flags;
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

static int open_layer(struct step_walk *w, int dirfd, const char *path, enum step_detail detail)
{
    int fd = sys_openat(dirfd, path, O_PATH | O_DIRECTORY, 0);
    return step_detail(w, fd == -EMFILE ? DETAIL_FILES : detail, fd);
}

static int make_and_open(int dirfd, const char *name)
{
    int rc = sys_mkdirat(dirfd, name, 0755);
    return rc < 0 ? rc : sys_openat(dirfd, name, O_PATH | O_DIRECTORY, 0);
}

/*
 * A mount that the caller has made ready is attached beside the upper layers: "i7". What is open
 * afterwards is the directory that it shows.
 */
static int attach_layer(struct step_walk *w, int slot)
{
    char name[1 + TEXT_NUMBER] = "i";
    text_append_number(name, sizeof name, 1, (uint64_t)slot);
    int target = make_and_open(w->layers, name);
    if (target < 0)
        return step_detail(w, DETAIL_TMPFS, target);
    int mount = mount_take(w, slot);
    int rc = mount < 0 ? mount : mount_attach(w, mount, target);
    sys_close(target);
    if (rc < 0 && mount >= 0)
        sys_close(mount);
    return rc < 0 ? rc : mount;
}

/* slot: of a mount of it that is ready, or -1. */
static int open_lower(struct step_walk *w, struct overlay *o, const char *path, int slot)
{
    int fd = slot < 0 ? open_layer(w, AT_FDCWD, path, DETAIL_LOWER) : attach_layer(w, slot);
    if (fd >= 0)
        o->lower[o->lower_count++] = fd;
    return fd < 0 ? fd : 0;
}

static int open_lowers(struct step_walk *w, struct overlay *o, const struct step *step)
{
    const struct block_list *lowers = step_list(w, step->text[0]);
    int rc = 0;
    for (uint32_t i = 0; i < lowers->count && rc == 0; i++) {
        w->item = i;
        rc = open_lower(w, o, step_text(w, lowers->text[i]),
                        step->fd[0] < 0 ? -1 : step->fd[0] + (int)i);
    }
    return rc;
}

static int open_upper(struct step_walk *w, struct overlay *o, const struct step *step)
{
    const char *upper = step_text(w, step->text[1]), *work = step_text(w, step->text[2]);
    int base = AT_FDCWD;
    if (step->fd[1] >= 0) { /* the mount shows the directory that both are in */
        size_t common = text_common_directory(upper, work);
        base = attach_layer(w, step->fd[1]);
        upper += common;
        work += common;
    }
    int rc = base < 0 && base != AT_FDCWD ? base : 0;
    if (rc == 0)
        rc = o->upper = open_layer(w, base, upper, DETAIL_UPPER);
    if (rc >= 0)
        rc = o->work = open_layer(w, base, work, DETAIL_WORK);
    if (base >= 0)
        sys_close(base);
    return rc < 0 ? rc : 0;
}

/* A merged directory has the upper one's owner and mode: /tmp shall stay open to all. */
static int copy_mode(int from, int dirfd, const char *name)
{
    struct statx st;
    int rc = sys_statx(from, "", AT_EMPTY_PATH, STATX_MODE | STATX_UID | STATX_GID, &st);
    if (rc < 0)
        return rc;
    /* An owner who is not mapped here cannot be given anything. */
    sys5(SYS_fchownat, dirfd, (long)name, st.stx_uid, st.stx_gid, 0);
    return sys_fchmodat(dirfd, name, st.stx_mode & 07777);
}

/* A pair of directories of its own on the throw-away tmpfs: "u3", "w3". */
static int make_upper(struct step_walk *w, struct overlay *o)
{
    char name[1 + TEXT_NUMBER] = "w";
    text_append_number(name, sizeof name, 1, w->index);
    o->work = make_and_open(w->layers, name);
    if (o->work < 0)
        return step_detail(w, DETAIL_TMPFS, o->work);
    name[0] = 'u';
    o->upper = make_and_open(w->layers, name);
    int rc = o->upper < 0 ? o->upper : copy_mode(o->lower[0], w->layers, name);
    return step_detail(w, DETAIL_TMPFS, rc);
}

/* ---- mounting ------------------------------------------------------------------------------- */

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
    return o->flags & OVERLAY_USER ? text_append(data, size, at, ",userxattr") : at;
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
        rc = sys_mount("overlay", target, "overlay", o->flags & OVERLAY_READ_ONLY ? MS_RDONLY_ : 0,
                       data);
    sys_fchdir(back);
    sys_close(back);
    return rc;
}

/* The path "/" is the old root still; ".." of it leads to what is mounted there now. */
static int mount_over_root(struct step_walk *w, const struct overlay *o)
{
    int rc = overlay_mount(o, "/");
    if (rc < 0)
        return rc;
    w->root = sys_openat(AT_FDCWD, "/..", O_PATH | O_DIRECTORY, 0);
    return w->root < 0 ? w->root : 0;
}

static int mount_on_fd(const struct overlay *o, int fd)
{
    char path[16 + TEXT_NUMBER];
    text_fd_path(path, sizeof path, fd);
    return overlay_mount(o, path);
}

/*
 * Once mounted, an overlay keeps its layers by itself: their tmpfs is taken away from the target
 * again, and one unmount there removes all.
 */
static int mount_and_detach_layers(struct step_walk *w, const struct overlay *o)
{
    int inside = make_and_open(w->layers, "overlay");
    int rc = inside < 0 ? inside : mount_on_fd(o, inside);
    if (inside >= 0)
        sys_close(inside);
    int mount = rc < 0 ? rc : mount_copy(w, w->layers, "overlay", false);
    if (mount < 0)
        return mount;
    rc = rootfs_detach_layers(w);
    if (rc == 0)
        rc = mount_attach(w, mount, w->root);
    mount_drop(w, mount);
    return rc;
}

/* A container has no root yet; a primitive has the directory where the overlay is to be. */
static int mount_in_place(struct step_walk *w, const struct overlay *o)
{
    if (w->root < 0)
        return mount_over_root(w, o);
    return w->layers < 0 ? mount_on_fd(o, w->root) : mount_and_detach_layers(w, o);
}

int rootfs_overlay_step(struct step_walk *w, const struct step *step)
{
    struct overlay o;
    overlay_begin(&o, step->num[0]);
    int rc = open_lowers(w, &o, step);
    if (rc == 0 && o.flags & OVERLAY_THROW_AWAY)
        rc = make_upper(w, &o);
    else if (rc == 0)
        rc = open_upper(w, &o, step);
    if (rc == 0)
        rc = mount_in_place(w, &o);
    overlay_close(&o);
    return rc;
}

/* One directory of the host, with a throw-away upper, as a part of the root. */
int rootfs_overlay_part_step(struct step_walk *w, const struct step *step)
{
    struct overlay o;
    overlay_begin(&o, step->num[0]);
    int fd = root_make(w->root, step_text(w, step->text[1]), ROOT_MAKE_DIRECTORY);
    if (fd < 0)
        return step_detail(w, DETAIL_TARGET, fd);
    int rc = open_lower(w, &o, step_text(w, step->text[0]), step->fd[0]);
    if (rc == 0)
        rc = make_upper(w, &o);
    if (rc == 0)
        rc = mount_on_fd(&o, fd);
    overlay_close(&o);
    sys_close(fd);
    return rc;
}
