/* SPDX-License-Identifier: MIT */
/*
 * A function in new namespaces: the steps of a container's start that are about namespaces, walked
 * by a child that is a copy of the caller.
 */
#include "base/clone.h"
#include "base/error.h"
#include "namespace/compile.h"
#include "namespace/refusal.h"
#include "step/words.h"

#include <linux/prctl.h>
#include <scratch/namespace.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child reads in its copy of the caller's memory. */
struct call {
    struct step_walk walk;
    struct clone_args clone;
    int socket[2]; /* the caller's end, the child's end */
    int pidfd;     /* for the caller */
    int (*function)(void *argument);
    void *argument;
    char said[STEP_SAID];
};

/* ---- in the child: raw system calls, until the function is called ---------------------------- */

static void tell(const struct step_walk *w, enum step_message_type type, int rc)
{
    const struct step_message message = {
        .type = (uint16_t)type,
        .detail = w->detail,
        .step = w->index,
        .errnum = -rc,
        .item = w->item,
    };
    sys6(SYS_sendto, w->socket, (long)&message, sizeof message, MSG_NOSIGNAL, 0, 0);
}

static int meet(const struct step_walk *w)
{
    struct step_message message = {0};
    tell(w, MESSAGE_MEET, 0);
    ssize_t n = sys_read(w->socket, &message, sizeof message);
    return n == sizeof message && message.type == MESSAGE_GO ? 0 : -ECANCELED;
}

static int walk_step(struct step_walk *w, const struct step *step)
{
    if (step->kind == STEP_MEET)
        return meet(w);
    int rc = step_run(w, step);
    /* Clone would have entered it before: where there are offsets, it was made by unshare. */
    bool offsets = step->kind == STEP_TIME_OFFSETS;
    return rc == 0 && offsets ? clone_enter_time() : rc;
}

static int walk(struct step_walk *w)
{
    for (w->index = 0; w->index < w->plan->step_count; w->index++) {
        const struct step *step = step_at(w->plan, w->index);
        int rc = step->side == STEP_HOST ? 0 : walk_step(w, step);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* What clone(2), in the place of clone3(2), had no bit for: a time namespace. */
static int make_left(const struct call *c)
{
    uint64_t left = step_at(c->walk.plan, 0)->num[0] & ~c->clone.flags;
    int rc = left ? sys_unshare(left) : 0;
    return rc == 0 && left ? clone_enter_time() : rc;
}

static void child_main(void *argument)
{
    struct call *c = argument;
    struct step_walk *w = &c->walk;
    sys_close(c->socket[0]);
    int rc = make_left(c);
    if (rc == 0)
        rc = walk(w);
    tell(w, rc < 0 ? MESSAGE_FAILED : MESSAGE_EXEC, rc);
    if (rc < 0)
        sys_exit(1);
    for (uint32_t i = 0; i < w->plan->fd_count; i++)
        sys_close(w->fd[i]);
    sys_close(w->socket);
    sys_exit(c->function(c->argument));
}

/* ---- in the caller -------------------------------------------------------------------------- */

/*
 * glibc keeps each thread's id where the kernel was told to clear it at the thread's end, and takes
 * it from there in raise(3) and abort(3). The child shall have its own there, as after fork(2).
 */
static void renew_thread_id(struct clone_args *arguments)
{
    int *address = NULL;
    if (sys_prctl(PR_GET_TID_ADDRESS, (long)&address, 0, 0, 0) < 0 || !address ||
        *address != gettid())
        return;
    arguments->flags |= CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
    arguments->child_tid = (uint64_t)(uintptr_t)address;
}

static int make_child(struct call *c)
{
    c->clone = (struct clone_args){
        .flags = CLONE_PIDFD | step_at(c->walk.plan, 0)->num[0],
        .pidfd = (uint64_t)(uintptr_t)&c->pidfd,
        .exit_signal = SIGCHLD,
    };
    renew_thread_id(&c->clone);
    return clone_call(&c->clone, child_main, c);
}

/* The child waits at a step: walk the host steps behind it. */
static int serve(struct call *c)
{
    static const struct step_message go = {.type = MESSAGE_GO};
    struct step_walk *w = &c->walk;
    for (w->index++; step_at(w->plan, w->index)->side == STEP_HOST; w->index++) {
        int rc = step_run_host(w, step_at(w->plan, w->index));
        if (rc < 0)
            return rc;
    }
    return send(c->socket[0], &go, sizeof go, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Until the child is about to call the function. */
static int listen_to(struct call *c, struct scratch_error *err)
{
    struct step_message message = {0};
    for (;;) {
        ssize_t n = sys_read(c->socket[0], &message, sizeof message);
        if (n == -EINTR)
            continue;
        if (n != sizeof message)
            return error_because(err, ECANCELED, "call a function in new namespaces", NULL,
                                 "the child was ended before it came to that", NULL);
        if (message.type == MESSAGE_EXEC)
            return 0;
        c->walk.index = message.step;
        c->walk.detail = message.detail;
        c->walk.item = message.item;
        int rc = message.type == MESSAGE_MEET ? serve(c) : -message.errnum;
        if (rc < 0)
            return step_error(err, &c->walk, -rc);
    }
}

static void end_child(struct call *c)
{
    siginfo_t info;
    sys4(SYS_pidfd_send_signal, c->pidfd, SIGKILL, 0, 0);
    while (waitid(P_PIDFD, (id_t)c->pidfd, &info, WEXITED) < 0 && errno == EINTR)
        ;
    close(c->pidfd);
}

static int start(struct call *c, struct scratch_error *err)
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, c->socket) < 0)
        return error_call(err, errno, "socketpair(2)", "call a function in new namespaces", NULL,
                          NULL);
    c->walk.socket = c->socket[1];
    int rc = make_child(c);
    close(c->socket[1]);
    if (rc < 0) {
        step_error(err, &c->walk, -rc);
    } else {
        c->walk.child = rc;
        rc = listen_to(c, err);
        if (rc < 0)
            end_child(c);
    }
    close(c->socket[0]);
    return rc < 0 ? rc : c->pidfd;
}

static int take_options(const struct scratch_namespace_options *given,
                        struct scratch_namespace_options *options, struct scratch_error *err)
{
    *options = (struct scratch_namespace_options)SCRATCH_NAMESPACE_OPTIONS_INIT;
    if (given && (given->size < sizeof given->size || given->size > sizeof *options))
        return error_set(err, EINVAL, "namespace options", NULL,
                         "begin with SCRATCH_NAMESPACE_OPTIONS_INIT of these headers");
    if (given)
        memcpy(options, given, given->size);
    return 0;
}

int scratch_namespace_call(const struct scratch_namespace_options *given,
                           int (*function)(void *argument), void *argument,
                           struct scratch_error *err)
{
    struct scratch_namespace_options options;
    struct builder b;
    int rc = take_options(given, &options, err);
    if (rc < 0)
        return rc;
    builder_begin(&b, err);
    rc = namespace_compile_begin_call(&b, &options);
    if (rc == 0)
        rc = namespace_compile_call(&b, &options);
    if (rc == 0)
        rc = builder_finish(&b);
    if (rc == 0) {
        struct call c = {.function = function, .argument = argument};
        c.walk = (struct step_walk){.plan = (const struct plan_block *)b.block.data,
                                    .fd = b.fd,
                                    .root = -1,
                                    .layers = -1,
                                    .lot = -1,
                                    .said = c.said};
        rc = start(&c, err);
        if (rc < 0)
            namespace_refusal(err, b.namespaces);
    }
    builder_free(&b);
    return rc;
}
