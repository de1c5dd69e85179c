/* SPDX-License-Identifier: MIT */
#include "base/clone.h"
#include "base/error.h"
#include "base/lazy.h"
#include "base/rights.h"
#include "base/single.h"
#include "base/sys.h"
#include "cgroup/oom.h"
#include "namespace/refusal.h"
#include "plan/child.h"
#include "plan/container.h"
#include "plan/helper.h"
#include "plan/image.h"
#include "plan/in_place.h"
#include "plan/listener.h"
#include "plan/options.h"
#include "plan/seal.h"
#include "rootfs/diagnose.h"
#include "state/record.h"
#include "step/words.h"

#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ample for what runs there, whose deepest frame holds the numbers of all fd slots: 0.5 KiB. */
#define CHILD_STACK 8192

/* Walk the host steps from an index up to the first that is not the host's, or is the clone. */
static int walk_host(struct scratch_container *c, struct scratch_error *err)
{
    struct step_walk *w = &c->walk;
    for (w->index = c->done; w->index < w->plan->step_count; w->index++) {
        const struct step *step = step_at(w->plan, w->index);
        if (step->side != STEP_HOST || step->kind == STEP_CLONE)
            break;
        bool network = step->kind == STEP_NETWORK;
        int rc = network ? helper_start(c, err) : step_run_host(w, step);
        if (rc < 0)
            return network ? rc : step_error(err, w, -rc);
        c->done = w->index + 1;
    }
    return 0;
}

/* ---- the clone ------------------------------------------------------------------------------ */

/*
 * Before Linux 6.3 the child would be in its time namespace at once, and the offsets be fixed: it
 * makes it itself, and scratch-init enters it.
 */
static int clone_child(struct scratch_container *c, struct child *child, void *stack, size_t size)
{
    const struct step *step = step_at(c->walk.plan, c->walk.index);
    struct clone_args arguments = {
        .flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND |
                 (step->num[0] & ~(uint64_t)CLONE_NEWTIME),
        .pidfd = (uint64_t)(uintptr_t)&c->pidfd,
        .exit_signal = SIGCHLD,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = size,
    };
    if (step->fd[0] >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = (uint64_t)c->fd[step->fd[0]];
    }
    child->clone = &arguments;
    return clone_call(&arguments, child_main, child);
}

static int clone_init(struct scratch_container *c, struct child *child)
{
    char stack[CHILD_STACK] __attribute__((aligned(16)));
    child->image = image_make(c->walk.plan, c->start);
    int rc = image_refused(child->image) ? 0 : child->image;
    c->walk.detail = rc < 0 ? DETAIL_IMAGE : DETAIL_NONE;
    return rc < 0 ? rc : clone_child(c, child, stack, sizeof stack);
}

static int clone_in_place(struct scratch_container *c, struct child *child)
{
    char stack[IN_PLACE_STACK] __attribute__((aligned(16)));
    return clone_child(c, child, stack, sizeof stack);
}

/* The file that a step has made for what the command writes, or -1. */
static int log_of(const struct scratch_container *c)
{
    for (uint32_t i = 0; i < c->walk.plan->step_count; i++) {
        const struct step *step = step_at(c->walk.plan, i);
        if (step->kind == STEP_STATE_FILE && step->num[0])
            return c->fd[step->fd[1]];
    }
    return -1;
}

/*
 * The command's streams are those given, or the log, or the caller's own; where there is none,
 * scratch-init opens /dev/null. With a log the caller's own input is not the container's.
 */
static void find_streams(struct child *child, const struct scratch_container *c,
                         const struct scratch_start_options *o)
{
    int log = log_of(c);
    child->stdio[0] = o->stdin_fd >= 0 ? o->stdin_fd : log >= 0 ? STREAM_NONE : STREAM_OWN;
    child->stdio[1] = o->stdout_fd >= 0 ? o->stdout_fd : log >= 0 ? log : STREAM_OWN;
    child->stdio[2] = o->stderr_fd >= 0 ? o->stderr_fd : log >= 0 ? log : STREAM_OWN;
}

/*
 * All signals stay blocked until the child has reset their handlers, which it would otherwise run
 * in the caller's memory. Raw: libc keeps two signals to itself, and those must be blocked too.
 */
static int make_undisturbed(struct scratch_container *c, struct child *child)
{
    static const uint64_t all = ~UINT64_C(0);
    uint64_t old;
    sys_sigprocmask(SIG_BLOCK, &all, &old);
    int rc = (child->in_place ? clone_in_place : clone_init)(c, child);
    sys_sigprocmask(SIG_SETMASK, &old, NULL);
    return rc;
}

