/* SPDX-License-Identifier: MIT */
/*
 * Ending containers, and removing what there is of them.
 */
#include "base/error.h"
#include "cgroup/frozen.h"
#include "cgroup/tree.h"
#include "container/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

/* ---- all processes -------------------------------------------------------------------------- */

/* Those that there are now, for the caller to free. */
static int list(scratch_container *c, const char *what, pid_t **pids, size_t *count,
                struct scratch_error *err)
{
    size_t room = 0;
    *pids = NULL;
    int rc = scratch_container_processes(c, NULL, count, err);
    while (rc == 0 && *count > room) {
        room = *count + 16;
        pid_t *more = reallocarray(*pids, room, sizeof **pids);
        if (!more)
            return error_set(err, ENOMEM, what, c->id, NULL);
        *pids = more;
        *count = room;
        rc = scratch_container_processes(c, *pids, count, err);
    }
    return rc;
}

/* One that ends meanwhile is no failure. */
static int signal_each(scratch_container *c, int signal, size_t *count, struct scratch_error *err)
{
    pid_t *pids;
    int rc = list(c, "signal the container's processes", &pids, count, err);
    for (size_t i = 0; rc == 0 && pids && i < *count; i++)
        if (kill(pids[i], signal) < 0 && errno != ESRCH)
            rc = error_call(err, errno, "kill(2)", "signal the container's processes", c->id, NULL);
    free(pids);
    return rc;
}

/* The end of a pid namespace's first process is the end of all in it: nobody can flee. */
int scratch_container_kill_all(scratch_container *c, int signal, struct scratch_error *err)
{
    size_t count = 0;
    int rc = handle_check_owner(c, "signal the container's processes", err);
    if (rc == 0)
        rc = signal_each(c, signal, &count, err);
    if (rc == 0 && count == 0)
        return error_because(err, ESRCH, "signal the container's processes",
                             scratch_container_id(c), "there is none: it has ended", NULL);
    return rc;
}

/* How long one that has been killed may take to end before it is seen to that it is not frozen. */
#define THAW_AFTER_MS 20

/* How often that is seen to. */
#define THAW_TIMES 500

/* How often among them whether it is somebody else who has frozen it. */
#define FOREIGN_EACH 10

/* ---- stop ----------------------------------------------------------------------------------- */

/* True when it has ended within some milliseconds; negative: whenever that is. */
static bool ends_within(const struct scratch_container *c, int timeout)
{
    struct pollfd end = {.fd = c->pidfd, .events = POLLIN};
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t until = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + timeout;
    for (;;) {
        int ready = poll(&end, 1, timeout);
        if (ready >= 0 || errno != EINTR)
            return ready > 0;
        clock_gettime(CLOCK_MONOTONIC, &now);
        int64_t left = until - ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
        if (timeout >= 0)
            timeout = left > 0 ? (int)left : 0;
    }
}

static int signal_once(const struct scratch_container *c, int signal, struct scratch_error *err)
{
    int rc = scratch_container_signal(c, signal, err);
    return rc == -ESRCH ? 0 : rc;
}

static void thaw(struct scratch_container *c)
{
    scratch_cgroup *group;
    if (handle_open_group(c, "stop the container", &group, NULL) < 0)
        return;
    scratch_cgroup_thaw(group, NULL);
    scratch_cgroup_free(group);
}

static bool is_own_group(const struct scratch_container *c, const char *directory)
{
    for (const char *const *own = handle_groups(c); *own; own++) {
        size_t length = strlen(*own);
        if (strncmp(directory, *own, length) == 0 && strchr("/", directory[length]))
            return true;
    }
    return false;
}

/*
 * On v1 what is frozen does not die. Somebody may have moved a process of the container's into a
 * group of theirs that is. The group is theirs to thaw; the process leaves it for its end.
 */
static int end_foreign_frozen(struct scratch_container *c, struct scratch_error *err)
{
    pid_t *pids;
    size_t count = 0;
    char directory[PATH_MAX];
    bool stuck = false;
    int rc = list(c, "stop the container", &pids, &count, err);
    for (size_t i = 0; rc == 0 && pids && i < count && !stuck; i++)
        if (frozen_group_of(pids[i], directory, sizeof directory) && !is_own_group(c, directory))
            stuck = kill(pids[i], SIGKILL) < 0 || !frozen_group_leave(pids[i]);
    free(pids);
    if (!stuck)
        return rc;
    error_because(err, EBUSY, "stop the container", c->id, NULL, NULL);
    if (err) {
        error_write(err->cause, "a process of it is in a frozen group that is not its own");
        error_write(err->hint, "thaw it: echo THAWED >%s/freezer.state", directory);
    }
    return -EBUSY;
}

/*
 * One may be paused at any moment, and on v1 what is frozen does not even die. Nor shall who was
 * about to enter it be held up for ever.
 */
