/* SPDX-License-Identifier: MIT */
/*
 * The host's own tree as the root of an ordinary user's container.
 */
#ifndef ROOTFS_HOST_H
#define ROOTFS_HOST_H

#include "step/builder.h"

/*
 * In a user namespace the host's mounts are locked together, and "/" as a whole cannot be a lower
 * layer. So: a directory without mounts below it becomes an overlay, one with mounts a read-only
 * bind, a link is made again.
 */
int rootfs_compile_composed(struct builder *b);

#endif
