/* SPDX-License-Identifier: MIT */
#include "mount/attach.h"
#include "base/text.h"
#include "mount/classic.h"

#define MNT_DETACH_ 2 /* <sys/mount.h> clashes with <linux/mount.h> in some C libraries */

/* As many bytes as mount(2) takes for all options together. */
#define OPTION_SIZE 4096

/* fsopen(2) has given fs. */
static int begin(struct step_walk *w, int fs, const char *source)
{
    if (fs < 0)
        return step_detail(w, fs == -ENODEV ? DETAIL_TYPE : DETAIL_NONE, fs);
    int rc = source ? sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", source, 0) : 0;
    return step_detail(w, DETAIL_SOURCE, rc);
}

/*
 * One option, "key=value" or "key", of that length. Quotes around a value are not part of it: they
 * are there for its commas.
 */
static int configure_one(int fs, const char *word, size_t length)
{
    char text[OPTION_SIZE];
    const char *value = NULL;
    size_t at = 0;
    if (length >= sizeof text)
        return -E2BIG;
    for (size_t i = 0; i < length; i++) {
        if (word[i] == '"')
            continue;
        text[at++] = word[i];
        if (word[i] == '=' && !value) {
            text[at - 1] = '\0';
            value = text + at;
        }
    }
    text[at] = '\0';
    if (value)
        return sys_fsconfig(fs, FSCONFIG_SET_STRING, text, value, 0);
    return sys_fsconfig(fs, FSCONFIG_SET_FLAG, text, NULL, 0);
}

/* Hand over comma-separated options ("size=64m,mode=755"); a word without '=' is a flag. */
static int configure(struct step_walk *w, int fs, const char *data)
{
    for (w->item = 0; data && *data; w->item++) {
        size_t length = text_option_length(data);
        int rc = length ? configure_one(fs, data, length) : 0;
        if (rc < 0)
            return step_detail(w, DETAIL_OPTION, rc);
        data += length;
        data += *data == ',';
    }
    return 0;
}

/* What the superblock is made from is looked at only here, and whether the type may be mounted. */
static int create(struct step_walk *w, int fs)
{
    int rc = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
    if (rc == -ENOENT || rc == -ENOTBLK || rc == -ENXIO || rc == -EACCES)
        return step_detail(w, DETAIL_SOURCE, rc);
    return step_detail(w, rc == -EPERM ? DETAIL_TYPE_FORBIDDEN : DETAIL_CREATE, rc);
}

static int finish(struct step_walk *w, int fs, uint64_t attributes)
{
    int rc = create(w, fs);
    if (rc < 0)
        return rc;
    rc = sys_fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)attributes);
    return step_detail(w, rc == -EPERM ? DETAIL_REVEALING : DETAIL_ATTRIBUTES, rc);
}

int mount_detached(struct step_walk *w, const char *type, const char *source, const char *data,
                   uint64_t attributes)
{
    int fs = sys_fsopen(type, FSOPEN_CLOEXEC);
    if (mount_refused(fs))
        return classic_new(w, type, source, data, attributes);
    int rc = begin(w, fs, source);
    if (rc == 0)
        rc = configure(w, fs, data);
    if (rc == 0)
        rc = finish(w, fs, attributes);
    if (fs >= 0)
        sys_close(fs);
    return rc;
}

int mount_copy(struct step_walk *w, int dirfd, const char *path, bool recursive)
{
    unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
    if (recursive)
        flags |= AT_RECURSIVE;
    if (!*path)
        flags |= AT_EMPTY_PATH;
    int mount = sys_open_tree(dirfd, path, flags);
    if (mount_refused(mount))
        mount = classic_copy(w, dirfd, path, recursive);
    bool submounts = mount == -EINVAL && !recursive;
    return step_detail(w, submounts ? DETAIL_SUBMOUNTS : DETAIL_SOURCE, mount);
}

int mount_take(struct step_walk *w, int slot)
{
    int mount = w->fd[slot];
    w->fd[slot] = -1;
    if (mount < 0) /* the caller's step was best-effort, and failed */
        return step_detail(w, DETAIL_SOURCE, -ENOENT);
    return mount;
}

static int set_attributes(int mount, uint64_t set, uint64_t clear, bool recursive)
{
    struct mount_attr attributes = {.attr_set = set, .attr_clr = clear};
    if (!set && !clear)
        return 0;
    /* The three ways of keeping access times are one field: to set one is to clear it first. */
    if ((set | clear) & MOUNT_ATTR__ATIME)
        attributes.attr_clr |= MOUNT_ATTR__ATIME;
    return sys_mount_setattr(mount, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0),
                             &attributes);
}

