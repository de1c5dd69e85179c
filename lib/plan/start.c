/* SPDX-License-Identifier: MIT */
#include "base/clone.h"
#include "base/error.h"
#include "plan/child.h"
#include "plan/container.h"
#include "plan/image.h"
#include "plan/options.h"
#include "rootfs/diagnose.h"
#include "step/words.h"

#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ample for the child's steps; the deepest has a path of 4 KiB on it. */
#define CHILD_STACK 16384

/* Walk the host steps from an index up to the first that is not the host's, or is the clone. */
static int walk_host(struct scratch_container *c, struct scratch_error *err)
{
    struct step_walk *w = &c->walk;
    for (w->index = c->done; w->index < w->plan->step_count; w->index++) {
        const struct step *step = step_at(w->plan, w->index);
        if (step->side != STEP_HOST || step->kind == STEP_CLONE)
            break;
        int rc = step_run(w, step);
        if (rc < 0)
            return step_error(err, w, -rc);
        c->done = w->index + 1;
    }
    return 0;
}

/* ---- the clone ------------------------------------------------------------------------------ */

/*
 * All signals stay blocked until the child has reset their handlers, which it would otherwise run
 * in the caller's memory. Raw: libc keeps two signals to itself, and those must be blocked too.
 */
static int clone_child(struct scratch_container *c, struct child *child)
{
    static const uint64_t all = ~UINT64_C(0);
    char stack[CHILD_STACK] __attribute__((aligned(16)));
    const struct step *step = step_at(c->walk.plan, c->walk.index);
    uint64_t old;
    struct clone_args arguments = {
        .flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND | step->num[0],
        .pidfd = (uint64_t)(uintptr_t)&c->pidfd,
        .exit_signal = SIGCHLD,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = sizeof stack,
    };
    if (step->fd[0] >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = (uint64_t)c->fd[step->fd[0]];
    }
    sys_sigprocmask(SIG_BLOCK, &all, &old);
    int pid = clone_call(&arguments, child_main, child);
    sys_sigprocmask(SIG_SETMASK, &old, NULL);
    return pid;
}

/* The child's fds: the caller's standard streams, unless others are given; never none. */
static int standard_stream(int given, int number, int null)
{
    int fd = given >= 0 ? given : number;
    return fcntl(fd, F_GETFD) < 0 ? null : fd;
}

static int start_child(struct scratch_container *c, const struct scratch_start_options *o,
                       int socket, struct scratch_error *err)
{
    struct child child = {.walk = c->walk, .begin = c->walk.index};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    child.walk.socket = socket;
    child.stdio[0] = standard_stream(o->stdin_fd, 0, null);
    child.stdio[1] = standard_stream(o->stdout_fd, 1, null);
    child.stdio[2] = standard_stream(o->stderr_fd, 2, null);
    child.image = image_make(c->walk.plan, c->start);
    int rc = step_fault(&c->walk);
    if (rc == 0 && child.image < 0) {
        c->walk.detail = DETAIL_IMAGE;
        rc = child.image;
    }
    if (rc == 0)
        rc = clone_child(c, &child);
    if (child.image >= 0)
        close(child.image);
    if (null >= 0)
        close(null);
    if (rc < 0)
        return step_error(err, &c->walk, -rc);
    c->walk.child = rc;
    c->done = c->walk.index + 1;
    return 0;
}

/* ---- what the container says ---------------------------------------------------------------- */

static ssize_t receive(int socket, struct step_message *message)
{
    ssize_t n;
    do
        n = sys_read(socket, message, sizeof *message);
    while (n == -EINTR);
    return n;
}

/* End of file before the exec was announced: it was killed. By whom, its status may say. */
static int ended_early(struct scratch_container *c, struct scratch_error *err)
{
    siginfo_t info = {0};
    c->walk.detail = DETAIL_KILLED;
    if (waitid(P_PIDFD, (id_t)c->pidfd, &info, WEXITED | WNOWAIT) == 0)
        c->walk.item = (uint32_t)info.si_status;
    return step_error(err, &c->walk, ECANCELED);
}

static int failed(struct scratch_container *c, const struct step_message *m,
                  struct scratch_error *err)
{
    c->walk.index = m->step < c->walk.plan->step_count ? m->step : 0;
    c->walk.detail = m->detail;
    c->walk.item = m->item;
    int rc = step_error(err, &c->walk, m->errnum > 0 ? m->errnum : EPROTO);
    rootfs_explain(err, &c->walk);
    return rc;
}

/* The container waits at a step: walk the host steps behind it. */
static int meet(struct scratch_container *c, const struct step_message *m, int socket,
                struct scratch_error *err)
{
    static const struct step_message go = {.type = MESSAGE_GO};
    c->done = m->step + 1;
    int rc = walk_host(c, err);
    if (rc < 0)
        return rc;
    if (send(socket, &go, sizeof go, MSG_NOSIGNAL) < 0)
        return ended_early(c, err);
    return 0;
}

/* Until the exec: it closes the container's end of the socket. */
static int listen_to(struct scratch_container *c, int socket, struct scratch_error *err)
{
    struct step_message message;
    bool executing = false;
    for (;;) {
        ssize_t n = receive(socket, &message);
        if (n != sizeof message)
            return n == 0 && executing ? 0 : ended_early(c, err);
        c->walk.index = message.step < c->walk.plan->step_count ? message.step : 0;
        if (message.type == MESSAGE_FAILED)
            return failed(c, &message, err);
        if (message.type == MESSAGE_EXEC)
            executing = true;
        int rc = message.type == MESSAGE_MEET ? meet(c, &message, socket, err) : 0;
        if (rc < 0)
            return rc;
    }
}

/* ---- start ---------------------------------------------------------------------------------- */

static int start_and_listen(struct scratch_container *c, const struct scratch_start_options *o,
                            struct scratch_error *err)
{
    int sockets[2];
    int rc = walk_host(c, err);
    if (rc < 0)
        return rc;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
        return error_call(err, errno, "socketpair(2)", "start the container", NULL, NULL);
    rc = start_child(c, o, sockets[1], err);
    close(sockets[1]);
    if (rc == 0)
        rc = listen_to(c, sockets[0], err);
    close(sockets[0]);
    return rc;
}

int scratch_plan_start(const scratch_plan *plan, const struct scratch_start_options *given,
                       scratch_container **container, struct scratch_error *err)
{
    struct scratch_start_options options;
    struct start_block *start;
    *container = NULL;
    int rc = start_options_take(plan, given, &options, &start, err);
    if (rc < 0)
        return rc;
    struct scratch_container *c = container_new((struct scratch_plan *)plan, start);
    if (!c) {
        free(start);
        return error_set(err, ENOMEM, "start the container", NULL, NULL);
    }
    rc = start_and_listen(c, &options, err);
    if (rc < 0) {
        container_destroy(c);
        return rc;
    }
    *container = c;
    return 0;
}

int scratch_run(const struct scratch_spec *spec, const struct scratch_start_options *options,
                struct scratch_error *err)
{
    scratch_plan *plan;
    scratch_container *container;
    int rc = scratch_plan_compile(spec, &plan, err);
    if (rc < 0)
        return rc;
    rc = scratch_plan_start(plan, options, &container, err);
    scratch_plan_free(plan);
    if (rc < 0)
        return rc;
    rc = scratch_container_wait(container, err);
    scratch_container_free(container);
    return rc;
}
