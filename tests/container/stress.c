/* SPDX-License-Identifier: MIT */
#include "container/stress.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <time.h>

/* ---- what is started ------------------------------------------------------------------------ */

/*
 * The kernel is the witness that a name is one container's at a time: each holds the lock of its
 * name's file as long as it lives.
 */
#define HOLD                                                                                       \
    "exec 9>>\"$HELD/$NAME\"; flock -n 9 || { echo \"$NAME\" >>\"$HELD/twice\"; exit 99; }; "

static const struct kind {
    const char *script;
    bool remove, wait, log, group;
} kinds[STRESS_KINDS] = {
    {HOLD "exec sleep 600", false, false, true, false},
    {HOLD "exec sleep 600", true, false, false, true},
    {HOLD "exit 7", false, false, false, false},
    {HOLD "exec sleep 600", false, true, false, false},
    {HOLD "trap 'exit 5' TERM; sleep 600 & wait", false, false, true, true},
};

void stress_begin(struct stress *stress)
{
    snprintf(stress->held, sizeof stress->held, "HELD=%s", test_directory());
    snprintf(stress->root, sizeof stress->root, "%s", kept_root());
    for (int i = 0; i < STRESS_NAMES; i++) {
        snprintf(stress->name[i], sizeof stress->name[i], "stress-%d-%d", (int)getpid(), i);
        snprintf(stress->environment[i], sizeof stress->environment[i], "NAME=%s", stress->name[i]);
    }
}

void stress_compile(const struct stress *stress, struct stress_plans *plans)
{
    const char *const env[] = {"PATH=/usr/bin:/bin", stress->held, NULL};
    for (int i = 0; i < STRESS_KINDS; i++) {
        struct scratch_cgroup_options cgroup = SCRATCH_CGROUP_OPTIONS_INIT;
        struct kept k;
        kept_shell(&k, kinds[i].script);
        cgroup.managed = true;
        k.m.process.init = true;
        k.m.process.env = env;
        k.keep.log = kinds[i].log;
        k.keep.wait = kinds[i].wait;
        k.keep.remove = kinds[i].remove;
        if (kinds[i].group && geteuid() == 0)
            k.m.spec.cgroup = &cgroup;
        plans->plan[i] = minimal_compile(&k.m);
        plans->remove[i] = kinds[i].remove;
        plans->wait[i] = kinds[i].wait;
    }
}

void stress_free(struct stress_plans *plans)
{
    for (int i = 0; i < STRESS_KINDS; i++)
        scratch_plan_free(plans->plan[i]);
}

/* ---- what may be ---------------------------------------------------------------------------- */

void stress_wrong(struct stress *stress, struct worker *worker, const char *what,
                  const struct scratch_error *err)
{
    char text[1024] = "";
    if (err)
        scratch_error_format(err, text, sizeof text);
    fprintf(stderr, "%s of %s: %s: %s\n", atomic_load(&worker->doing),
            stress->name[atomic_load(&worker->name)], what, text);
    atomic_fetch_add(&stress->wrong, 1);
}

/* True when a call may return that: it is 0, or one of some errnos, which end with 0. */
static bool may_be(struct worker *w, int rc, const struct scratch_error *err, const int *errnos)
{
    atomic_fetch_add(&w->stress->calls, 1);
    if (rc >= 0)
        return true;
    for (; *errnos; errnos++)
        if (rc == -*errnos)
            return true;
    stress_wrong(w->stress, w, "it may not fail so", err);
    return false;
}
#define MAY_BE(w, rc, err, ...) may_be((w), (rc), (err), (const int[]){__VA_ARGS__, 0})

static unsigned any(struct worker *w, unsigned below)
{
    return (unsigned)rand_r(&w->seed) % below;
}

static void begin(struct worker *w, const char *doing)
{
    atomic_store(&w->doing, doing);
    atomic_store(&w->since, time(NULL));
}

static scratch_container *open_any(struct worker *w)
{
    struct scratch_error err;
    scratch_container *c;
    int rc = scratch_container_open(w->stress->root, w->stress->name[atomic_load(&w->name)], &c, &err);
    MAY_BE(w, rc, &err, ENOENT);
    return c;
}

/* ---- starters ------------------------------------------------------------------------------- */

