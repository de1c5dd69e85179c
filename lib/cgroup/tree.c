/* SPDX-License-Identifier: MIT */
#include "cgroup/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void remove_below(int groupfd)
{
    DIR *dir = fdopendir(groupfd);
    struct dirent *entry;
    if (!dir) {
        close(groupfd);
        return;
    }
    while ((entry = readdir(dir)))
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            tree_remove(dirfd(dir), entry->d_name);
    closedir(dir);
}

int tree_remove(int dirfd, const char *name)
{
    if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0)
        return 0;
    if (errno != EBUSY && errno != ENOTEMPTY)
        return -errno;
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    remove_below(fd);
    return unlinkat(dirfd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

/* A threaded group of v2 refuses the reading (EOPNOTSUPP); it has processes as far as we know. */
static bool has_own_processes(int groupfd)
{
    char text[1];
    int fd = openat(groupfd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text);
    if (fd >= 0)
        close(fd);
    return n != 0;
}

static bool has_processes_at(int groupfd, const char *name)
{
    int fd = openat(groupfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool has = fd >= 0 && tree_has_processes(fd);
    if (fd >= 0)
        close(fd);
    return has;
}

bool tree_has_processes(int groupfd)
{
    bool has = has_own_processes(groupfd);
    int fd = has ? -1 : openat(groupfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    while (dir && !has && (entry = readdir(dir)))
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            has = has_processes_at(fd, entry->d_name);
    if (dir)
        closedir(dir);
    else if (fd >= 0)
        close(fd);
    return has;
}
