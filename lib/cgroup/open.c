/* SPDX-License-Identifier: MIT */
#include "cgroup/compile.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* A directory of a group: v2 is cloned into, v1 joined through its tasks. */
static int open_directory(struct builder *b, const char *path, struct cgroup_join *join)
{
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0)
        return -errno;
    if (faccessat(dir, "cgroup.controllers", F_OK, 0) == 0) {
        join->clone_into = builder_fd(b, dir);
        return join->clone_into;
    }
    int tasks = openat(dir, "tasks", O_WRONLY | O_CLOEXEC);
    int rc = tasks < 0 ? -errno : builder_fd(b, tasks);
    close(dir);
    if (rc >= 0)
        join->slot[join->slot_count++] = rc;
    return rc;
}

int cgroup_compile_open(struct builder *b, const char *const *directories, struct cgroup_join *join)
{
    *join = (struct cgroup_join){.clone_into = -1};
    for (; *directories && join->slot_count < CGROUP_DIRECTORIES_MAX; directories++) {
        int rc = open_directory(b, *directories, join);
        if (rc < 0)
            return error_call(b->err, -rc, "open(2)", "join the container's group", *directories,
                              NULL);
    }
    return 0;
}
