/* SPDX-License-Identifier: MIT */
#include "base/open.h"
#include "base/text.h"
#include "mount/attach.h"
#include "mount/devices.h"

/* statx's device numbers of /dev/null, which must not be taken on trust (CVE-2025-31133). */
#define NULL_MAJOR 1
#define NULL_MINOR 3

/* Below the new root, or below the process's own where there is no new one. */
static int open_target(struct step_walk *w, const char *path, enum root_make make)
{
    int root = w->root >= 0 ? w->root : sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
    int target = root < 0 ? root : root_make(root, path, make);
    if (root >= 0 && root != w->root)
        sys_close(root);
    return step_detail(w, DETAIL_TARGET, target);
}

/* Change and attach a detached mount; its fd is closed either way. */
static int attach_at(struct step_walk *w, int mount, const struct mount_change *change,
                     const char *path, enum root_make make)
{
    if (mount < 0)
        return mount;
    int target = open_target(w, path, make);
    int rc = target;
    if (target >= 0) {
        rc = mount_change_and_attach(w, mount, change, target);
        sys_close(target);
    }
    sys_close(mount);
    return rc;
}

int mount_propagation_step(struct step_walk *w, const struct step *step)
{
    char text[16 + TEXT_NUMBER];
    const char *path = step_text(w, step->text[0]);
    if (w->root < 0) /* the process's own root: nothing to stay inside of */
        return sys_mount(NULL, path, NULL, step->num[0], NULL);
    int target = open_target(w, path, ROOT_MAKE_NOTHING);
    if (target < 0)
        return target;
    text_fd_path(text, sizeof text, target);
    int rc = sys_mount(NULL, text, NULL, step->num[0], NULL);
    sys_close(target);
    return rc;
}

int mount_step(struct step_walk *w, const struct step *step)
{
    static const struct mount_change none;
    int mount = mount_detached(w, step_text(w, step->text[2]), step_text(w, step->text[0]),
                               step_text(w, step->text[3]), step->num[0]);
    return attach_at(w, mount, &none, step_text(w, step->text[1]), (enum root_make)step->num[1]);
}

/* A bind makes a directory for a directory, and a file for anything else. */
static enum root_make like(int fd)
{
    struct statx st;
    int rc = sys_statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &st);
    return rc == 0 && (st.stx_mode & 0170000) == 0040000 ? ROOT_MAKE_DIRECTORY : ROOT_MAKE_FILE;
}

int mount_bind_step(struct step_walk *w, const struct step *step)
{
    struct mount_change change = {step->num[0], step->num[3], step->num[2]};
    int mount = mount_copy(w, AT_FDCWD, step_text(w, step->text[0]), change.recursive);
    if (mount < 0)
        return mount;
    enum root_make make = step->num[1] == ROOT_MAKE_NOTHING ? ROOT_MAKE_NOTHING : like(mount);
    return attach_at(w, mount, &change, step_text(w, step->text[1]), make);
}

int mount_link_step(struct step_walk *w, const struct step *step)
{
    return sys_symlinkat(step_text(w, step->text[0]), w->root,
                         step_text(w, step->text[1]) + 1 /* relative to the root */);
}

/* ---- /dev ----------------------------------------------------------------------------------- */

static int make_node(int dev, const struct mount_device *device)
{
    unsigned number = device->major << 8 | device->minor;
    return sys_mknodat(dev, device->name, 0020666, number);
}

/* In a user namespace nodes cannot be made, but the host's can be bound. */
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
        rc = mount_attach(w, mount, target);
        sys_close(target);
    }
    sys_close(mount);
    return rc;
}

int mount_devices_step(struct step_walk *w, const struct step *step)
{
    int dev = root_open(w->root, "/dev", O_RDONLY | O_DIRECTORY, 0);
    int rc = dev < 0 ? step_detail(w, DETAIL_TARGET, dev) : 0;
    if (rc < 0)
        return rc;
    for (unsigned i = 0; i < MOUNT_DEVICES && rc == 0; i++) {
        w->item = i;
        rc =
            step->num[0] ? bind_node(w, dev, &mount_devices[i]) : make_node(dev, &mount_devices[i]);
    }
    for (unsigned i = 0; i < MOUNT_DEVICE_LINKS && rc == 0; i++)
        rc = sys_symlinkat(mount_device_links[i].text, dev, mount_device_links[i].name);
    for (unsigned i = 0; i < MOUNT_DEVICE_DIRECTORIES && rc == 0; i++)
        rc = sys_mkdirat(dev, mount_device_directories[i], 0755);
    sys_close(dev);
    return rc;
}

