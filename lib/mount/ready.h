/* SPDX-License-Identifier: MIT */
/*
 * Binds whose source the caller makes ready before there is a container: with an id map, or because
 * who is root in a user namespace may not reach all that the caller may give it.
 */
#ifndef MOUNT_READY_H
#define MOUNT_READY_H

#include "mount/compile.h"
#include "mount/options.h"

/* The part of a bind's source that is below the new root; NULL: it is outside. */
const char *mount_below_root(const struct mount_list *list, const struct scratch_mount *mount);

/*
 * True for a bind that is opened by the caller. One that a hook has yet to make is not there then,
 * and opened in its turn; so is one that is part of the root.
 */
bool mount_is_opened(const struct builder *b, const struct mount_list *list,
                     const struct scratch_mount *mount, const struct mount_options *options);

/*
 * True for a bind that gets its id map in the container: its source is there only when what comes
 * before it is mounted. Only who has privilege over the file system may, not a user namespace's
 * root.
 */
bool mount_is_mapped_inside(const struct builder *b, const struct mount_list *list,
                            const struct scratch_mount *mount, const struct mount_options *options);

/* The host step, where one is needed. 0 or -errno. */
int mount_put_ready(struct builder *b, const struct mount_list *list,
                    const struct scratch_mount *mount, const struct mount_options *options);

/* The slot of the next bind that has such a step, in the same order; or -1. */
int mount_take_idmapped(struct builder *b);
int mount_take_opened(struct builder *b);
int mount_take_id_namespace(struct builder *b);

#endif
