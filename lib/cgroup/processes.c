/* SPDX-License-Identifier: MIT */
#include "cgroup/processes.h"
#include "base/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How many are held at a time. */
#define HELD 128

static int add(struct processes *all, pid_t pid)
{
    if ((all->count & (all->count + 1)) == 0) { /* 0, 1, 3, 7, …: room for twice as many */
        pid_t *more = realloc(all->pid, 2 * (all->count + 1) * sizeof *more);
        if (!more)
            return -ENOMEM;
        all->pid = more;
    }
    all->pid[all->count++] = pid;
    return 0;
}

static int read_own(struct processes *all, int groupfd)
{
    int fd = openat(groupfd, "cgroup.procs", O_RDONLY | O_CLOEXEC), rc = 0;
    FILE *in = fd < 0 ? NULL : fdopen(fd, "r");
    int pid;
    if (!in) {
        rc = -errno;
        if (fd >= 0)
            close(fd);
        return rc;
    }
    while (rc == 0 && fscanf(in, "%d", &pid) == 1)
        if (pid > 0) /* 0: of a pid namespace that we do not see */
            rc = add(all, pid);
    if (rc == 0 && ferror(in))
        rc = -errno;
    fclose(in);
    return rc;
}

static int read_below(struct processes *all, int groupfd)
{
    int fd = openat(groupfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return -errno;
    }
    while (rc == 0 && (entry = readdir(dir))) {
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
            continue;
        int below = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below < 0)
            continue; /* it has been removed */
        rc = processes_read(all, below, true);
        close(below);
    }
    closedir(dir);
    return rc;
}

int processes_read(struct processes *all, int groupfd, bool deep)
{
    int rc = read_own(all, groupfd);
    if ((rc == -ENODEV || rc == -ENOENT) && deep) /* it has been removed */
        return 0;
    return rc == 0 && deep ? read_below(all, groupfd) : rc;
}

static int by_number(const void *a, const void *b)
{
    const pid_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

void processes_sort(struct processes *all)
{
    size_t unique = 0;
    if (all->count == 0)
        return;
    qsort(all->pid, all->count, sizeof *all->pid, by_number);
    for (size_t i = 1; i < all->count; i++)
        if (all->pid[i] != all->pid[unique])
            all->pid[++unique] = all->pid[i];
    all->count = unique + 1;
}

/* Kill what is held when it is still in the group. */
static int kill_held(int groupfd, const pid_t *pid, const int *pidfd, size_t count)
{
    struct processes now = {0};
    int rc = processes_read(&now, groupfd, true);
    processes_sort(&now);
    for (size_t i = 0; i < count && now.pid && rc == 0; i++) {
        if (pidfd[i] < 0 || !bsearch(&pid[i], now.pid, now.count, sizeof *now.pid, by_number))
            continue;
        long killed = sys4(SYS_pidfd_send_signal, pidfd[i], SIGKILL, 0, 0);
        if (killed < 0 && killed != -ESRCH)
            rc = (int)killed;
    }
    free(now.pid);
    return rc;
}

int processes_kill(int groupfd)
{
    struct processes all = {0};
    int pidfd[HELD];
    int rc = processes_read(&all, groupfd, true);
    for (size_t first = 0; first < all.count && rc == 0; first += HELD) {
        size_t count = all.count - first < HELD ? all.count - first : HELD;
        for (size_t i = 0; i < count; i++)
            pidfd[i] = (int)sys2(SYS_pidfd_open, all.pid[first + i], 0);
        rc = kill_held(groupfd, all.pid + first, pidfd, count);
        for (size_t i = 0; i < count; i++)
            if (pidfd[i] >= 0)
                close(pidfd[i]);
    }
    free(all.pid);
    return rc;
}