/* Those that have ended, of those that were left alone. */
static void reap(struct worker *w, bool all)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < w->children; i++)
        if (waitpid(w->child[i], NULL, all ? 0 : WNOHANG) == 0)
            w->child[kept++] = w->child[i];
    w->children = kept;
}

static bool has_ended(const scratch_container *c)
{
    struct pollfd end = {.fd = scratch_container_pidfd(c), .events = POLLIN};
    return poll(&end, 1, 0) != 0;
}

/* What its record says, and the kernel: before, a container that has not ended runs. */
static void compare(struct worker *w, scratch_container *own)
{
    struct scratch_container_state s = SCRATCH_CONTAINER_STATE_INIT;
    struct scratch_error err;
    bool before = has_ended(own);
    scratch_container *c = open_any(w);
    int rc = c ? scratch_container_state(c, &s, &err) : -ENOENT;
    if (!c || !MAY_BE(w, rc, &err, ENOENT)) {
        scratch_container_free(c);
        return;
    }
    bool its = scratch_container_pid(c) == scratch_container_pid(own);
    if (rc == 0 && its && before && s.status != SCRATCH_STATUS_STOPPED)
        stress_wrong(w->stress, w, "it has ended, and is not stopped", NULL);
    if (rc == 0 && its && s.status == SCRATCH_STATUS_STOPPED && !has_ended(own))
        stress_wrong(w->stress, w, "it runs, and is stopped", NULL);
    if (rc == -ENOENT && !before && !has_ended(own))
        stress_wrong(w->stress, w, "it runs, and is not there", NULL);
    scratch_container_free(c);
}

static void stay_with(struct worker *w, scratch_container *c)
{
    struct scratch_error err;
    begin(w, "stay");
    compare(w, c);
    usleep(any(w, 30000));
    compare(w, c);
    begin(w, "stop one's own");
    int rc = scratch_container_stop(c, any(w, 2) ? 0 : (int)any(w, 40), &err);
    MAY_BE(w, rc, &err, ENOENT);
    begin(w, "wait");
    rc = scratch_container_wait(c, &err);
    MAY_BE(w, rc, &err, EAGAIN);
    if (rc != 0 && rc != 7 && rc != 5 && rc != 137 && rc != 143 && rc != 1)
        stress_wrong(w->stress, w, "it ended otherwise", NULL);
    compare(w, c);
}

static void start(struct worker *w)
{
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    int name = atomic_load(&w->name);
    const char *const env[] = {w->stress->environment[name], NULL};
    unsigned kind = any(w, STRESS_KINDS);
    struct scratch_error err;
    scratch_container *c;
    begin(w, "start");
    options.id = w->stress->name[name];
    options.env = env;
    int rc = scratch_plan_start(w->plans->plan[kind], &options, &c, &err);
    MAY_BE(w, rc, &err, EEXIST, ECANCELED);
    if (rc < 0) {
        atomic_fetch_add(&w->stress->refused, 1);
        return;
    }
    atomic_fetch_add(&w->stress->starts, 1);
    if (!w->plans->remove[kind])
        atomic_fetch_add(&w->stress->won[name], 1);
    if (w->plans->remove[kind] || any(w, 2))
        stay_with(w, c);
    else
        w->child[w->children++] = scratch_container_pid(c);
    scratch_container_free(c);
    reap(w, w->children == sizeof w->child / sizeof *w->child);
}

static void start_created(struct worker *w, scratch_container *c)
{
    struct scratch_error err;
    begin(w, "start what was created");
    MAY_BE(w, scratch_container_start(c, &err), &err, EINVAL, ESRCH, ENOENT, ECANCELED);
}

/* ---- the others ----------------------------------------------------------------------------- */

static void stop(struct worker *w, scratch_container *c)
{
    struct scratch_error err;
    begin(w, "stop");
    MAY_BE(w, scratch_container_stop(c, any(w, 3) ? 0 : (int)any(w, 50), &err), &err, ENOENT,
           ESRCH);
}

