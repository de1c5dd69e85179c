/* SPDX-License-Identifier: MIT */
/*
 * Device nodes: those that every container's /dev has, and those that it is given.
 */
#include "base/open.h"
#include "base/text.h"
#include "mount/attach.h"
#include "mount/devices.h"
#include "mount/direct.h"

#include <linux/limits.h>

static int make_node(int dev, const struct mount_device *device)
{
    unsigned number = device->major << 8 | device->minor;
    return sys_mknodat(dev, device->name, 0020666, number);
}

/*
 * In a user namespace nodes cannot be made, but the host's can be bound: read-only, which keeps no
 * one from writing to the device, but root inside, who may be the host's, from its mode and owner.
 */
static int attach_node(struct step_walk *w, int mount, int target)
{
    static const struct mount_change change = {.set = MOUNT_ATTR_RDONLY};
    return mount_change_and_attach(w, mount, &change, target);
}

static int bind_node(struct step_walk *w, int dev, const struct mount_device *device)
{
    char path[32];
    size_t at = text_append(path, sizeof path, 0, "/dev/");
    text_append(path, sizeof path, at, device->name);
    int mount = mount_copy(w, AT_FDCWD, path, false);
    if (mount < 0)
        return mount;
    int target = sys_openat(dev, device->name, O_CREAT | O_EXCL | O_WRONLY, 0666);
    int rc = target;
    if (target >= 0) {
        rc = attach_node(w, mount, target);
        sys_close(target);
    }
    mount_drop(w, mount);
    return rc;
}

/* What others have put there is as good. */
static int unless_there(int rc, bool keep)
{
    return keep && rc == -EEXIST ? 0 : rc;
}

static int fill_dev(struct step_walk *w, int dev, bool bind, bool keep)
{
    int rc = 0;
    for (unsigned i = 0; i < MOUNT_DEVICES && rc == 0; i++) {
        w->item = i;
        rc = bind ? bind_node(w, dev, &mount_devices[i]) : make_node(dev, &mount_devices[i]);
        rc = unless_there(rc, keep);
    }
    for (unsigned i = 0; i < MOUNT_DEVICE_LINKS && rc == 0; i++)
        rc = unless_there(
            sys_symlinkat(mount_device_links[i].text, dev, mount_device_links[i].name), keep);
    if (keep) /* what belongs there has been mounted */
        return rc;
    for (unsigned i = 0; i < MOUNT_DEVICE_DIRECTORIES && rc == 0; i++)
        rc = sys_mkdirat(dev, mount_device_directories[i], 0755);
    return rc;
}

int mount_devices_step(struct step_walk *w, const struct step *step)
{
    bool keep = step->num[1];
    int dev = keep ? root_make(w->root, "/dev", ROOT_MAKE_DIRECTORY)
                   : root_open(w->root, "/dev", O_RDONLY | O_DIRECTORY, 0);
    if (dev < 0)
        return step_detail(w, DETAIL_TARGET, dev);
    int rc = fill_dev(w, dev, step->num[0], keep);
    if (rc == 0 && !keep)
        mount_stand_in_dev(w, dev);
    sys_close(dev);
    return rc;
}

/* ---- one that is given ---------------------------------------------------------------------- */

#define S_IFMT_  0170000
#define S_IFCHR_ 0020000
#define S_IFBLK_ 0060000

/* mknod(2)'s number: 12 bits of the major, 20 of the minor one. */
static unsigned number_of(const struct statx *st)
{
    return (st->stx_rdev_minor & 0xff) | st->stx_rdev_major << 8 |
           (st->stx_rdev_minor & ~0xffu) << 12;
}

/* What is in the way may be the very device: /dev/tty is there already. */
static int is_same(int dirfd, const char *name, const struct statx *wanted)
{
    struct statx st;
    int rc = sys_statx(dirfd, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st);
    if (rc < 0)
        return rc;
    bool same = (st.stx_mode & S_IFMT_) == (wanted->stx_mode & S_IFMT_) &&
                st.stx_rdev_major == wanted->stx_rdev_major &&
                st.stx_rdev_minor == wanted->stx_rdev_minor;
    return same ? 0 : -EEXIST;
}

/* A node of the container's own: its mode and owner are not the host's to lose. */
static int make_in(int dirfd, const char *name, const struct statx *st)
{
    int rc = sys_mknodat(dirfd, name, st->stx_mode, number_of(st));
    if (rc == -EEXIST)
        return is_same(dirfd, name, st);
    if (rc == 0)
        rc = (int)sys5(SYS_fchownat, dirfd, (long)name, st->stx_uid, st->stx_gid,
                       AT_SYMLINK_NOFOLLOW);
    if (rc == 0) /* again, without what the umask took away */
        rc = sys_fchmodat(dirfd, name, st->stx_mode & 07777);
    return rc;
}

