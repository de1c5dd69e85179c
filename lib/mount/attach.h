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

/* A file system that is being set up: fsopen(2), then one string option after another. */
int mount_begin(struct step_walk *w, const char *type, const char *source);

/* Hand over comma-separated options ("size=64m,mode=755"); a word without '=' is a flag. */
int mount_configure(struct step_walk *w, int fs, const char *data);

/* Create the superblock and a detached mount of it; closes fs. Returns the mount's fd. */
int mount_finish(struct step_walk *w, int fs, uint64_t attributes);

/* The three in one. */
int mount_detached(struct step_walk *w, const char *type, const char *source, const char *data,
                   uint64_t attributes);

/* A detached copy of what is at a path: open_tree(2). */
int mount_copy(struct step_walk *w, int dirfd, const char *path, bool recursive);

/* The mount that the caller has made ready in a slot; it is the step's own from here on. */
int mount_take(struct step_walk *w, int slot);

/* What is to become of a mount's attributes (MOUNT_ATTR_*), or of those of the tree below it. */
struct mount_change {
    uint64_t set, clear;
    bool recursive;
};

/* mount_setattr(2); -ENOSYS before Linux 5.12, where mount_remount() does it for what is attached.
 */
int mount_attributes(int mount, const struct mount_change *change);

/*
 * The old way, mount(2) with MS_REMOUNT | MS_BIND, one mount at a time. -EOPNOTSUPP for a tree that
 * has mounts below it: a part of it would stay as it was.
 */
int mount_remount(int mount, const struct mount_change *change);

/* Put a detached mount on an fd. */
int mount_attach(struct step_walk *w, int mount, int target);

/* Change a detached mount, and put it on an fd. */
int mount_change_and_attach(struct step_walk *w, int mount, const struct mount_change *change,
                            int target);

/* Put a detached mount over the process's own root: nothing sees it there but its fd. */
int mount_attach_over_root(struct step_walk *w, int mount);

#endif
