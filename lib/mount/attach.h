/* SPDX-License-Identifier: MIT */
/*
 * Making mounts detached, giving them their attributes, and attaching them last, to an fd: no
 * moment at which a mount is there with fewer restrictions than it was to have, and no path that
 * could be swapped for a link in between. Shared by the steps of mount and rootfs.
 */
#ifndef MOUNT_ATTACH_H
#define MOUNT_ATTACH_H

#include <stdint.h>
#include "base/sys.h"
#include "step/step.h"

/*
 * True for what kernels and sandboxes answer to calls that they do not know: mount(2) does it then
 * (mount/classic.h). EPERM may be the call's own; mount(2) wants the same privilege, and says so
 * again.
 */
static inline bool mount_refused(int rc)
{
    return rc == -ENOSYS || rc == -EPERM;
}

/* A new file system, with comma-separated options ("size=64m,mode=755"): the fd of its mount. */
int mount_detached(struct step_walk *w, const char *type, const char *source, const char *data,
                   uint64_t attributes);

/* A detached copy of what is at a path: open_tree(2). */
int mount_copy(struct step_walk *w, int dirfd, const char *path, bool recursive);

/* Close the fd of a mount that was made detached; attached or not, it is no longer needed. */
void mount_drop(struct step_walk *w, int mount);
/* The mount that the caller has made ready in a slot; it is the step's own from here on. */
int mount_take(struct step_walk *w, int slot);

/* What is to become of a mount's attributes (MOUNT_ATTR_*), or of those of the tree below it. */
struct mount_change {
    uint64_t set, clear;
    bool recursive;
    uint64_t top_set, top_clear; /* afterwards, of the mount itself alone */
    bool anew;                   /* and of which all others are taken away, */
    uint64_t kept;               /* but these, and what is locked */
    bool oci; /* a bundle's words: what they take away, and is locked, is -EPERM; or else it stays,
                 as with a bundle only the way of keeping access times does */
};

/* What the mounts of another user namespace have stays as it is. */
#define MOUNT_LOCKED (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define MOUNT_TIMES  (MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME)

/* The attributes that a mount has. */
int mount_has(int mount, uint64_t *attributes);

/* Change the topmost mount, by one of two ways: what is locked, and was not named, stays. */
typedef int mount_changer(int mount, uint64_t set, uint64_t clear);
int mount_change_top(int mount, const struct mount_change *change, mount_changer *apply);

/* mount_setattr(2); -ENOSYS before Linux 5.12, where mount_remount() does it for what is attached.
 */
int mount_attributes(int mount, const struct mount_change *change);

/*
 * The old way, mount(2) with MS_REMOUNT | MS_BIND, one mount at a time. -EOPNOTSUPP for a tree with
 * too many mounts, or with one that is not where mountinfo(5) says. A mount that another one covers
 * stays as it was.
 */
int mount_remount(int mount, const struct mount_change *change);

/* Attributes as mount(2) takes them: MS_*. */
unsigned long mount_flags(uint64_t attributes);

/* True for the new root itself: what is mounted on it nobody sees, for the root is entered below.
 */
bool mount_is_root(const struct step_walk *w, int target);

/* Put a detached mount on an fd. */
int mount_attach(struct step_walk *w, int mount, int target);

/* Change a detached mount, and put it on an fd. */
int mount_change_and_attach(struct step_walk *w, int mount, const struct mount_change *change,
                            int target);

/* Put a detached mount over the process's own root: nothing sees it there but its fd. */
int mount_attach_over_root(struct step_walk *w, int mount);

/*
 * A detached copy of one thing that is in a detached mount. Before Linux 6.15 it can only be copied
 * while that mount is attached: it is over the old root for a moment, where nothing sees it but its
 * fd.
 */
int mount_copy_out(struct step_walk *w, int mount, const char *name);

#endif
