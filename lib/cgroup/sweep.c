/* SPDX-License-Identifier: MIT */
#include "cgroup/layout.h"
#include "cgroup/oom.h"
#include "cgroup/sweep.h"
#include "cgroup/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Every starter holds a shared lock on its group's directory, which the kernel drops when it dies:
 * a group whose exclusive lock can be had, and that has no processes, is nobody's.
 */
static bool is_left_over(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) == 0 && !tree_has_processes(fd);
}

/* It may have been deleted meanwhile, and be the group of another container of that name. */
static bool is_still_there(int hierarchy, const char *name, int fd)
{
    struct stat locked, named;
    return fstat(fd, &locked) == 0 && fstatat(hierarchy, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           locked.st_ino == named.st_ino;
}

/* What the group knows goes with it. */
static void tell_oom(int fd, cgroup_oom_visit *died)
{
    struct scratch_container_oom oom;
    struct stat st;
    if (died && oom_of_group(fd, &oom) && fstat(fd, &st) == 0)
        died(st.st_ino, &oom);
}

/*
 * The lock is held until the group is gone: a starter may be about to ask for it, and who deletes
 * the container as well.
 */
bool cgroup_sweep_group(int above, const char *name, cgroup_oom_visit *died)
{
    int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool removed = false;
    if (is_left_over(fd) && is_still_there(above, name, fd)) {
        tell_oom(fd, died);
        enum scope_left scope = scope_sweep(above, name, fd);
        removed = scope == SCOPE_STOPPED || (scope == SCOPE_NONE && tree_remove(above, name) == 0);
    }
    close(fd);
    return removed;
}

static int sweep_below(int groupfd, cgroup_oom_visit *died);

static int sweep_entry(int above, const char *name, cgroup_oom_visit *died)
{
    int removed = 0;
    struct stat st;
    int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return 0;
    if (tree_is_container(fd, name)) /* what is below it is the container's own */
        removed = cgroup_sweep_group(above, name, died);
    else if (fstat(fd, &st) == 0 && st.st_nlink > 2) /* "." and "..": there are groups below */
        removed = sweep_below(fd, died);
    close(fd);
    return removed;
}

static int sweep_below(int groupfd, cgroup_oom_visit *died)
{
    int fd = openat(groupfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), removed = 0;
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            removed += sweep_entry(fd, entry->d_name, died);
    if (dir)
        closedir(dir);
    else if (fd >= 0)
        close(fd);
    return removed;
}

int cgroup_sweep(cgroup_oom_visit *died)
{
    struct cgroup_hierarchy hierarchy[LAYOUT_CONTROLLERS + 1];
    const char *controller[LAYOUT_CONTROLLERS + 1];
    int removed = 0;
    for (int i = 0, count = layout_all(hierarchy, controller); i < count; i++) {
        int fd = open(hierarchy[i].mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0) {
            removed += sweep_below(fd, died);
            close(fd);
        }
    }
    return removed;
}
