/* SPDX-License-Identifier: MIT */
#include "cgroup/layout.h"
#include "cgroup/tree.h"
#include "step/step.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/*
 * Every starter holds a shared lock on its group's directory, which the kernel drops when it dies:
 * a group whose exclusive lock can be had, and that has no processes, is nobody's.
 */
static bool is_left_over(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) == 0 && !tree_has_processes(fd);
}

/* The lock is held until the group is gone: a starter may be about to ask for it. */
static bool sweep_group(int hierarchy, const char *name)
{
    int fd = openat(hierarchy, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool removed = is_left_over(fd) && tree_remove(hierarchy, name) == 0;
    close(fd);
    return removed;
}

static int sweep_hierarchy(const char *mount)
{
    DIR *dir = opendir(mount);
    struct dirent *entry;
    int removed = 0;
    while (dir && (entry = readdir(dir)))
        if (strncmp(entry->d_name, SLOT_ID_PREFIX, sizeof SLOT_ID_PREFIX - 1) == 0)
            removed += sweep_group(dirfd(dir), entry->d_name);
    if (dir)
        closedir(dir);
    return removed;
}

int cgroup_sweep(void)
{
    struct cgroup_hierarchy hierarchy[LAYOUT_CONTROLLERS];
    int count = 0, removed = 0;
    for (int i = 0; i < LAYOUT_CONTROLLERS; i++) {
        if (layout_find(layout_controllers[i], &hierarchy[count]) < 0)
            continue;
        bool seen = false;
        for (int j = 0; j < count; j++)
            seen = seen || strcmp(hierarchy[j].mount, hierarchy[count].mount) == 0;
        count += !seen;
    }
    for (int i = 0; i < count; i++)
        removed += sweep_hierarchy(hierarchy[i].mount);
    return removed;
}
