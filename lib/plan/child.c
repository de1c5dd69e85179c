/* SPDX-License-Identifier: MIT */
#include "plan/child.h"
#include "base/clone.h"
#include "base/file.h"
#include "base/rights.h"
#include "base/sys.h"
#include "init/init.h"
#include "plan/image.h"

static void fail(struct child *c, int rc)
{
    struct step_message message = {
        .type = MESSAGE_FAILED,
        .detail = c->walk.detail,
        .step = c->walk.index,
        .errnum = -rc,
        .item = c->walk.item,
    };
    sys6(SYS_sendto, c->walk.socket, (long)&message, sizeof message, MSG_NOSIGNAL, 0, 0);
    sys_exit(1);
}

/*
 * The socket to the caller, of which no other process has the child's end: this table of fds is the
 * child's own. The one that it begins with was made in the caller's, where any thread may fork;
 * such a copy would keep it open, and the caller would wait for its end of file after the exec.
 */
static int make_socket(struct child *c)
{
    static const struct step_message message = {.type = MESSAGE_SOCKET};
    int ends[2];
    int rc = (int)sys4(SYS_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, (long)ends);
    if (rc < 0)
        return rc;
    rc = rights_send(c->walk.socket, &message, sizeof message, ends[0]);
    sys_close(ends[0]);
    if (rc < 0)
        return rc;
    c->walk.socket = ends[1];
    return 0;
}

/* What clone has left over: a time namespace always, and what clone(2) had no bit for. */
static int make_left(const struct child *c)
{
    const struct step *step = step_at(c->walk.plan, c->begin);
    uint64_t left = step->num[0] & ~c->clone->flags;
    int rc = 0;
    if (step->fd[0] >= 0 && !(c->clone->flags & CLONE_INTO_CGROUP))
        rc = file_write((int)c->clone->cgroup, "cgroup.procs", "0");
    return rc == 0 && left ? sys_unshare(left) : rc;
}

static int walk_child_steps(struct child *c)
{
    struct step_walk *w = &c->walk;
    for (w->index = c->begin + 1; w->index < w->plan->step_count; w->index++) {
        const struct step *step = step_at(w->plan, w->index);
        if (step->side != STEP_CHILD)
            return 0; /* they follow the clone directly */
        int rc = step_run(w, step);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/*
 * Out of the way of the numbers that are about to be given out, from the lowest to the highest: an
 * fd whose own number is higher than the one that it gets is still there when its turn comes.
 */
static int lift(int *fd, int to, int above)
{
    if (*fd < 0 || *fd >= to)
        return 0;
    int rc = sys_fcntl(*fd, F_DUPFD_CLOEXEC, above);
    if (rc >= 0)
        *fd = rc;
    return rc;
}

/*
 * Files that are handed over may be nearly all that there is room for. They get their numbers from
 * the last to the first, so that one which has to rise finds its place left by then, and only one
 * that has to sink into it is out of the way before.
 */
static int lift_handed(struct child *c, int first, int end)
{
    int rc = 0;
    for (int i = 0; i < end - first && rc >= 0; i++)
        if (c->handed[i] > first + i)
            rc = lift(&c->handed[i], end, end);
    return rc;
}

/* It may be in its place already, and close-on-exec. */
static int put(int from, int to)
{
    if (from == STREAM_NONE)
        sys_close(to);
    if (from < 0)
        return 0;
    return from == to ? sys_fcntl(to, F_SETFD, 0) : sys_dup3(from, to, 0);
}

/*
 * 0, 1, 2, the image, the socket, the slots; and no others. All that is open is marked to be closed
 * by the exec, and what is put in its place is not; before 5.11 the others are closed here, the
 * numbers of empty slots among them. The numbers are copied first: those in *c are the caller's
 * too, which closes its fds by them.
 */
static int arrange_fds(struct child *c, int image)
{
    int count = (int)c->walk.plan->fd_count, handed = (int)c->walk.start->handed;
    int first = INIT_FD_SLOTS + count, end = first + handed;
    bool marked = sys_close_range(INIT_FD_IMAGE, ~0u, CLOSE_RANGE_CLOEXEC) == 0;
    int slots[STEP_FDS_MAX], stdio[3], socket = c->walk.socket;
    int low = handed ? end : 0; /* all that is below is in their way */
    int rc = 0;
    for (int i = 0; i < 3 && rc >= 0; i++) {
        stdio[i] = c->stdio[i];
        rc = lift(&stdio[i], low ? low : i, end);
    }
    if (rc >= 0)
        rc = lift(&image, low ? low : INIT_FD_IMAGE, end);
    if (rc >= 0)
        rc = lift(&socket, low ? low : INIT_FD_SOCKET, end);
    for (int i = 0; i < count && rc >= 0; i++) {
        bool carried = c->walk.start->fds & UINT64_C(1) << i;
        slots[i] = carried ? c->walk.fd[i] : marked ? STREAM_OWN : STREAM_NONE;
        rc = lift(&slots[i], low ? low : INIT_FD_SLOTS + i, end);
    }
    if (rc >= 0)
        rc = lift_handed(c, first, end);
    if (rc >= 0)
        c->walk.socket = socket; /* failures are told over it */
    for (int i = handed - 1; i >= 0 && rc >= 0; i--)
        rc = put(c->handed[i], first + i);
    for (int i = 0; i < 3 && rc >= 0; i++)
        rc = put(stdio[i], i);
    if (rc >= 0)
        rc = put(image, INIT_FD_IMAGE);
    if (rc >= 0)
        rc = put(socket, INIT_FD_SOCKET);
    if (rc >= 0)
        c->walk.socket = INIT_FD_SOCKET; /* the other number may be a slot's */
    for (int i = 0; i < count && rc >= 0; i++)
        rc = put(slots[i], INIT_FD_SLOTS + i);
    if (rc >= 0 && !marked)
        rc = sys_close_range((unsigned)end, ~0u, 0);
    return rc < 0 ? rc : 0;
}

_Noreturn void child_main(void *child)
{
    static char *const arguments[] = {(char *)"scratch-init", NULL};
    static char *const environment[] = {NULL};
    struct child *c = child;
    int rc = c->alone ? 0 : make_socket(c);
    if (rc == 0)
        rc = make_left(c);
    if (rc == 0)
        rc = walk_child_steps(c);
    if (rc < 0)
        fail(c, rc);
    c->walk.index = c->begin;
    c->walk.detail = DETAIL_IMAGE;
    int image = c->image >= 0 ? c->image : image_make_file(c->walk.plan, c->walk.start);
    rc = image < 0 ? image : arrange_fds(c, image);
    if (rc == 0)
        rc = sys_execveat(INIT_FD_IMAGE, "", arguments, environment, AT_EMPTY_PATH);
    fail(c, rc);
    sys_exit(1);
}