/* In a user namespace, restrictions of the host's mount are locked: they stay. */
static int change_attributes(int mount, const struct mount_change *change)
{
    int rc = set_attributes(mount, change->set, change->clear, change->recursive);
    if (rc == -EPERM && !change->oci && change->clear & ~(uint64_t)MOUNT_ATTR__ATIME)
        rc = set_attributes(mount, change->set, change->clear & MOUNT_ATTR__ATIME,
                            change->recursive);
    return rc;
}

/* What is taken away of the topmost mount: all of it, or without what may be locked. */
static uint64_t top_clear(const struct mount_change *change, bool locked)
{
    const uint64_t all = MOUNT_LOCKED | MOUNT_ATTR_NOSYMFOLLOW, may_be = locked ? MOUNT_LOCKED : 0;
    uint64_t others = change->anew ? all & ~change->top_set & ~change->kept & ~may_be : 0;
    return others | (change->top_clear & ~(change->oci ? 0 : may_be));
}

int mount_change_top(int mount, const struct mount_change *change, mount_changer *apply)
{
    uint64_t set = change->top_set, clear = top_clear(change, false);
    uint64_t without = top_clear(change, true);
    int rc = set || clear ? apply(mount, set, clear) : 0;
    if (rc == -EPERM && clear != without)
        rc = apply(mount, set, without);
    if (rc == -EPERM && change->oci && (set | without) & MOUNT_TIMES)
        rc = apply(mount, set & ~MOUNT_TIMES, without & ~MOUNT_TIMES);
    return rc;
}

static int set_one(int mount, uint64_t set, uint64_t clear)
{
    return set_attributes(mount, set, clear, false);
}

int mount_attributes(int mount, const struct mount_change *change)
{
    int rc = change_attributes(mount, change);
    return rc < 0 ? rc : mount_change_top(mount, change, set_one);
}

bool mount_is_root(const struct step_walk *w, int target)
{
    struct statx root, st;
    const unsigned mask = STATX_INO | STATX_MNT_ID;
    return w->root >= 0 && sys_statx(w->root, "", AT_EMPTY_PATH, mask, &root) == 0 &&
           sys_statx(target, "", AT_EMPTY_PATH, mask, &st) == 0 &&
           root.stx_mnt_id == st.stx_mnt_id && root.stx_ino == st.stx_ino;
}

void mount_drop(struct step_walk *w, int mount)
{
    sys_close(mount);
    classic_leave(w);
}

int mount_attach(struct step_walk *w, int mount, int target)
{
    char path[16 + TEXT_NUMBER];
    int rc =
        sys_move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    if (mount_refused(rc) && w->lot >= 0) {
        text_fd_path(path, sizeof path, target);
        rc = classic_move(w, mount, path);
    }
    return step_detail(w, DETAIL_ATTACH, rc);
}

/* A detached mount cannot be remounted, a parked one can. */
static int change_before(struct step_walk *w, int mount, const struct mount_change *change)
{
    int rc = mount_attributes(mount, change);
    return mount_refused(rc) && w->lot >= 0 ? mount_remount(mount, change) : rc;
}

int mount_change_and_attach(struct step_walk *w, int mount, const struct mount_change *change,
                            int target)
{
    int changed = change_before(w, mount, change);
    int rc = changed == -ENOSYS ? 0 : changed;
    if (rc == 0)
        rc = mount_attach(w, mount, target);
    /* Nothing runs yet in the namespace that it is in now. */
    if (rc == 0 && changed == -ENOSYS)
        rc = mount_remount(mount, change);
    return step_detail(w, rc == -EOPNOTSUPP ? DETAIL_TREE : DETAIL_ATTRIBUTES, rc);
}

int mount_attach_over_root(struct step_walk *w, int mount)
{
    int rc = sys_move_mount(mount, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH);
    if (mount_refused(rc) && w->lot >= 0)
        rc = classic_move(w, mount, "/");
    return step_detail(w, DETAIL_ATTACH, rc);
}

int mount_copy_out(struct step_walk *w, int mount, const char *name)
{
    char path[16 + TEXT_NUMBER];
    int rc = mount_attach_over_root(w, mount);
    int copy = rc < 0 ? rc : mount_copy(w, mount, name, false);
    text_fd_path(path, sizeof path, mount);
    if (rc == 0)
        rc = sys_umount2(path, MNT_DETACH_);
    if (rc < 0 && copy >= 0) {
        sys_close(copy);
        return rc;
    }
    return copy;
}