static int make_child(struct scratch_container *c, struct child *child, struct scratch_error *err)
{
    int rc = step_fault(&c->walk);
    if (rc == 0)
        rc = make_undisturbed(c, child);
    if (rc < 0) {
        step_error(err, &c->walk, -rc);
        if (c->walk.detail == DETAIL_NONE)
            namespace_refusal(err, step_at(c->walk.plan, c->walk.index)->num[0]);
        return rc;
    }
    c->walk.child = rc;
    c->done = c->walk.index + 1;
    return 0;
}

/*
 * What is the child's alone from now on, in one call where it can be: ThreadSanitizer does not see
 * that one. As long as the socket is open here the end of file never comes: it is made sure of,
 * where nobody can have taken its number.
 */
static void close_childs(int socket, int image, bool alone)
{
    if (alone && image == socket + 1 && sys_close_range((unsigned)socket, (unsigned)image, 0) == 0)
        return;
    if (close(socket) < 0 && alone)
        sys_close_range((unsigned)socket, (unsigned)socket, 0);
    if (image >= 0)
        close(image);
}

/*
 * A slot that a best-effort step was to fill may be empty: scratch-init is told, for its number
 * will be that of the next file that is opened there.
 */
static void leave_out_empty(struct scratch_container *c)
{
    for (uint32_t i = 0; i < c->walk.plan->fd_count; i++)
        if (c->fd[i] < 0)
            c->start->fds &= ~(UINT64_C(1) << i);
}

/* The socket is closed here in any case. */
static int start_child(struct scratch_container *c, const struct scratch_start_options *o,
                       int socket, bool alone, struct scratch_error *err)
{
    struct child child = {
        .walk = c->walk, .begin = c->walk.index, .alone = alone, .handed = c->handed, .image = -1};
    child.walk.socket = socket;
    find_streams(&child, c, o);
    leave_out_empty(c);
    int rc = make_child(c, &child, err);
    close_childs(socket, child.image, alone);
    return rc;
}

/* ---- what the container says ---------------------------------------------------------------- */

ssize_t container_receive(int socket, struct step_message *message, int flags, int *fd, char *said)
{
    struct iovec data[2] = {{message, sizeof *message}, {said, said ? STEP_SAID - 1 : 0}};
    union rights rights;
    struct msghdr header = {
        .msg_iov = data,
        .msg_iovlen = 2,
        .msg_control = &rights,
        .msg_controllen = sizeof rights,
    };
    ssize_t n;
    do
        n = sys3(SYS_recvmsg, socket, (long)&header, flags | MSG_CMSG_CLOEXEC);
    while (n == -EINTR);
    struct cmsghdr *first = n < 0 ? NULL : CMSG_FIRSTHDR(&header);
    *fd = -1;
    if (first && first->cmsg_type == SCM_RIGHTS) /* else it was cut off, or there was none */
        memcpy(fd, CMSG_DATA(first), sizeof *fd);
    ssize_t more = n - (ssize_t)sizeof *message;
    if (said && more > 0)
        said[more] = '\0';
    return more > 0 ? (ssize_t)sizeof *message : n;
}

/* There was no room for the fd that came with a message. */
static int no_room(struct scratch_error *err)
{
    return error_call(err, EMFILE, "recvmsg(2)", "start the container", NULL, NULL);
}

/* It ended before the exec was announced. How, its status may say: init hands a signal's number on.
 */
