/* SPDX-License-Identifier: MIT */
/*
 * Taking a range of ids, and giving it back. Each is a file, and whoever holds its lock has it; the
 * kernel lets go of the locks of those that are killed.
 */
#include "base/file.h"
#include "namespace/pool.h"
#include "step/undo.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the directory -------------------------------------------------------------------------- */

/* A directory of this user's own, which nobody else can have put anything into. */
static int open_own(int dirfd, const char *path, bool make)
{
    struct stat st;
    if (make && mkdirat(dirfd, path, 0700) < 0 && errno != EEXIST)
        return -errno;
    int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 022))
        return fd;
    close(fd);
    return -EPERM;
}

static int open_directory(bool make)
{
    int state = open_own(AT_FDCWD, POOL_STATE, make);
    if (state < 0)
        return state;
    int fd = open_own(state, POOL_NAME, make);
    close(state);
    return fd;
}

/* ---- one range ------------------------------------------------------------------------------ */

/* The file that was locked may have been removed before that: then its name is another's. */
static bool is_there(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

/* The lock's fd; -EWOULDBLOCK when somebody has it. */
static int lock(int dirfd, const char *name)
{
    for (;;) {
        int fd =
            openat(dirfd, name, O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
        if (fd < 0)
            return -errno;
        int rc = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
        if (rc == 0 && is_there(fd))
            return fd;
        close(fd);
        if (rc < 0)
            return rc;
    }
}

static int lock_range(struct step_walk *w, int dirfd, uint32_t first)
{
    char name[16];
    snprintf(name, sizeof name, "%u", first);
    int fd = lock(dirfd, name);
    return fd == -EWOULDBLOCK ? fd : step_detail(w, DETAIL_ID_STATE, fd);
}

/* Removed before it is unlocked: see is_there(). */
static void unlock(int dirfd, uint32_t first, int fd)
{
    char name[16];
    snprintf(name, sizeof name, "%u", first);
    unlinkat(dirfd, name, 0);
    flock(fd, LOCK_UN);
}

/* The first one of a line "FIRST COUNT" that is free; -EWOULDBLOCK: none is. */
static int take_from(struct step_walk *w, int dirfd, struct scratch_id_range range, uint32_t size)
{
    for (uint32_t at = 0; at + size <= range.count; at += size) {
        int fd = lock_range(w, dirfd, range.first + at);
        if (fd >= 0)
            w->ids = range.first + at;
        if (fd != -EWOULDBLOCK)
            return fd;
    }
    return -EWOULDBLOCK;
}

static int take(struct step_walk *w, int dirfd, const char *pool, uint32_t size)
{
    struct scratch_id_range range;
    int rc = -EWOULDBLOCK, n;
    while (rc == -EWOULDBLOCK && sscanf(pool, "%u %u%n", &range.first, &range.count, &n) == 2) {
        rc = take_from(w, dirfd, range, size);
        pool += n;
    }
    return rc == -EWOULDBLOCK ? step_detail(w, DETAIL_NO_RANGE, -EAGAIN) : rc;
}

int namespace_range_step(struct step_walk *w, const struct step *step)
{
    int dirfd = open_directory(true);
    if (dirfd < 0)
        return step_detail(w, DETAIL_ID_STATE, dirfd);
    int fd = take(w, dirfd, step_text(w, step->text[0]), (uint32_t)step->num[0]);
    close(dirfd);
    if (fd < 0)
        return fd;
    w->fd[step->fd[0]] = fd;
    return 0;
}

int namespace_range_undo(struct step_walk *w, const struct step *step)
{
    int dirfd = open_directory(false);
    if (dirfd < 0)
        return 0; /* somebody has removed it, locks and all */
    unlock(dirfd, w->ids, w->fd[step->fd[0]]);
    close(dirfd);
    return 0;
}

/* ---- those that were left ------------------------------------------------------------------- */

int id_pool_sweep(void)
{
    int dirfd = open_directory(false), removed = 0;
    DIR *dir = dirfd < 0 ? NULL : fdopendir(dirfd);
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char *end;
        unsigned long first = strtoul(entry->d_name, &end, 10);
        int fd = *end || end == entry->d_name ? -1 : lock(dirfd, entry->d_name);
        if (fd < 0)
            continue;
        unlock(dirfd, (uint32_t)first, fd);
        close(fd);
        removed++;
    }
    if (dir)
        closedir(dir);
    else if (dirfd >= 0)
        close(dirfd);
    return removed;
}
