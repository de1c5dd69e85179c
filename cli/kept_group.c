/* SPDX-License-Identifier: MIT */
/*
 * The control group of a container that stays: its record has directories, and a group is opened by
 * its path below the hierarchies' roots.
 */
#include "cli/kept.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CONTROLLERS_MAX 32

/* What is behind a mount in a path; NULL: it is not below it. */
static const char *below(const char *mount, const char *path)
{
    size_t length = strlen(mount);
    return strncmp(path, mount, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

static int find_path(const char *directory, const char **path, struct scratch_error *err)
{
    struct scratch_cgroup_controller controllers[CONTROLLERS_MAX];
    size_t count = CONTROLLERS_MAX;
    int rc = scratch_cgroup_discover(NULL, controllers, &count, err);
    *path = below("/sys/fs/cgroup/unified", directory);
    for (size_t i = 0; rc == 0 && !*path && i < count && i < CONTROLLERS_MAX; i++)
        *path = below(controllers[i].mount, directory);
    return rc;
}

int kept_group(const struct scratch_container_state *state, scratch_cgroup **group,
               struct scratch_error *err)
{
    const char *directory = state->cgroups ? state->cgroups[0] : NULL, *path = NULL;
    int rc = directory ? find_path(directory, &path, err) : 0;
    if (rc < 0)
        return rc;
    if (path)
        return scratch_cgroup_open(path, group, err);
    *err = (struct scratch_error){.errnum = ENOENT, .what = "find the container's control group"};
    snprintf(err->subject, sizeof err->subject, "%s", state->id);
    snprintf(err->cause, sizeof err->cause, "it has none");
    return -ENOENT;
}
