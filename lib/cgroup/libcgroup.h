/* SPDX-License-Identifier: MIT */
/*
 * The one file that calls libcgroup. Its state is global: every call here holds one lock. Each
 * gives -ENOSYS where it is not installed, and -ENOTSUP where it cannot make out what is mounted.
 */
#ifndef CGROUP_LIBCGROUP_H
#define CGROUP_LIBCGROUP_H

#include <sys/types.h>
#include "cgroup/layout.h"

/* Where a controller is mounted. 0 or -ENOENT. */
int libcgroup_find(const char *controller, struct cgroup_hierarchy *hierarchy);

/* All mounted controllers. *count: in, the array's length; out, how many there are. */
int libcgroup_list(struct scratch_cgroup_controller *controllers, size_t *count);

/* The first line of a file of a group ("" for the root). Returns its length. */
int libcgroup_read(const char *controller, const char *group, const char *file, char *value,
                   size_t size);

/* Remove a group in one controller's hierarchy, with all below it; see first that it is empty. */
int libcgroup_delete(const char *controller, const char *group);

#endif