static int ended_early(struct scratch_container *c, struct scratch_error *err)
{
    siginfo_t info = {0};
    int rc;
    c->walk.detail = DETAIL_KILLED;
    do
        rc = waitid(P_PIDFD, (id_t)c->pidfd, &info, WEXITED | WNOWAIT);
    while (rc < 0 && errno == EINTR);
    if (rc == 0) {
        int status = info.si_status;
        bool by_signal = info.si_code != CLD_EXITED;
        c->walk.item = (uint32_t)(by_signal ? status : status > 128 ? status - 128 : 0);
    }
    oom_find(&c->walk, &c->oom);
    if (c->oom.kills && c->walk.item == SIGKILL)
        c->walk.detail = DETAIL_OOM;
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

/*
 * The first message brings the socket for all others. It has been sent by the time the child has
 * executed scratch-init or ended, and clone returned: so there is nothing to wait for.
 */
static int receive_socket(struct scratch_container *c, int socket, struct scratch_error *err)
{
    struct step_message message = {0};
    int fd;
    if (container_receive(socket, &message, MSG_DONTWAIT, &fd, NULL) != sizeof message)
        return ended_early(c, err);
    if (message.type == MESSAGE_FAILED)
        return failed(c, &message, err);
    return fd < 0 ? no_room(err) : fd;
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

/* Where scratch-init reports what becomes of the command, its end of the socket stays open. */
static bool reports(const struct scratch_container *c)
{
    const struct step *supervise = step_find(c->walk.plan, STEP_SUPERVISE);
    return supervise && supervise->num[1];
}

/* Whoever starts it has another socket. */
static bool waits(const struct scratch_container *c)
{
    return step_find(c->walk.plan, STEP_WAIT_START) && !c->resumed;
}

/* Where the filter asks about calls, those of scratch-init itself are answered here. */
static bool is_asked(const struct scratch_container *c)
{
    const struct step *filter = step_find(c->walk.plan, STEP_SECCOMP);
    return filter && filter->num[1] & SECCOMP_FILTER_FLAG_NEW_LISTENER;
}

/*
 * Where nothing has to be done in between, sleep until all has been said: a wake-up for each
 * message takes the processor away from the container that is being set up.
 */
static void wait_for_the_end(const struct scratch_container *c, int socket)
{
    struct pollfd end = {.fd = socket, .events = 0}; /* POLLHUP is always reported */
    if (step_find(c->walk.plan, STEP_MEET) || reports(c) || is_asked(c))
        return;
    while (poll(&end, 1, -1) < 0 && errno == EINTR)
        continue;
}

/* Where the fd that comes with a message is kept; NULL: none is expected. */
static int *fd_of(struct scratch_container *c, const struct step_message *m)
{
    int *fd = m->type == MESSAGE_TERMINAL     ? &c->terminal
              : m->type == MESSAGE_LISTENER   ? &c->listener
              : m->type == MESSAGE_UNTIL_EXEC ? &c->until_exec
                                              : NULL;
    return fd && *fd < 0 ? fd : NULL;
}

/* The one that joined has made the process that goes on, and ends. */
static int follow(struct scratch_container *c, const struct step_message *m, int pidfd)
{
    siginfo_t info;
    while (waitid(P_PIDFD, (id_t)c->pidfd, &info, WEXITED) < 0 && errno == EINTR)
        continue;
    close(c->pidfd);
    c->pidfd = pidfd;
    c->walk.child = (int)m->item;
    c->followed = true;
    return 0;
}

/* The process that went on was faster than the one that tells of it: it has to be waited for. */
static void follow_late(struct scratch_container *c, const struct step_message *later, int socket)
{
    const struct step *spawn = step_find(c->walk.plan, STEP_SPAWN);
    struct step_message message = {0};
    int fd = -1;
    if (!spawn || c->followed || step_at(c->walk.plan, later->step) <= spawn)
        return;
    if (container_receive(socket, &message, 0, &fd, NULL) == sizeof message &&
        message.type == MESSAGE_PROCESS && fd >= 0)
        follow(c, &message, fd);
    else if (fd >= 0)
        close(fd);
}

/* What is to be done for a message; 0 or -errno. fd is ours. */
static int answer(struct scratch_container *c, const struct step_message *m, int fd, int socket,
                  struct scratch_error *err)
{
    c->walk.index = m->step < c->walk.plan->step_count ? m->step : 0;
    int *own = fd_of(c, m);
    if (own) {
        *own = fd;
        return fd < 0 ? no_room(err) : 0;
    }
    if (m->type == MESSAGE_PROCESS && fd >= 0)
        return follow(c, m, fd);
    if (fd >= 0)
        close(fd);
    if (m->type == MESSAGE_FAILED) {
        follow_late(c, m, socket);
        return failed(c, m, err);
    }
    if (m->type == MESSAGE_MEET)
        follow_late(c, m, socket);
    return m->type == MESSAGE_MEET ? meet(c, m, socket, err) : 0;
}

/* Until the exec: it closes the container's end of the socket, or scratch-init tells of it. */
static int listen_to(struct scratch_container *c, int socket, struct scratch_error *err)
{
    struct step_message message;
    bool executing = false;
    int fd;
    wait_for_the_end(c, socket);
    for (;;) {
        if (c->listener >= 0)
            listener_wait(c, socket);
        ssize_t n = container_receive(socket, &message, 0, &fd, c->said);
        if (n < 0 && n != -ECONNRESET) /* which is an end, too: it was killed */
            return error_call(err, (int)-n, "recvmsg(2)", "hear from the container", NULL, NULL);
        if (n != sizeof message || message.type == MESSAGE_STARTED)
            return executing && (n == 0 || n == sizeof message) ? 0 : ended_early(c, err);
        int rc = answer(c, &message, fd, socket, err);
        if (rc < 0)
            return rc;
        if (message.type == MESSAGE_CREATED)
            return 0;
        if (message.type == MESSAGE_EXEC)
            executing = true;
    }
}

int container_listen(struct scratch_container *c, int socket, struct scratch_error *err)
{
    int rc = listen_to(c, socket, err);
    if (rc == 0 && reports(c) && !waits(c))
        c->socket = socket;
    else
        close(socket);
    return rc;
}

/* ---- start ---------------------------------------------------------------------------------- */

/*
 * The child has all the while run in this memory, and says there what became of it: there is
 * nothing to listen to.
 */
static int start_in_place(struct scratch_container *c, const struct scratch_start_options *o,
                          int self, struct scratch_error *err)
{
    struct child child = {.walk = c->walk,
                          .begin = c->walk.index,
                          .handed = c->handed,
                          .image = -1,
                          .in_place = true};
    child.walk.socket = self;
    find_streams(&child, c, o);
    leave_out_empty(c);
    int rc = make_child(c, &child, err);
    if (rc < 0)
        return rc;
    if (child.walk.words)
        munmap(child.walk.words, child.walk.words_size);
    if (child.rc == 0)
        return child.executing ? 0 : ended_early(c, err);
    const struct step_message message = {.detail = child.walk.detail,
                                         .step = child.walk.index,
                                         .errnum = -child.rc,
                                         .item = child.walk.item};
    return failed(c, &message, err);
}

static int start_and_listen(struct scratch_container *c, const struct scratch_start_options *o,
                            struct scratch_error *err)
{
    int sockets[2];
    int rc = walk_host(c, err);
    if (rc < 0)
        return rc;
    bool in_place = o->in_place && in_place_fits(c->walk.plan) && seal_is_there();
    int self = in_place ? (int)sys2(SYS_pidfd_open, sys_getpid(), 0) : -1;
    if (self >= 0) { /* sandboxes may refuse it */
        rc = start_in_place(c, o, self, err);
        close(self);
        return rc;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
        return error_call(err, errno, "socketpair(2)", "start the container", NULL, NULL);
    bool alone = single_threaded();
    rc = start_child(c, o, sockets[1], alone, err);
    int socket = rc < 0 ? rc : alone ? sockets[0] : receive_socket(c, sockets[0], err);
    if (socket != sockets[0])
        close(sockets[0]);
    if (socket < 0)
        return socket;
    return container_listen(c, socket, err);
}

/* The container's alone: whoever connects after its end is to be refused, and not to wait for us.
 */
static void close_start_socket(struct scratch_container *c)
{
    const struct step *socket = step_find(c->walk.plan, STEP_STATE_SOCKET);
    if (!socket)
        return;
    close(c->fd[socket->fd[1]]);
    c->fd[socket->fd[1]] = -1;
}

/* The record is written, and others may act on it. */
static int keep(struct scratch_container *c, struct scratch_error *err)
{
    const struct step *state = step_find(c->walk.plan, STEP_STATE);
    if (!state)
        return 0;
    close_start_socket(c);
    c->record = fcntl(c->fd[state->fd[0]], F_DUPFD_CLOEXEC, 3);
    c->root = strdup(step_text(&c->walk, state->text[0]));
    c->id = strdup(scratch_container_id(c));
    if (c->record < 0 || !c->root || !c->id)
        return error_set(err, c->record < 0 ? errno : ENOMEM, "keep the container", NULL, NULL);
    c->started = true;
    record_unlock(c->record);
    return 0;
}

int scratch_plan_start(const scratch_plan *plan, const struct scratch_start_options *given,
                       scratch_container **container, struct scratch_error *err)
{
    struct scratch_start_options options;
    struct start_block *start;
    *container = NULL;
    lazy_seal();
    int rc = start_options_take(plan, given, &options, &start, err);
    if (rc < 0)
        return rc;
    struct scratch_container *c = container_new((struct scratch_plan *)plan, start, options.fds);
    if (!c) {
        free(start);
        return error_set(err, ENOMEM, "start the container", NULL, NULL);
    }
    rc = start_and_listen(c, &options, err);
    if (rc == 0)
        rc = keep(c, err);
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
    scratch_container *container = NULL;
    int rc = scratch_plan_compile(spec, &plan, err);
    if (rc < 0)
        return rc;
    const struct step *terminal = step_find(plan->block, STEP_TERMINAL);
    if (terminal && terminal->fd[0] < 0)
        rc = error_because(err, EINVAL, "terminal", NULL, "nobody would read what is written to it",
                           "start the plan with scratch_plan_start(), and read "
                           "scratch_container_terminal()");
    else
        rc = scratch_plan_start(plan, options, &container, err);
    scratch_plan_free(plan);
    if (rc < 0)
        return rc;
    rc = scratch_container_wait(container, err);
    scratch_container_free(container);
    return rc;
}