static int make_device(struct step_walk *w, const struct statx *st, const char *path,
                       enum root_make make)
{
    char parent[PATH_MAX];
    size_t slash = 0;
    if (text_append(parent, sizeof parent, 0, path) >= sizeof parent)
        return step_detail(w, DETAIL_TARGET, -ENAMETOOLONG);
    for (size_t i = 0; path[i]; i++)
        if (path[i] == '/')
            slash = i;
    parent[slash] = '\0';
    int dirfd = root_make(w->root, slash ? parent : "/",
                          make == ROOT_MAKE_NOTHING ? make : ROOT_MAKE_DIRECTORY);
    if (dirfd < 0)
        return step_detail(w, DETAIL_TARGET, dirfd);
    int rc = make_in(dirfd, path + slash + 1, st);
    sys_close(dirfd);
    return rc;
}

static int bind_device(struct step_walk *w, int node, const char *path, enum root_make make)
{
    int target = root_make(w->root, path, make);
    if (target < 0)
        return step_detail(w, DETAIL_TARGET, target);
    int mount = mount_copy(w, node, "", false);
    int rc = mount < 0 ? mount : attach_node(w, mount, target);
    if (mount >= 0)
        mount_drop(w, mount);
    sys_close(target);
    return rc;
}

static int put_device(struct step_walk *w, const char *source, const char *path, bool bind,
                      enum root_make make)
{
    struct statx st;
    int node = sys_openat(AT_FDCWD, source, O_PATH, 0);
    if (node < 0)
        return step_detail(w, DETAIL_SOURCE, node);
    int rc = sys_statx(node, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st);
    unsigned type = st.stx_mode & S_IFMT_;
    if (rc == 0 && type != S_IFCHR_ && type != S_IFBLK_)
        rc = step_detail(w, DETAIL_NOT_A_DEVICE, -ENODEV);
    if (rc == 0)
        rc = bind ? bind_device(w, node, path, make) : make_device(w, &st, path, make);
    sys_close(node);
    return rc;
}

/* The host's node of the same path, where the caller may not make one. */
static int bind_same(struct step_walk *w, const char *path)
{
    int node = sys_openat(AT_FDCWD, path, O_PATH, 0);
    if (node < 0)
        return step_detail(w, DETAIL_SOURCE, node);
    int rc = bind_device(w, node, path, ROOT_MAKE_FILE);
    sys_close(node);
    return rc;
}

/* One that the caller has made, where it could. */
static int bind_made(struct step_walk *w, int slot, const char *path)
{
    int fs = slot < 0 ? slot : mount_take(w, slot);
    if (fs < 0) {
        w->detail = DETAIL_NONE;
        return bind_same(w, path);
    }
    int mount = mount_copy_out(w, fs, MOUNT_MADE_NODE);
    sys_close(fs);
    if (mount < 0)
        return mount;
    int target = root_make(w->root, path, ROOT_MAKE_FILE);
    int rc = target < 0 ? step_detail(w, DETAIL_TARGET, target) : attach_node(w, mount, target);
    if (target >= 0)
        sys_close(target);
    mount_drop(w, mount);
    return rc;
}

int mount_node_step(struct step_walk *w, const struct step *step)
{
    const char *path = step_text(w, step->text[0]);
    struct statx
        st; /* no more of it is read; all of it is more than is cleared without memset(3) */
    st.stx_mode = (uint16_t)step->num[0];
    st.stx_rdev_major = (uint32_t)(step->num[1] >> 32);
    st.stx_rdev_minor = (uint32_t)step->num[1];
    st.stx_uid = (uint32_t)step->num[2];
    st.stx_gid = (uint32_t)step->num[3];
    if (step->num[4])
        return bind_made(w, step->fd[0], path);
    int rc = make_device(w, &st, path, ROOT_MAKE_FILE);
    return rc == -EEXIST ? 0 : rc; /* what a mount has put there, or the root has, stays */
}

int mount_device_step(struct step_walk *w, const struct step *step)
{
    return put_device(w, step_text(w, step->text[0]), step_text(w, step->text[1]), step->num[0],
                      (enum root_make)step->num[1]);
}

/* A device that has been unplugged since the plan was made is not there to be had. */
int mount_host_devices_step(struct step_walk *w, const struct step *step)
{
    const struct block_list *paths = step_list(w, step->text[0]);
    int rc = 0;
    for (uint32_t i = 0; i < paths->count && rc == 0; i++) {
        rc = put_device(w, block_at(w->plan, paths->text[i]), block_at(w->plan, paths->text[i]),
                        step->num[0], ROOT_MAKE_FILE);
        if (rc == -ENOENT && w->detail == DETAIL_SOURCE)
            rc = w->detail = 0;
        w->item = i;
        if (rc < 0)
            w->detail = DETAIL_PATH;
    }
    return rc;
}