static int kill_it(struct scratch_container *c, struct scratch_error *err)
{
    int rc = signal_once(c, SIGKILL, err);
    for (int i = 0; rc == 0 && !ends_within(c, THAW_AFTER_MS); i++) {
        if (i == THAW_TIMES)
            return error_because(err, EBUSY, "stop the container", c->id,
                                 "its process has been killed, and does not end",
                                 "see /proc/PID/cgroup and PID's state: a frozen group, or a disk");
        thaw(c);
        if (i % FOREIGN_EACH == FOREIGN_EACH - 1)
            rc = end_foreign_frozen(c, err);
    }
    if (rc == 0 && handle_is_frozen(c))
        thaw(c);
    return rc;
}

int scratch_container_stop(scratch_container *c, int timeout, struct scratch_error *err)
{
    int rc = handle_read(c, err);
    if (rc == 0)
        rc = handle_check_owner(c, "stop the container", err);
    if (rc < 0 || c->pidfd < 0 || c->ended)
        return rc;
    enum scratch_status status = handle_status(c);
    if (timeout != 0 && status == SCRATCH_STATUS_PAUSED)
        rc = scratch_container_resume(c, err);
    if (rc < 0)
        return rc == -ESRCH ? 0 : rc; /* it has ended meanwhile */
    if (timeout != 0 && status != SCRATCH_STATUS_CREATED) {
        rc = signal_once(c, c->contents->known.stop_signal, err);
        if (rc < 0 || ends_within(c, timeout))
            return rc;
    }
    return kill_it(c, err);
}

/* ---- delete --------------------------------------------------------------------------------- */

/* How often to look, a hundredth of a second apart: for processes that were killed, for a lock. */
#define TRIES 500

static const struct timespec moment = {0, 10000000};

/*
 * A sweep that has the lock shall not remove the next group of that name in this one's place. It is
 * soon done; one who holds the lock for no reason is not waited for.
 */
static void keep_sweep_off(int group)
{
    for (int i = 0; i < TRIES && flock(group, LOCK_SH | LOCK_NB) < 0; i++)
        nanosleep(&moment, NULL);
}

/* One group's directory, which is open, with what is below it. */
static int remove_group(const char *path, int group)
{
    const char *name = strrchr(path, '/');
    char *parent = name && name > path ? strndup(path, (size_t)(name - path)) : NULL;
    int dir = parent ? open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    keep_sweep_off(group);
    int rc = dir < 0 ? 0 : tree_remove(dir, name + 1);
    for (int i = 0; rc == -EBUSY && i < TRIES; i++) {
        nanosleep(&moment, NULL);
        rc = tree_remove(dir, name + 1);
    }
    if (dir >= 0)
        close(dir);
    free(parent);
    return rc == -ENOENT ? 0 : rc;
}

static int remove_groups(scratch_container *c, struct scratch_error *err)
{
    const char *const *group = handle_groups(c);
    scratch_cgroup *whole;
    if (*group && handle_open_group(c, "delete the container", &whole, NULL) == 0) {
        scratch_cgroup_kill(whole, NULL); /* what it has left behind */
        scratch_cgroup_free(whole);
    }
    for (size_t i = 0; group[i]; i++) {
        int fd = record_open_group(c->contents, i);
        int rc = fd < 0 ? 0 : remove_group(group[i], fd); /* it need not be there */
        if (fd >= 0)
            close(fd);
        if (rc < 0)
            return error_because(err, -rc, "remove the control group", group[i],
                                 rc == -EBUSY ? "there are processes in it" : NULL, NULL);
    }
    return 0;
}

static int delete_locked(scratch_container *c, bool force, struct scratch_error *err)
{
    enum scratch_status status = handle_status(c);
    int rc = 0;
    if (status != SCRATCH_STATUS_STOPPED && !force) {
        error_because(err, EBUSY, "delete the container", c->id, NULL,
                      "stop it first, or delete it by force");
        if (err)
            error_write(err->cause, "it is %s", scratch_status_name(status));
        return -EBUSY;
    }
    if (status != SCRATCH_STATUS_STOPPED)
        rc = scratch_container_stop(c, 0, err);
    if (rc == 0 && !c->opened)
        scratch_container_wait(c, NULL); /* it is this process's child */
    if (rc == 0)
        rc = remove_groups(c, err);
    if (rc < 0)
        return rc;
    rc = record_remove(c->record, c->id);
    return rc < 0 ? error_call(err, -rc, "unlink(2)", "delete the container", c->id, NULL) : 0;
}

int scratch_container_delete(scratch_container *c, bool force, struct scratch_error *err)
{
    int rc = handle_lock(c, "delete the container", err);
    if (rc < 0)
        return rc;
    rc = delete_locked(c, force, err);
    handle_unlock(c);
    return rc;
}