static void delete(struct worker *w, scratch_container *c)
{
    struct scratch_container_state s = SCRATCH_CONTAINER_STATE_INIT;
    struct scratch_error err;
    begin(w, "delete");
    int rc = scratch_container_state(c, &s, &err);
    if (!MAY_BE(w, rc, &err, ENOENT) || rc < 0)
        return;
    bool unknown = s.status == SCRATCH_STATUS_CREATING, force = any(w, 2);
    rc = unknown ? -ENOENT : scratch_container_delete(c, force, &err);
    MAY_BE(w, rc, &err, ENOENT, force ? ENOENT : EBUSY);
    if (rc == 0 && !s.remove)
        atomic_fetch_add(&w->stress->deleted[atomic_load(&w->name)], 1);
}

static void pause_it(struct worker *w, scratch_container *c)
{
    struct scratch_error err;
    begin(w, "pause");
    MAY_BE(w, scratch_container_pause(c, &err), &err, ENOENT, ESRCH, ENOTSUP);
    begin(w, "resume");
    MAY_BE(w, scratch_container_resume(c, &err), &err, ENOENT, ESRCH, ENOTSUP);
}

static void enter(struct worker *w, scratch_container *c)
{
    static const char *const argv[] = {"/bin/true", NULL};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_exec_options options = SCRATCH_EXEC_OPTIONS_INIT;
    struct scratch_error err;
    scratch_container *inside;
    begin(w, "exec");
    process.argv = argv;
    options.process = &process;
    int rc = scratch_container_exec(c, &options, NULL, &inside, &err);
    MAY_BE(w, rc, &err, ENOENT, ESRCH, EBUSY, ECANCELED);
    if (rc == 0 && scratch_container_wait(inside, &err) < 0)
        stress_wrong(w->stress, w, "wait", &err);
    scratch_container_free(inside);
}

static int look(const struct scratch_container_state *s, const struct scratch_error *broken,
                void *worker)
{
    if (broken)
        stress_wrong(((struct worker *)worker)->stress, worker, s->id, broken);
    return 0;
}

static void list(struct worker *w, scratch_container *c)
{
    struct scratch_error err;
    (void)c;
    begin(w, "list");
    MAY_BE(w, scratch_container_list(w->stress->root, look, w, &err), &err, ENOENT);
}

static void sweep(struct worker *w, scratch_container *c)
{
    (void)c;
    begin(w, "sweep");
    scratch_sweep(NULL);
}

static void act(struct worker *w)
{
    static void (*const acts[])(struct worker *, scratch_container *) = {
        stop, stop, delete, delete, delete, start_created, start_created, pause_it, enter, list,
        sweep};
    begin(w, "open");
    scratch_container *c = open_any(w);
    if (c)
        acts[any(w, sizeof acts / sizeof *acts)](w, c);
    scratch_container_free(c);
}

/* ---- all of it ------------------------------------------------------------------------------ */

void *stress_work(void *worker)
{
    struct worker *w = worker;
    while (!atomic_load(&w->stress->end)) {
        atomic_store(&w->name, (int)any(w, STRESS_NAMES));
        if (any(w, 2))
            start(w);
        else
            act(w);
    }
    begin(w, "reap");
    reap(w, false); /* the rest is the caller's reaper's */
    atomic_store(&w->ended, true);
    return NULL;
}

void stress_resume_all(struct stress *stress)
{
    for (int i = 0; i < STRESS_NAMES; i++) {
        scratch_container *c;
        if (scratch_container_open(stress->root, stress->name[i], &c, NULL) < 0)
            continue;
        scratch_container_resume(c, NULL);
        scratch_container_free(c);
    }
}

void stress_end_all(struct stress *stress)
{
    for (int i = 0; i < STRESS_NAMES; i++) {
        struct scratch_error err;
        scratch_container *c;
        int rc = scratch_container_open(stress->root, stress->name[i], &c, &err);
        if (rc == -ENOENT)
            continue;
        TEST_OK(rc, &err);
        if (!kept_state(c).remove)
            atomic_fetch_add(&stress->deleted[i], 1);
        TEST_OK(scratch_container_delete(c, true, &err), &err);
        scratch_container_free(c);
    }
    scratch_sweep(NULL);
    while (waitpid(-1, NULL, 0) > 0) /* we are the reaper of what was left alone */
        continue;
}

void stress_say(const struct stress *stress)
{
    printf("%u containers started, %u refused for their names, %u other calls\n",
           atomic_load(&stress->starts), atomic_load(&stress->refused),
           atomic_load(&stress->calls));
}
