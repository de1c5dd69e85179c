/* SPDX-License-Identifier: MIT */
/*
 * What is done to the processes of a group: list, freeze, kill; and removing it.
 */
#include "cgroup/frozen.h"
#include "cgroup/handle.h"
#include "cgroup/libcgroup.h"
#include "cgroup/processes.h"
#include "cgroup/tree.h"
#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How long to wait for processes to stop or end, and how often to look. */
#define WAIT_MS  10000
#define PAUSE_MS 2

static void pause_a_moment(void)
{
    const struct timespec moment = {0, PAUSE_MS * 1000000L};
    nanosleep(&moment, NULL);
}

/* ---- list ------------------------------------------------------------------------------------ */

int scratch_cgroup_processes(const scratch_cgroup *group, pid_t *pids, size_t *count,
                             struct scratch_error *err)
{
    struct processes all = {0};
    int rc = 0;
    for (int i = 0; i < group->count && rc == 0; i++)
        rc = processes_read(&all, group->member[i].fd, false);
    if (rc < 0) {
        free(all.pid);
        return error_set(err, -rc, "list a control group's processes", group->path, NULL);
    }
    processes_sort(&all);
    for (size_t i = 0; pids && i < all.count && i < *count; i++)
        pids[i] = all.pid[i];
    *count = all.count;
    free(all.pid);
    return 0;
}

/* ---- freeze ---------------------------------------------------------------------------------- */

/* The member that can be frozen, or NULL. The v2 one goes first: it needs no controller. */
static const struct cgroup_member *freezer(const scratch_cgroup *group)
{
    const struct cgroup_member *m = member_of(group, "unified");
    if (m && frozen_read(m->fd) >= 0)
        return m;
    m = member_of(group, "freezer");
    return m && frozen_read(m->fd) >= 0 ? m : NULL;
}

static int no_freezer(const scratch_cgroup *group, struct scratch_error *err)
{
    return error_because(err, ENOTSUP, "freeze a control group", group->path,
                         "it is in no hierarchy that can be frozen", "make it with managed set");
}

/*
 * v1 has no guarantee: a process that is started just then may run on for ever in a group that is
 * "FREEZING". Asked again, it is told again; now and then all are let go, which ends every tie.
 */
static int freeze_member(const struct cgroup_member *m)
{
    for (int waited = 0; waited < WAIT_MS; waited += PAUSE_MS) {
        if (m->hierarchy.version == 1 && waited % (50 * PAUSE_MS) == 49 * PAUSE_MS) {
            frozen_set(m->fd, false);
            pause_a_moment();
        }
        int rc = frozen_set(m->fd, true);
        if (rc == 0)
            rc = frozen_read(m->fd);
        if (rc != 0)
            return rc < 0 ? rc : 0;
        pause_a_moment();
    }
    return -ETIMEDOUT;
}

int scratch_cgroup_freeze(const scratch_cgroup *group, struct scratch_error *err)
{
    const struct cgroup_member *m = freezer(group);
    if (!m)
        return no_freezer(group, err);
    int rc = freeze_member(m);
    if (rc == -ETIMEDOUT) {
        frozen_set(m->fd, false);
        return error_because(err, ETIMEDOUT, "freeze a control group", group->path,
                             "some of its processes do not stop", NULL);
    }
    return rc < 0 ? error_set(err, -rc, "freeze a control group", group->path, NULL) : 0;
}

int scratch_cgroup_thaw(const scratch_cgroup *group, struct scratch_error *err)
{
    const struct cgroup_member *m = freezer(group);
    if (!m)
        return no_freezer(group, err);
    int rc = frozen_set(m->fd, false);
    return rc < 0 ? error_set(err, -rc, "thaw a control group", group->path, NULL) : 0;
}

int scratch_cgroup_frozen(const scratch_cgroup *group, struct scratch_error *err)
{
    const struct cgroup_member *m = freezer(group);
    if (!m)
        return no_freezer(group, err);
    int rc = frozen_read(m->fd);
    return rc < 0 ? error_set(err, -rc, "look at a control group", group->path, NULL) : rc;
}

/* ---- kill ------------------------------------------------------------------------------------ */

static bool is_empty(const scratch_cgroup *group)
{
    for (int i = 0; i < group->count; i++)
        if (tree_has_processes(group->member[i].fd))
            return false;
    return true;
}

/* One round: all that are there now. New ones come in the next. */
static int kill_members(const scratch_cgroup *group)
{
    int rc = 0;
    for (int i = 0; i < group->count && rc == 0; i++)
        rc = processes_kill(group->member[i].fd);
    return rc;
}

/* While they are frozen none can start another one; v1 lets them end only when they are thawed. */
static int kill_frozen(const scratch_cgroup *group)
{
    const struct cgroup_member *m = freezer(group);
    if (m && frozen_set(m->fd, true) == 0)
        for (int i = 0; i < 10 && frozen_read(m->fd) == 0; i++)
            pause_a_moment();
    int rc = kill_members(group);
    if (m)
        frozen_set(m->fd, false);
    return rc;
}

int scratch_cgroup_kill(const scratch_cgroup *group, struct scratch_error *err)
{
    const struct cgroup_member *m = member_of(group, "unified");
    bool at_once = m && file_write(m->fd, "cgroup.kill", "1") == 0; /* 5.14 */
    int rc = 0;
    for (int waited = 0; waited < WAIT_MS && rc == 0; waited += PAUSE_MS) {
        if (is_empty(group))
            return 0;
        if (!at_once || waited > 0) /* those that are in other hierarchies alone */
            rc = waited % (50 * PAUSE_MS) ? kill_members(group) : kill_frozen(group);
        pause_a_moment();
    }
    if (rc < 0)
        return error_set(err, -rc, "kill a control group's processes", group->path, NULL);
    return error_because(err, ETIMEDOUT, "kill a control group's processes", group->path,
                         "some do not end", "they wait for hardware, or a file system");
}

/* ---- remove ---------------------------------------------------------------------------------- */

/* libcgroup knows v1's hierarchies, where it can make them out. */
static int remove_member(const scratch_cgroup *group, const struct cgroup_member *m)
{
    char path[PATH_MAX];
    int rc = m->hierarchy.version == 1
                 ? libcgroup_delete(layout_name(m->controller, 1), group->path)
                 : -ENOTSUP;
    if (rc != -ENOTSUP)
        return rc;
    snprintf(path, sizeof path, "%s/%s", m->hierarchy.mount, group->path);
    return tree_remove(AT_FDCWD, path);
}

int scratch_cgroup_remove(const scratch_cgroup *group, struct scratch_error *err)
{
    int rc = is_empty(group) ? 0 : -EBUSY;
    for (int i = 0; i < group->count && rc == 0; i++) {
        rc = remove_member(group, &group->member[i]);
        if (rc == -ENOENT)
            rc = 0;
    }
    if (rc < 0)
        return error_set(err, -rc, "remove a control group", group->path,
                         rc == -EBUSY ? "there are processes in it: end them, or move them" : NULL);
    return 0;
}
