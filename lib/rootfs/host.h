/* SPDX-License-Identifier: MIT */
/*
 * The host's own tree as a container's root.
 */
#ifndef ROOTFS_HOST_H
#define ROOTFS_HOST_H

#include "step/builder.h"

/*
 * An overlay of "/" shows none of the mounts in it. Those on disks (/home, /var, /boot) become
 * parts of it, each with a throw-away upper, where the kernel can do that.
 */
int rootfs_compile_disks(struct builder *b);

/* Host steps: an idmapped mount of each, where the root is to have such. */
int rootfs_compile_idmapped_disks(struct builder *b);

/*
 * In a user namespace the host's mounts are locked together, and "/" as a whole cannot be a lower
 * layer. So: a directory without mounts below it becomes an overlay, one with mounts a read-only
 * bind, a link is made again. /run and /tmp are empty where the host's are mounts of their own.
 */
int rootfs_compile_composed(struct builder *b);

#endif
