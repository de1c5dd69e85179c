/* SPDX-License-Identifier: MIT */
#include "base/open.h"
#include "base/text.h"
#include "mount/attach.h"
#include "mount/copy.h"
#include "mount/direct.h"

#include <linux/limits.h>

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

#define S_IFMT_  0170000
#define S_IFDIR_ 0040000
#define S_IFLNK_ 0120000

static unsigned type_of(int fd)
{
    struct statx st;
    return sys_statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &st) == 0 ? st.stx_mode & S_IFMT_ : 0;
}

/* A bind makes a directory for a directory, and a file for anything else. */
static enum root_make like(int fd)
{
    return type_of(fd) == S_IFDIR_ ? ROOT_MAKE_DIRECTORY : ROOT_MAKE_FILE;
}

/* The kernel says EINVAL or ENOTDIR for it, and EINVAL for much else. */
static int explain_attach(struct step_walk *w, int mount, int target, int rc)
{
    bool directory = like(mount) == ROOT_MAKE_DIRECTORY;
    if (directory == (like(target) == ROOT_MAKE_DIRECTORY))
        return rc;
    w->detail = type_of(target) == S_IFLNK_ ? DETAIL_OVER_LINK
                : directory                 ? DETAIL_OVER_FILE
                                            : DETAIL_OVER_DIRECTORY;
    return -ENOTDIR;
}

/* Where a mount is to be, and what is to become of it. */
struct place {
    const char *path;
    enum root_make make;
    struct mount_change change;
    uint64_t copy; /* enum mount_copy_flag, or 0 */
};

static int attach_on(struct step_walk *w, int mount, const struct place *place, int target)
{
    int rc = 0;
    if (place->copy && like(target) == ROOT_MAKE_DIRECTORY)
        rc = mount_copy_up(w, target, mount, place->copy);
    if (rc < 0)
        return rc;
    rc = mount_change_and_attach(w, mount, &place->change, target);
    return rc < 0 && w->detail == DETAIL_ATTACH ? explain_attach(w, mount, target, rc) : rc;
}

