/* SPDX-License-Identifier: MIT */
/*
 * What the calls of this room share.
 */
#ifndef CONTAINER_HANDLE_H
#define CONTAINER_HANDLE_H

#include <scratch/container.h>
#include "plan/container.h"
#include "state/record.h"

/* Read state.json, once; -ENOENT: there is none (yet), -EINVAL: the handle has no record. */
int handle_read(struct scratch_container *c, struct scratch_error *err);

/* The same, and the lock, to change something: -EPERM: it is another user's; -ENOENT: deleted. */
int handle_lock(struct scratch_container *c, const char *what, struct scratch_error *err);
void handle_unlock(struct scratch_container *c);

/* Where a container is in its life, by what the kernel says now. */
enum scratch_status handle_status(const struct scratch_container *c);

/* True when its group is frozen, or on the way to it. */
bool handle_is_frozen(const struct scratch_container *c);

/* Its group, to free with scratch_cgroup_free(); -ENOTSUP: it has none. */
int handle_open_group(struct scratch_container *c, const char *what, scratch_cgroup **group,
                      struct scratch_error *err);

/* Its groups' directories; ends with NULL, never NULL. Known once the handle has been read. */
const char *const *handle_groups(const struct scratch_container *c);

#endif
