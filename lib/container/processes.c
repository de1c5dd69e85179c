/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "container/handle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where they go: the caller's array, as far as it reaches. */
struct found {
    pid_t *pids;
    size_t room, count;
};

static void add(struct found *f, pid_t pid)
{
    if (f->pids && f->count < f->room)
        f->pids[f->count] = pid;
    f->count++;
}

/* ---- by group ------------------------------------------------------------------------------- */

static FILE *open_list(int dir)
{
    int fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    FILE *in = fd < 0 ? NULL : fdopen(fd, "r");
    if (!in && fd >= 0)
        close(fd);
    return in;
}

/* A group, whose fd is taken, and those below it. One that is gone has none. */
static void add_group(struct found *f, int fd)
{
    FILE *in = fd < 0 ? NULL : open_list(fd);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    int pid;
    while (in && fscanf(in, "%d", &pid) == 1)
        add(f, pid);
    while (dir && (entry = readdir(dir)))
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            add_group(f,
                      openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (in)
        fclose(in);
    if (dir)
        closedir(dir);
    else if (fd >= 0)
        close(fd);
}

/* ---- by pid namespace ----------------------------------------------------------------------- */

static bool namespace_of(const char *pid, struct stat *st)
{
    char path[300];
    snprintf(path, sizeof path, "/proc/%s/ns/pid", pid);
    return stat(path, st) == 0;
}

static bool is_own(const struct stat *pid_namespace)
{
    struct stat own;
    return namespace_of("self", &own) && own.st_ino == pid_namespace->st_ino;
}

static int add_namespace(struct found *f, const struct scratch_container *c)
{
    struct stat its, other;
    char number[16];
    struct dirent *entry;
    snprintf(number, sizeof number, "%d", (int)scratch_container_pid(c));
    if (c->pidfd < 0 || !namespace_of(number, &its))
        return 0; /* it has ended, and all of the namespace with it */
    if (is_own(&its))
        return -EINVAL;
    DIR *dir = opendir("/proc");
    while (dir && (entry = readdir(dir)))
        if (strspn(entry->d_name, "0123456789") == strlen(entry->d_name) &&
            namespace_of(entry->d_name, &other) && other.st_ino == its.st_ino)
            add(f, (pid_t)strtol(entry->d_name, NULL, 10));
    if (dir)
        closedir(dir);
    return 0;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): it is written through struct found */
int scratch_container_processes(scratch_container *c, pid_t *pids, size_t *count,
                                struct scratch_error *err)
{
    struct found f = {pids, *count, 0};
    int rc = handle_read(c, err);
    if (rc < 0)
        return rc;
    const char *const *groups = handle_groups(c);
    if (*groups) /* on v1 it is in the same one of each hierarchy */
        add_group(&f, record_open_group(c->contents, 0));
    else
        rc = add_namespace(&f, c);
    if (rc < 0)
        return error_because(err, EINVAL, "list the container's processes", c->id,
                             "it has neither a group nor a pid namespace of its own", NULL);
    *count = f.count;
    return 0;
}
