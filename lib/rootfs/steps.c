/* SPDX-License-Identifier: MIT */
#include "base/open.h"
#include "base/text.h"
#include "mount/attach.h"
#include "mount/mountinfo.h"

#include <sys/file.h>

#define MNT_DETACH 2 /* <sys/mount.h> clashes with <linux/mount.h> in some C libraries */

/* ---- the root comes to be ------------------------------------------------------------------- */

/*
 * The new root: attached where only its fd reaches it, until it is entered. A hook that enters the
 * mount namespace by then looks for it by its path; where that cannot be entered it finds nothing.
 */
static int become_root(struct step_walk *w, int mount, const char *place)
{
    int target = place ? sys_openat(AT_FDCWD, place, O_PATH | O_DIRECTORY, 0) : -1;
    int rc = target < 0 ? mount_attach_over_root(w, mount) : mount_attach(w, mount, target);
    if (target >= 0)
        sys_close(target);
    if (rc < 0) {
        mount_drop(w, mount);
        return rc;
    }
    w->root = mount;
    return 0;
}

int rootfs_bind_step(struct step_walk *w, const struct step *step)
{
    int mount = step->fd[0] >= 0 ? mount_take(w, step->fd[0])
                                 : mount_copy(w, AT_FDCWD, step_text(w, step->text[0]), true);
    if (mount < 0)
        return mount;
    return become_root(w, mount, step->num[0] ? step_text(w, step->text[0]) : NULL);
}

/*
 * The plan's mount namespace has the root as its own, and no old one. All that changes is made in a
 * copy. Both calls put the process at the root of the namespace that it enters.
 */
int rootfs_ready_step(struct step_walk *w, const struct step *step)
{
    int rc = sys_setns(w->fd[step->fd[0]], CLONE_NEWNS);
    if (rc == 0)
        rc = sys_unshare(CLONE_NEWNS);
    if (rc == 0)
        rc = sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
    if (rc < 0)
        return rc;
    w->root = rc;
    w->in_root = w->ready = true;
    return 0;
}

/* An empty root on the layers' tmpfs, to be composed of several mounts. */
int rootfs_compose_step(struct step_walk *w, const struct step *step)
{
    (void)step;
    int rc = sys_mkdirat(w->layers, "root", 0755);
    int mount = rc < 0 ? rc : mount_copy(w, w->layers, "root", false);
    return mount < 0 ? mount : become_root(w, mount, NULL);
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

/* ---- the root is entered -------------------------------------------------------------------- */

int rootfs_read_only_step(struct step_walk *w, const struct step *step)
{
    static const struct mount_change change = {.set = MOUNT_ATTR_RDONLY};
    (void)step;
    int rc = mount_attributes(w->root, &change);
    return mount_refused(rc) ? mount_remount(w->root, &change) : rc;
}

/* Where the old root's mounts are tied to others, unmounting would spread to them. */
static int cut_off(const struct step_walk *w, int old)
{
    int rc = sys_fchdir(old);
    if (rc == 0)
        rc = sys_mount(NULL, ".", NULL, MS_REC | MS_SLAVE, NULL);
    int back = sys_fchdir(w->root);
    return rc < 0 ? rc : back;
}

/*
 * With "." for both, the old root comes to lie over the new one, where one lazy unmount removes it
 * with all that is below it: pivot_root(2), NOTES. Where there are throw-away layers, their tmpfs
 * lies over the old root, and so does the lot where mounts were parked: these are the first to go.
 */
int rootfs_pivot_step(struct step_walk *w, const struct step *step)
{
    bool tied = step->num[0];
    int old = tied ? sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0) : 0;
    int rc = old < 0 ? old : sys_fchdir(w->root);
    if (rc == 0)
        rc = sys_pivot_root(".", ".");
    if (rc == 0 && tied)
        rc = cut_off(w, old);
    if (tied && old >= 0)
        sys_close(old);
    int covers = 1 + (w->layers >= 0) + (w->lot >= 0);
    while (rc == 0 && covers-- > 0)
        rc = sys_umount2(".", MNT_DETACH);
    w->in_root = rc == 0; /* the working directory is the new root all the while */
    return rc;
}

/* One that a path of the old root leads to: it is no mount of the new root's. */
static bool leads_to(const struct mountinfo_line *line)
{
    struct statx st;
    int fd = sys_openat(AT_FDCWD, line->target, O_PATH | O_NOFOLLOW, 0);
    int rc = fd < 0 ? fd : sys_statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st);
    if (fd >= 0)
        sys_close(fd);
    return rc == 0 && st.stx_mnt_id == line->id;
}

/* Take a /proc or /sys of the old root away. 1: there may be others; 0: there is none; -errno. */
static int drop_view(void)
{
    struct mountinfo m;
    struct mountinfo_line line;
    int rc = mountinfo_open(&m);
    while (rc == 0 && mountinfo_next(&m, &line))
        if ((text_equal(line.type, "proc") || text_equal(line.type, "sysfs")) && leads_to(&line))
            rc = sys_umount2(line.target, MNT_DETACH) == 0 ? 1 : -EPERM;
    mountinfo_close(&m);
    return rc < 0 && m.fd < 0 ? 0 : rc;
}

/*
 * The old root's mounts stay in the namespace. Whoever has privilege in a user namespace inside may
 * mount a new /proc, with nothing masked, where there is one that shows all: mount_namespaces(7).
 * One that cannot be taken away is another user namespace's, to which that is not given.
 */
__attribute__((noinline)) static void drop_views(void)
{
    while (drop_view() == 1)
        continue;
}

/*
 * The copy is of no namespace. Its mounts stay together as long as a process has its root there,
 * also when its fd is closed; and at its top there is nothing above.
 */
int rootfs_leave_step(struct step_walk *w, const struct step *step)
{
    int root = sys_open_tree(w->root, "",
                             OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH);
    int rc = root < 0 ? root : sys_setns(w->fd[step->fd[0]], CLONE_NEWNS);
    if (root < 0)
        return rc;
    sys_close(w->root);
    w->root = root;
    return rc;
}

int rootfs_chroot_step(struct step_walk *w, const struct step *step)
{
    if (step->num[0] && w->start)
        drop_views();
    int rc = sys_fchdir(w->root);
    if (rc == 0)
        rc = sys_chroot(".");
    w->in_root = rc == 0;
    return rc;
}
