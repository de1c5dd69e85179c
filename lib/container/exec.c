/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "cgroup/oom.h"
#include "container/groups.h"
#include "container/inherit.h"
#include "plan/join.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/* How long one that has been killed takes to end. */
#define ENDING_MS 500

static int check_status(const struct scratch_container *c, const struct scratch_exec_options *o,
                        struct scratch_error *err)
{
    enum scratch_status status = handle_status(c);
    if (status == SCRATCH_STATUS_RUNNING || status == SCRATCH_STATUS_CREATED ||
        (status == SCRATCH_STATUS_PAUSED && o->ignore_paused))
        return 0;
    int errnum = status == SCRATCH_STATUS_PAUSED ? EBUSY : ESRCH;
    error_because(err, errnum, "run a process in the container", c->id, NULL,
                  status == SCRATCH_STATUS_PAUSED ? "let it go on first" : NULL);
    if (err)
        error_write(err->cause,
                    status == SCRATCH_STATUS_PAUSED ? "it is %s: cannot exec in a paused container"
                                                    : "it is not running: it is %s",
                    scratch_status_name(status));
    return -errnum;
}

/* Its record is there before its command runs, and until then nobody can enter it. */
static void wait_for_starter(const struct scratch_container *c)
{
    if (record_lock(c->record, c->id, true) == 0)
        record_unlock(c->record);
}

/*
 * True when a process could not be had because the container has ended meanwhile. One that is about
 * to end has no room for processes (ENOMEM), its group can no longer be joined (ENODEV), it has no
 * namespaces (ESRCH), and an ordinary user can no longer look at it or enter it (EACCES, EPERM).
 */
static bool is_ending(const struct scratch_container *c, int rc)
{
    struct pollfd end = {.fd = c->pidfd, .events = POLLIN};
    bool looks_so = rc == -ENOMEM || rc == -ENODEV || rc == -EACCES || rc == -EPERM || rc == -ESRCH;
    bool ended = poll(&end, 1, looks_so ? ENDING_MS : 0) > 0;
    return ended || (looks_so && record_is_ending(scratch_container_pid(c)));
}

/*
 * It may be a while before it has ended, for a process in it has to be waited for by its parent,
 * which may be whoever called.
 */
static int say_ending(const struct scratch_container *c, const struct scratch_exec_options *o,
                      struct scratch_error *err)
{
    int rc = check_status(c, o, err);
    return rc < 0 ? rc
                  : error_because(err, ESRCH, "run a process in the container", c->id,
                                  "it is not running: it is about to end", NULL);
}

static int take_options(const struct scratch_exec_options *given, struct scratch_exec_options *o,
                        struct scratch_error *err)
{
    *o = (struct scratch_exec_options)SCRATCH_EXEC_OPTIONS_INIT;
    if (!given || given->size < sizeof given->size || given->size > sizeof *o)
        return error_set(err, EINVAL, "exec options", NULL,
                         "begin with SCRATCH_EXEC_OPTIONS_INIT of these headers");
    memcpy(o, given, given->size);
    return 0;
}

static int start_in(const struct plan_join *join, const struct scratch_start_options *start,
                    scratch_container **process, struct scratch_error *err)
{
    scratch_plan *plan = NULL;
    int rc = plan_compile_join(join, &plan, err);
    if (rc == 0)
        rc = scratch_plan_start(plan, start, process, err);
    scratch_plan_free(plan);
    return rc;
}

/* What is killed from now on in its group for want of memory may be this one. */
static int start_watched(const struct scratch_container *c, const struct joined_groups *groups,
                         const struct plan_join *join, const struct scratch_start_options *start,
                         scratch_container **process, struct scratch_error *err)
{
    const char *memory = groups_memory(c, groups);
    uint64_t kills = memory ? oom_count(memory) : 0;
    int rc = start_in(join, start, process, err);
    if (rc == 0 && memory) {
        (*process)->joined = strdup(memory);
        (*process)->joined_kills = kills;
    }
    return rc;
}

/* A v2 group that hands controllers down takes no process (-EBUSY): the first one is below it. */
static int start_joined(const struct scratch_container *c, const struct scratch_exec_options *o,
                        const struct inherited *inherited,
                        const struct scratch_start_options *start, scratch_container **process,
                        struct scratch_error *err)
{
    struct joined_groups groups;
    struct plan_join join = {
        .pid = scratch_container_pid(c),
        .pidfd = c->pidfd,
        .process = &inherited->process,
        .terminal = o->terminal,
    };
    int rc = groups_to_join(c, o->cgroups, &groups, err);
    if (rc < 0)
        return rc;
    join.groups = groups.list;
    rc = start_watched(c, &groups, &join, start, process, err);
    if (rc == -EBUSY && !o->cgroups && groups_follow_first(c, &groups))
        rc = start_watched(c, &groups, &join, start, process, err);
    groups_free(&groups);
    return rc;
}

int scratch_container_exec(scratch_container *c, const struct scratch_exec_options *given,
                           const struct scratch_start_options *start, scratch_container **process,
                           struct scratch_error *err)
{
    struct scratch_exec_options o;
    struct inherited inherited = {0};
    *process = NULL;
    int rc = take_options(given, &o, err);
    if (rc == 0)
        rc = handle_read(c, err);
    if (rc == 0)
        rc = handle_check_owner(c, "run a process in the container", err);
    if (rc == 0) {
        wait_for_starter(c);
        rc = check_status(c, &o, err);
    }
    if (rc == 0) {
        wait_for_starter(c); /* who lets the command of a created one run, since we looked */
        rc = inherit(c, &o, &inherited, err);
    }
    if (rc == 0)
        rc = start_joined(c, &o, &inherited, start, process, err);
    if (rc < 0 && c->record >= 0 && is_ending(c, rc))
        rc = say_ending(c, &o, err);
    inherit_free(&inherited);
    return rc;
}
