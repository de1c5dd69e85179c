/* SPDX-License-Identifier: MIT */
/*
 * Mounting where a sandbox refuses fsopen(2), open_tree(2) and move_mount(2), with mount(2) alone.
 *
 * It cannot make a mount that is attached nowhere. So there is a tmpfs of our own, the lot, where a
 * mount is parked while it gets its attributes, to be moved from there: as with detached mounts,
 * it is never anywhere with fewer restrictions than it was to have, and no path is looked up twice.
 *
 * In a container the lot lies over the old root, where only its fd leads to it, in a mount
 * namespace that nothing else runs in yet, and it goes with the old root. A primitive parks in the
 * caller's namespace: below /tmp, in a directory that only root or the caller can enter, and the
 * lot goes with mount_drop().
 */
#ifndef MOUNT_CLASSIC_H
#define MOUNT_CLASSIC_H

#include "step/step.h"

/* A new file system, parked, with these attributes (MOUNT_ATTR_*): the mount's fd. */
int classic_new(struct step_walk *w, const char *type, const char *source, const char *data,
                uint64_t attributes);

/* A copy of what is at a path, parked: the mount's fd. */
int classic_copy(struct step_walk *w, int dirfd, const char *path, bool recursive);

/* Move a parked mount to a path. */
int classic_move(struct step_walk *w, int mount, const char *target);

/* Take the lot of a primitive away again, with what is parked there. */
void classic_leave(struct step_walk *w);

#endif
