/* SPDX-License-Identifier: MIT */
#include "plan/in_place.h"
#include "base/clone.h"
#include "base/sys.h"
#include "init/begin.h"

#include <linux/seccomp.h>

#define POLLIN_ 1

/* ---- whether it can be ---------------------------------------------------------------------- */

/*
 * Who may trace the caller can trace its child, and nobody else, in a pid namespace of its own and
 * the caller's user namespace. Of two processes in one memory neither enters a time namespace.
 */
#define NEVER (CLONE_NEWUSER | CLONE_NEWTIME)

/* These need the caller awake, or another process inside, or memory that an exec takes back. */
static bool needs_init(const struct step *step)
{
    switch (step->kind) {
    case STEP_CLONE:
        return !(step->num[0] & CLONE_NEWPID) || step->num[0] & NEVER;
    case STEP_UNSHARE:
        return step->num[0] & NEVER;
    case STEP_JOIN_NAMESPACE:
        return step->num[0] & (CLONE_NEWPID | NEVER);
    case STEP_SECCOMP:
        return step->num[1] & SECCOMP_FILTER_FLAG_NEW_LISTENER;
    case STEP_MEET:
    case STEP_WAIT_START:
    case STEP_SPAWN:
    case STEP_SUPERVISE:
    case STEP_HOOK:
    case STEP_TERMINAL:
    case STEP_USER:
        return true;
    default:
        return false;
    }
}

bool in_place_fits(const struct plan_block *plan)
{
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (needs_init(step_at(plan, i)))
            return false;
    return step_find(plan, STEP_HIDE);
}

/* ---- the walk ------------------------------------------------------------------------------- */

/* Its pidfd can be read from when it has ended: nobody would wait for the command. */
static int is_there(struct step_walk *w)
{
    struct {
        int fd;
        short events, revents;
    } caller = {w->socket, POLLIN_, 0};
    static const struct {
        long seconds, nanoseconds;
    } now;
    int rc = (int)sys5(SYS_ppoll, (long)&caller, 1, (long)&now, 0, 0);
    return rc == 0 ? 0 : step_detail(w, DETAIL_PARENT_GONE, -ESRCH);
}

/* False when they are not all the same. */
static bool find_ids(struct step_ids *began)
{
    uid_t user[3];
    gid_t group[3];
    if (sys_getresuid(&user[0], &user[1], &user[2]) < 0 ||
        sys_getresgid(&group[0], &group[1], &group[2]) < 0)
        return false;
    began->uid = user[0];
    began->gid = group[0];
    return user[1] == user[0] && user[2] == user[0] && group[1] == group[0] && group[2] == group[0];
}

int in_place_walk(struct child *c)
{
    int fds[STEP_FDS_MAX];
    struct step_ids began;
    struct step_walk *w = &c->walk;
    w->load_filter = step_run;
    w->began = find_ids(&began) ? &began : NULL;
    begin_fds(w, fds);
    sys_umask(0);
    int rc = begin_streams(w);
    if (rc < 0)
        return rc;
    for (w->index = 0; w->index < w->plan->step_count; w->index++) {
        const struct step *step = step_at(w->plan, w->index);
        if (step->side != STEP_CONTAINER || step_is_put_off(w, step))
            continue;
        if (step->kind == STEP_EXEC)
            rc = is_there(w);
        c->executing = rc == 0 && step->kind == STEP_EXEC;
        if (rc == 0)
            rc = step_run(w, step);
        if (rc < 0)
            return rc;
    }
    return -ENOEXEC;
}
