/* SPDX-License-Identifier: MIT */
/*
 * The root file system's part of a plan.
 */
#ifndef ROOTFS_COMPILE_H
#define ROOTFS_COMPILE_H

#include <scratch/rootfs.h>
#include "step/builder.h"

/* Host steps: the lock on an upper directory, idmapped mounts of what the root is made of. The
 * options are checked first: none is passed over. */
int rootfs_compile_host(struct builder *b, const struct scratch_rootfs_options *options);

/* The root comes to be, not entered yet. */
int rootfs_compile_root(struct builder *b, const struct scratch_rootfs_options *options);

/* It is made read-only if asked for, and entered. */
int rootfs_compile_enter(struct builder *b, const struct scratch_rootfs_options *options);

/* True when what is written to the root itself is thrown away, or taken by an upper layer. */
bool rootfs_has_upper(const struct scratch_rootfs_options *options);

/* Single steps, for the primitives. The lock also gives the slots of upper and work their values.
 */
struct layers;
int rootfs_put_lock(struct builder *b, const char *upper, const char *work);
void rootfs_put_layers(struct builder *b, const struct scratch_rootfs_options *options);
void rootfs_put_overlay(struct builder *b, const struct layers *layers, const char *target,
                        uint64_t flags);

#endif