/* The same node as outside: type, number, permissions and owner. */
static int copy_node(int root, const char *path, const struct statx *st)
{
    unsigned major = st->stx_rdev_major, minor = st->stx_rdev_minor;
    /* The kernel's own encoding: new_encode_dev() of <linux/kdev_t.h>. */
    unsigned device = (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
    char directory[4096];
    size_t slash = 0, at = 0;
    for (; path[at] && at + 1 < sizeof directory; at++) {
        directory[at] = path[at];
        slash = path[at] == '/' ? at : slash;
    }
    directory[slash] = '\0';
    int dir = root_make(root, directory, ROOT_MAKE_DIRECTORY);
    if (dir < 0)
        return dir;
    int rc = sys_mknodat(dir, path + slash + 1, st->stx_mode, device);
    if (rc == 0)
        rc = (int)sys5(SYS_fchownat, dir, (long)(path + slash + 1), st->stx_uid, st->stx_gid,
                       AT_SYMLINK_NOFOLLOW);
    sys_close(dir);
    return rc;
}

static int bind_path(struct step_walk *w, const char *path)
{
    int mount = mount_copy(w, AT_FDCWD, path, false);
    int target = mount < 0 ? mount : root_make(w->root, path, ROOT_MAKE_FILE);
    int rc = target < 0 ? target : mount_attach(w, mount, target);
    if (target >= 0)
        sys_close(target);
    if (mount >= 0)
        sys_close(mount);
    return rc;
}

/* A device that has been unplugged since the plan was made is not there to be had. */
int mount_host_devices_step(struct step_walk *w, const struct step *step)
{
    const struct block_list *paths = step_list(w, step->text[0]);
    int rc = 0;
    for (uint32_t i = 0; i < paths->count && rc == 0; i++) {
        struct statx st;
        const char *path = step_text(w, paths->text[i]);
        if (sys_statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st) < 0)
            continue;
        w->item = i;
        rc = step->num[0] ? bind_path(w, path) : copy_node(w->root, path, &st);
        step_detail(w, DETAIL_PATH, rc);
    }
    return rc;
}

/* ---- hidden and read-only paths ------------------------------------------------------------- */

static bool is_null_device(int fd)
{
    struct statx st;
    return sys_statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &st) == 0 &&
           (st.stx_mode & 0170000) == 0020000 && st.stx_rdev_major == NULL_MAJOR &&
           st.stx_rdev_minor == NULL_MINOR;
}

/* An empty read-only directory over a directory, the null device over anything else. */
static int mask(struct step_walk *w, int target, int null)
{
    int mount;
    if (like(target) == ROOT_MAKE_DIRECTORY)
        mount = mount_detached(w, "tmpfs", "tmpfs", "size=0,nr_inodes=1,mode=000",
                               MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                                   MOUNT_ATTR_NOEXEC);
    else
        mount = mount_copy(w, null, "", false);
    if (mount < 0)
        return mount;
    int rc = mount_attach(w, mount, target);
    sys_close(mount);
    return rc;
}

int mount_mask_step(struct step_walk *w, const struct step *step)
{
    const struct block_list *paths = step_list(w, step->text[0]);
    int null = root_open(w->root, "/dev/null", O_PATH, 0);
    if (null < 0)
        return step_detail(w, DETAIL_SOURCE, null);
    int rc = is_null_device(null) ? 0 : step_detail(w, DETAIL_SOURCE, -ENODEV);
    for (uint32_t i = 0; i < paths->count && rc == 0; i++) {
        int target = root_open(w->root, step_text(w, paths->text[i]), O_PATH, 0);
        if (target == -ENOENT) /* not in this kernel */
            continue;
        w->item = i;
        rc = target;
        if (target >= 0) {
            rc = mask(w, target, null);
            sys_close(target);
        }
        step_detail(w, DETAIL_PATH, rc);
    }
    sys_close(null);
    return rc;
}

static int make_read_only(struct step_walk *w, int target)
{
    static const struct mount_change change = {MOUNT_ATTR_RDONLY, 0, true};
    int mount = mount_copy(w, target, "", true);
    if (mount < 0)
        return mount;
    int rc = mount_change_and_attach(w, mount, &change, target);
    sys_close(mount);
    return rc;
}

int mount_read_only_paths_step(struct step_walk *w, const struct step *step)
{
    const struct block_list *paths = step_list(w, step->text[0]);
    int rc = 0;
    for (uint32_t i = 0; i < paths->count && rc == 0; i++) {
        int target = root_open(w->root, step_text(w, paths->text[i]), O_PATH, 0);
        if (target == -ENOENT)
            continue;
        w->item = i;
        rc = target;
        if (target >= 0) {
            rc = make_read_only(w, target);
            sys_close(target);
        }
        step_detail(w, DETAIL_PATH, rc);
    }
    return rc;
}
