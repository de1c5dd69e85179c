/* SPDX-License-Identifier: MIT */
/*
 * The mounts' part of a plan.
 */
#ifndef MOUNT_COMPILE_H
#define MOUNT_COMPILE_H

#include <scratch/mount.h>
#include "step/builder.h"

/* /proc, /dev and what is below it, /sys; host: all of the host's devices, a writable /sys. */
void mount_compile_standard(struct builder *b, uint64_t shm_size, bool host);

/* host.c: its part for a container that shall have all of the machine. */
void mount_compile_host(struct builder *b);

/* Hide what in /proc and /sys tells of or reaches the host, make read-only what changes it. */
void mount_compile_masks(struct builder *b);

/* The spec's own. make: missing targets may be made. */
int mount_compile(struct builder *b, const struct scratch_mount *mounts, size_t count, bool make);

/* One that is mounted in the caller's own namespace. */
int mount_compile_one(struct builder *b, const struct scratch_mount *mount);

/* Change the propagation of a target; flags: MS_* of mount(2). */
void mount_put_propagation(struct builder *b, const char *target, uint64_t flags, uint8_t effort);

#endif
