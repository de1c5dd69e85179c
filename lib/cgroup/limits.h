/* SPDX-License-Identifier: MIT */
/*
 * Limits as the files that hold them.
 */
#ifndef CGROUP_LIMITS_H
#define CGROUP_LIMITS_H

#include <scratch/cgroup.h>
#include "base/error.h"

/* One write to one file, in either version; a file that is NULL does not exist there. */
struct cgroup_setting {
    const char *controller;
    const char *v1_file;
    const char *v2_file;
    char value[256];
};

#define CGROUP_SETTINGS_MAX 8

/* Check the limits, and write them as settings. Returns how many, or -EINVAL. */
int limits_settings(const struct scratch_cgroup_options *options,
                    struct cgroup_setting settings[CGROUP_SETTINGS_MAX], struct scratch_error *err);

#endif
