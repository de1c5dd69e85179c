/* SPDX-License-Identifier: MIT */
#ifndef CGROUP_ABOVE_H
#define CGROUP_ABOVE_H

#include "cgroup/layout.h"
#include "cgroup/limits.h"
#include "step/builder.h"

/*
 * Compare a limit with those of the groups above, from the parent up to the mount. A higher one is
 * a warning of the plan, for the kernel takes it and theirs holds; or -EINVAL where the kernel
 * would refuse it (a cpu quota on v1).
 */
int above_check(struct builder *b, const struct cgroup_hierarchy *hierarchy, const char *parent,
                const struct scratch_cgroup_options *options, const struct cgroup_setting *s);

#endif