/* Put a detached mount in its place; its fd is closed either way. */
static int attach_at(struct step_walk *w, int mount, const struct place *place)
{
    if (mount < 0)
        return mount;
    int target = open_target(w, place->path, place->make);
    int rc = target;
    if (target >= 0) {
        rc = mount_is_root(w, target) ? step_detail(w, DETAIL_TARGET, -EBUSY)
                                      : attach_on(w, mount, place, target);
        sys_close(target);
    }
    mount_drop(w, mount);
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

/* The mode of the directory that a mount will cover; false: there is none yet. */
static bool covered_mode(const struct step_walk *w, const char *path, unsigned *mode)
{
    struct statx st;
    int fd = root_open(w->root, path, O_PATH | O_DIRECTORY, 0);
    int rc = fd < 0 ? fd : sys_statx(fd, "", AT_EMPTY_PATH, STATX_MODE, &st);
    if (fd >= 0)
        sys_close(fd);
    *mode = rc < 0 ? 0 : st.stx_mode & 07777;
    return rc == 0;
}

static int mount_new(struct step_walk *w, const struct mount_direct *direct,
                     const struct place *place)
{
    if (!place->copy && mount_directly(w, direct))
        return 0;
    return attach_at(
        w, mount_detached(w, direct->type, direct->source, direct->data, direct->attributes),
        place);
}

/* By itself, for its text takes a page of the stack. */
__attribute__((noinline)) static int
mount_like_covered(struct step_walk *w, struct mount_direct *direct, const struct place *place)
{
    char data[PATH_MAX];
    unsigned mode;
    if (covered_mode(w, place->path, &mode)) {
        size_t at = text_append(data, sizeof data, 0, direct->data ? direct->data : "");
        at = text_append(data, sizeof data, at, at ? ",mode=" : "mode=");
        if (text_append_octal(data, sizeof data, at, mode) >= sizeof data)
            return -ENAMETOOLONG;
        direct->data = data;
    }
    return mount_new(w, direct, place);
}

int mount_step(struct step_walk *w, const struct step *step)
{
    struct place place = {
        .path = step_text(w, step->text[1]),
        .make = (enum root_make)(step->num[1] | (step->num[5] ? ROOT_NO_LINK : 0)),
        .copy = step->num[2],
    };
    struct mount_direct direct = {
        .type = step_text(w, step->text[2]),
        .source = step_text(w, step->text[0]),
        .data = step_text(w, step->text[3]),
        .path = place.path,
        .attributes = step->num[0],
        .make = place.make,
        .alone = step->num[3],
        .given = step->num[6],
    };
    if (place.copy == MOUNT_COPY_MODE) {
        place.copy = 0;
        return mount_like_covered(w, &direct, &place);
    }
    if (place.copy) { /* it is filled before it is read-only */
        place.change.set = direct.attributes & MOUNT_ATTR_RDONLY;
        direct.attributes &= ~(uint64_t)MOUNT_ATTR_RDONLY;
    }
    return mount_new(w, &direct, &place);
}

/* A copy of what is at a path below the new root. */
static int copy_inside(struct step_walk *w, const char *path, bool recursive)
{
    int source = root_open(w->root, path, O_PATH, 0);
    if (source < 0)
        return step_detail(w, DETAIL_SOURCE, source);
    int mount = mount_copy(w, source, "", recursive);
    sys_close(source);
    return mount;
}

/* The caller finds it by its number: that of what the slot has had. */
static int tree_inside(struct step_walk *w, const struct step *step)
{
    int mount = copy_inside(w, step_text(w, step->text[1]), !step->num[0]);
    int rc = mount < 0 ? mount : sys_dup3(mount, w->fd[step->fd[0]], O_CLOEXEC);
    if (mount >= 0)
        sys_close(mount);
    return rc < 0 ? rc : 0;
}

/*
 * Only where the call is there: what mount(2) would bind has to lie somewhere, over this very tree.
 */
int mount_tree_step(struct step_walk *w, const struct step *step)
{
    if (step->text[1])
        return tree_inside(w, step);
    int mount = sys_open_tree(AT_FDCWD, step_text(w, step->text[0]),
                              OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    if (mount < 0)
        return mount;
    w->fd[step->fd[0]] = mount;
    return 0;
}

static int bind_source(struct step_walk *w, const struct step *step)
{
    bool opened = step->fd[1] >= 0 && w->fd[step->fd[1]] >= 0;
    if (step->fd[0] >= 0 || opened)
        return mount_take(w, step->fd[0] >= 0 ? step->fd[0] : step->fd[1]);
    if (!step->text[2])
        return mount_copy(w, AT_FDCWD, step_text(w, step->text[0]), step->num[2] & BIND_TREE);
    return copy_inside(w, step_text(w, step->text[2]), step->num[2] & BIND_TREE);
}

/* A source that is the container's own has its map from here: before, it was not there. */
static int map_ids(struct step_walk *w, const struct step *step, int mount)
{
    if (!step->num[6])
        return 0;
    const struct mount_attr attributes = {
        .attr_set = MOUNT_ATTR_IDMAP,
        .userns_fd = (uint64_t)w->fd[(step->num[6] & (BIND_MAPS_ALL - 1)) - 1],
    };
    unsigned all = step->num[6] & BIND_MAPS_ALL ? AT_RECURSIVE : 0;
    return step_detail(w, DETAIL_IDMAP,
                       sys_mount_setattr(mount, "", AT_EMPTY_PATH | all, &attributes));
}

/*
 * The caller has opened it, who may do more than this user namespace: what the kernel would have
 * locked is kept here. Before Linux 5.12 a change comes later, and is not seen.
 */
static int keep_restrictions(struct step_walk *w, int mount, struct mount_change *change)
{
    uint64_t had, has;
    int rc = mount_has(mount, &had);
    if (rc == 0 && change->anew)
        change->kept = had & MOUNT_LOCKED;
    if (change->oci) {
        change->top_set &= ~MOUNT_TIMES;
        change->top_clear &= ~MOUNT_TIMES;
    }
    if (rc == 0)
        rc = mount_attributes(mount, change);
    if (rc == -ENOSYS)
        return 0;
    if (rc == 0)
        rc = mount_has(mount, &has);
    if (rc == 0 && (had & ~has & MOUNT_LOCKED || (had ^ has) & MOUNT_TIMES))
        rc = -EPERM;
    *change = (struct mount_change){0};
    return step_detail(w, DETAIL_ATTRIBUTES, rc);
}

int mount_bind_step(struct step_walk *w, const struct step *step)
{
    struct place place = {
        .path = step_text(w, step->text[1]),
        .make = (enum root_make)step->num[1],
        .change = {.set = step->num[0],
                   .clear = step->num[3],
                   .recursive = step->num[2] & BIND_TREE,
                   .top_set = step->num[4],
                   .top_clear = step->num[5],
                   .anew = step->num[2] & BIND_ANEW,
                   .oci = step->num[2] & BIND_OCI},
    };
    bool ready = step->fd[0] >= 0; /* with its attributes, which are locked */
    int mount = bind_source(w, step);
    if (ready)
        place.change = (struct mount_change){0};
    int rc = mount < 0 ? mount : map_ids(w, step, mount);
    if (rc >= 0 && step->num[2] & BIND_UNLOCKED)
        rc = keep_restrictions(w, mount, &place.change);
    if (mount >= 0 && rc < 0) {
        mount_drop(w, mount);
        return rc;
    }
    if (mount >= 0 && place.make != ROOT_MAKE_NOTHING)
        place.make = like(mount);
    return attach_at(w, mount, &place);
}

int mount_remount_step(struct step_walk *w, const struct step *step)
{
    const struct mount_change change = {.set = step->num[0], .clear = step->num[1]};
    int target = open_target(w, step_text(w, step->text[0]), ROOT_MAKE_NOTHING);
    if (target < 0)
        return target;
    int rc = mount_attributes(target, &change);
    if (mount_refused(rc))
        rc = mount_remount(target, &change);
    sys_close(target);
    return step_detail(w, DETAIL_ATTRIBUTES, rc);
}

/* A link that is there already, and says the same. */
static bool is_link(int dirfd, const char *name, const char *text)
{
    char there[PATH_MAX];
    ssize_t n = sys_readlinkat(dirfd, name, there, sizeof there - 1);
    there[n < 0 ? 0 : n] = '\0';
    return n >= 0 && text_equal(there, text);
}

int mount_link_step(struct step_walk *w, const struct step *step)
{
    char parent[PATH_MAX];
    const char *text = step_text(w, step->text[0]), *path = step_text(w, step->text[1]);
    size_t last = 0;
    if (text_append(parent, sizeof parent, 0, path) == sizeof parent)
        return -ENAMETOOLONG;
    for (size_t i = 0; path[i]; i++)
        last = path[i] == '/' ? i + 1 : last;
    parent[last] = '\0';
    int dirfd = open_target(w, parent, step->num[0] ? ROOT_MAKE_DIRECTORY : ROOT_MAKE_NOTHING);
    if (dirfd < 0)
        return dirfd;
    int rc = sys_symlinkat(text, dirfd, path + last);
    if (rc == -EEXIST && is_link(dirfd, path + last, text))
        rc = 0;
    sys_close(dirfd);
    return rc;
}

int mount_directory_step(struct step_walk *w, const struct step *step)
{
    int fd = open_target(w, step_text(w, step->text[0]), ROOT_MAKE_DIRECTORY);
    if (fd < 0)
        return fd;
    sys_close(fd);
    return 0;
}

/* ---- hidden and read-only paths ------------------------------------------------------------- */

static bool is_null_device(int fd)
{
    struct statx st;
    return sys_statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &st) == 0 &&
           (st.stx_mode & 0170000) == 0020000 && st.stx_rdev_major == NULL_MAJOR &&
           st.stx_rdev_minor == NULL_MINOR;
}

/* Checked on the very fd that is bound: CVE-2025-31133. */
static int open_null(struct step_walk *w)
{
    int null = root_open(w->root, "/dev/null", O_PATH, 0);
    if (null >= 0 && !is_null_device(null)) {
        sys_close(null);
        null = -ENODEV;
    }
    return step_detail(w, DETAIL_SOURCE, null);
}

static int open_empty(struct step_walk *w)
{
    return mount_detached(w, "tmpfs", "tmpfs", "size=0,nr_inodes=1,mode=555",
                          MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                              MOUNT_ATTR_NOEXEC);
}

/* What paths are covered with: found or made when it is first needed, or -1. */
struct covers {
    int null;
    int empty; /* of which the others are copies: attached, as those of an unattached are not */
};

/* An empty read-only directory over a directory, the null device over anything else. */
static int mask(struct step_walk *w, int target, struct covers *c)
{
    bool directory = like(target) == ROOT_MAKE_DIRECTORY, first = directory && c->empty < 0;
    int *cover = directory ? &c->empty : &c->null;
    if (*cover < 0)
        *cover = directory ? open_empty(w) : open_null(w);
    int mount = first || *cover < 0 ? *cover : mount_copy(w, *cover, "", false);
    if (mount < 0)
        return mount;
    int rc = mount_attach(w, mount, target);
    if (!first)
        mount_drop(w, mount);
    return rc;
}

int mount_mask_step(struct step_walk *w, const struct step *step)
{
    const struct block_list *paths = step_list(w, step->text[0]);
    struct covers covers = {-1, -1};
    int rc = 0;
    for (uint32_t i = 0; i < paths->count && rc == 0; i++) {
        int target = root_open(w->root, step_text(w, paths->text[i]), O_PATH, 0);
        if (target == -ENOENT) /* not in this kernel */
            continue;
        rc = target;
        if (target >= 0) {
            rc = mask(w, target, &covers);
            sys_close(target);
        }
        w->item = i; /* mount_detached() counts in it, too */
        step_detail(w, DETAIL_PATH, rc);
    }
    if (covers.null >= 0)
        sys_close(covers.null);
    if (covers.empty >= 0)
        mount_drop(w, covers.empty);
    return rc;
}

static int make_read_only(struct step_walk *w, int target)
{
    static const struct mount_change change = {.set = MOUNT_ATTR_RDONLY, .recursive = true};
    int mount = mount_copy(w, target, "", true);
    if (mount < 0)
        return mount;
    int rc = mount_change_and_attach(w, mount, &change, target);
    mount_drop(w, mount);
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
