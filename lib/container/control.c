/* SPDX-License-Identifier: MIT */
/*
 * A container's control group: paused, resumed, limited otherwise.
 */
#include "base/error.h"
#include "container/handle.h"

#include <errno.h>
#include <unistd.h>

static int check_status(const struct scratch_container *c, const char *what,
                        struct scratch_error *err)
{
    enum scratch_status status = handle_status(c);
    if (status == SCRATCH_STATUS_RUNNING || status == SCRATCH_STATUS_PAUSED)
        return 0;
    error_because(err, ESRCH, what, c->id, NULL, NULL);
    if (err)
        error_write(err->cause, "it is not running: it is %s", scratch_status_name(status));
    return -ESRCH;
}

/* Its own, and not that of the next container of its name: by one of their directories. */
static bool is_own(const struct scratch_container *c)
{
    int fd = record_open_group(c->contents, 0);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* A sweep takes the group of one that has ended. */
int handle_open_group(struct scratch_container *c, const char *what, scratch_cgroup **group,
                      struct scratch_error *err)
{
    *group = NULL;
    int rc = handle_read(c, err);
    if (rc < 0)
        return rc;
    if (!c->contents->known.cgroup)
        return error_because(
            err, ENOTSUP, what, c->id, "it has no control group",
            "scratch_cgroup_options.managed makes one: as root, or in a group that is "
            "yours to write (systemd-run --user --scope -p Delegate=yes)");
    rc = scratch_cgroup_open(c->contents->known.cgroup, group, err);
    if (rc == 0 && !is_own(c)) {
        scratch_cgroup_free(*group);
        *group = NULL;
        rc = error_set(err, ENOENT, what, c->contents->known.cgroup, NULL);
    }
    return rc == -ENOENT && check_status(c, what, err) < 0 ? -ESRCH : rc;
}

/* One that ends meanwhile shall not hold up for ever who was about to enter it. */
static int pause_group(const struct scratch_container *c, const scratch_cgroup *group,
                       const char *what, struct scratch_error *err)
{
    int rc = check_status(c, what, err);
    if (rc < 0)
        return rc;
    rc = scratch_cgroup_freeze(group, err);
    if (check_status(c, what, err) == 0)
        return rc;
    scratch_cgroup_thaw(group, NULL);
    return -ESRCH;
}

/* Of one that has ended, too: who was about to enter it may be frozen there. */
static int resume_group(const struct scratch_container *c, const scratch_cgroup *group,
                        const char *what, struct scratch_error *err)
{
    int rc = scratch_cgroup_thaw(group, err);
    return check_status(c, what, err) < 0 ? -ESRCH : rc;
}

static int change(struct scratch_container *c, const char *what,
                  int (*function)(const struct scratch_container *c, const scratch_cgroup *group,
                                  const char *what, struct scratch_error *err),
                  struct scratch_error *err)
{
    scratch_cgroup *group;
    int rc = handle_lock(c, what, err);
    if (rc < 0)
        return rc;
    rc = handle_open_group(c, what, &group, err);
    if (rc == 0) {
        rc = function(c, group, what, err);
        scratch_cgroup_free(group);
    }
    handle_unlock(c);
    return rc;
}

int scratch_container_pause(scratch_container *c, struct scratch_error *err)
{
    return change(c, "pause the container", pause_group, err);
}

int scratch_container_resume(scratch_container *c, struct scratch_error *err)
{
    return change(c, "resume the container", resume_group, err);
}

int scratch_container_update(scratch_container *c, const struct scratch_cgroup_options *limits,
                             struct scratch_error *err)
{
    static const char what[] = "change the container's limits";
    scratch_cgroup *group = NULL;
    int rc = handle_lock(c, what, err);
    if (rc < 0)
        return rc;
    rc = handle_status(c) == SCRATCH_STATUS_STOPPED
             ? error_because(err, ESRCH, what, c->id, "it is not running: it is stopped", NULL)
             : handle_open_group(c, what, &group, err);
    if (rc == 0) {
        rc = scratch_cgroup_set(group, limits, err);
        scratch_cgroup_free(group);
        if (rc < 0 && check_status(c, what, err) < 0) /* it has ended meanwhile, and is swept */
            rc = -ESRCH;
    }
    handle_unlock(c);
    return rc;
}
