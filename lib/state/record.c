/* SPDX-License-Identifier: MIT */
#include "state/record.h"
#include "base/error.h"
#include "state/write_process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The first character that no id has, or where it ends. */
static const char *foreign_character(const char *id)
{
    return id + strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
}

bool record_is_id(const char *id)
{
    return *id && strlen(id) <= RECORD_ID_MAX && !strchr("_.-", id[0]) && !*foreign_character(id);
}

int record_refuse_id(const char *id, struct scratch_error *err)
{
    error_set(err, EINVAL, "container id", id,
              "use 1 to 128 letters, digits, '_', '.' and '-', with a letter or digit first");
    const char *foreign = foreign_character(id);
    if (err && *foreign > ' ' && *foreign < 0x7f)
        error_write(err->cause, "invalid character `%c` in the ID", *foreign);
    return -EINVAL;
}

/* ---- opening -------------------------------------------------------------------------------- */

static int make_path(const char *path)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
        return -ENAMETOOLONG;
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0700) < 0 && errno != EEXIST)
            return -errno;
        *slash = '/';
    }
    return mkdir(part, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

/*
 * Nobody but its owner may have put anything there. Root may look into a user's, who could have put
 * anything there: what is found is then for showing alone.
 */
static int check_owner(int dir)
{
    struct stat st;
    if (fstat(dir, &st) < 0)
        return -errno;
    bool own = st.st_uid == geteuid() || geteuid() == 0;
    return own && !(st.st_mode & 022) ? 0 : -EPERM;
}

static int open_checked(int at, const char *path)
{
    int dir = openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int rc = dir < 0 ? -errno : check_owner(dir);
    if (rc < 0 && dir >= 0)
        close(dir);
    return rc < 0 ? rc : dir;
}

int record_root_open(const char *path, bool make)
{
    int dir = open_checked(AT_FDCWD, path);
    if (dir != -ENOENT || !make)
        return dir;
    int rc = make_path(path);
    return rc < 0 ? rc : open_checked(AT_FDCWD, path);
}

int record_open(int rootfd, const char *id)
{
    return open_checked(rootfd, id);
}

/* ---- the lock ------------------------------------------------------------------------------- */

/* True when the directory is still what the name stands for. ".." of one that is gone still works.
 */
static bool is_still_there(int dir, const char *id)
{
    char path[RECORD_ID_MAX + 4];
    struct stat own, named;
    snprintf(path, sizeof path, "../%s", id);
    return fstat(dir, &own) == 0 && fstatat(dir, path, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           own.st_ino == named.st_ino && own.st_dev == named.st_dev;
}

int record_lock(int dir, const char *id, bool wait)
{
    int rc;
    do
        rc = flock(dir, wait ? LOCK_EX : LOCK_EX | LOCK_NB);
    while (rc < 0 && errno == EINTR);
    if (rc < 0)
        return -errno;
    if (is_still_there(dir, id))
        return 0;
    record_unlock(dir);
    return -ENOENT;
}

/* Even on a busy machine a moment is over by then: how often to ask. */
#define TRIES 50

int record_lock_soon(int dir, const char *id)
{
    static const struct timespec moment = {0, 2000000};
    int rc = record_lock(dir, id, false);
    for (int i = 1; rc == -EAGAIN && i < TRIES; i++) {
        nanosleep(&moment, NULL);
        rc = record_lock(dir, id, false);
    }
    return rc;
}

void record_unlock(int dir)
{
    flock(dir, LOCK_UN);
}

bool record_is_locked(int dir)
{
    int own = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* a lock of its own */
    bool locked = own >= 0 && flock(own, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    if (own >= 0)
        close(own);
    return locked;
}

/* ---- removing ------------------------------------------------------------------------------- */

/* state.json last: until then it is a container's, and afterwards nobody's. */
int record_empty(int dir)
{
    static const struct {
        const char *name;
        int flags;
    } parts[] = {{RECORD_SOCKET, 0},
                 {RECORD_NOTIFY "/" RECORD_READY, 0},
                 {RECORD_NOTIFY, AT_REMOVEDIR},
                 {RECORD_EXIT, 0},
                 {RECORD_LOG, 0},
                 {RECORD_OOM, 0},
                 {RECORD_FILTER, 0},
                 {RECORD_JSON_NEW, 0},
                 {RECORD_JSON, 0}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (unlinkat(dir, parts[i].name, parts[i].flags) < 0 && errno != ENOENT)
            return -errno;
    return 0;
}

int record_remove(int dir, const char *id)
{
    char path[RECORD_ID_MAX + 4];
    int rc = record_empty(dir);
    if (rc < 0)
        return rc;
    snprintf(path, sizeof path, "../%s", id);
    return unlinkat(dir, path, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}
