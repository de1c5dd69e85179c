/* SPDX-License-Identifier: MIT */
/*
 * The few things that the root's compiler wants to know of the host's mounts, on every start of an
 * ordinary user: read here, rather than by libmount, whose loading takes a quarter of a start.
 */
#ifndef ROOTFS_MOUNTS_H
#define ROOTFS_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

/* Where the host has mounts, in the kernel's order. */
struct mount_points {
    char *text; /* what the paths point into */
    char **path;
    bool *device; /* on a block device: its source is a path in /dev, and not a loop device */
    size_t count;
};

/* Read /proc/self/mountinfo. 0 or -errno. */
int mount_points_read(struct mount_points *points);
void mount_points_free(struct mount_points *points);

/* True when something is mounted below a directory; on it does not count. */
bool mount_points_below(const struct mount_points *points, const char *path);
bool mount_points_on(const struct mount_points *points, const char *path);

#endif
