/* SPDX-License-Identifier: MIT */
#include "plan/child.h"
#include "base/clone.h"
#include "base/file.h"
#include "base/rights.h"
#include "base/sys.h"
#include "init/init.h"
#include "plan/image.h"
#include "plan/in_place.h"

#include <sys/personality.h>

static _Noreturn void fail(struct child *c, int rc)
{
    struct step_message message = {
        .type = MESSAGE_FAILED,
        .detail = c->walk.detail,
        .step = c->walk.index,
        .errnum = -rc,
        .item = c->walk.item,
    };
    if (c->in_place)
        c->rc = rc;
    else
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

_Static_assert(INIT_FD_SLOTS == STEP_FD_FIRST, "steps know where the slots are");

/*
 * What gets the numbers from 0 on: the streams, the image, the socket, the slots; then the files
 * that are handed over, to the end. Each is the number that it has now, until it is put in its
 * place, or a STREAM_*.
 */
struct numbers {
    int own[INIT_FD_SLOTS + STEP_FDS_MAX];
    int *handed;
    int first, end;
};

static int *number_at(struct numbers *n, int to)
{
    return to < n->first ? &n->own[to] : &n->handed[to - n->first];
}

/* What has that number now and is yet to be put in its place, below, gets out of the way. */
static int clear_the_way(struct numbers *n, int number)
{
    int rc = 0;
    for (int i = 0; i < number && rc >= 0; i++) {
        if (*number_at(n, i) != number)
            continue;
        rc = sys_fcntl(number, F_DUPFD_CLOEXEC, n->end);
        if (rc >= 0)
            *number_at(n, i) = rc;
    }
    return rc;
}

/* It may be in its place already, and close-on-exec. */
static int put(struct numbers *n, int to)
{
    int from = *number_at(n, to);
    if (from == STREAM_OWN)
        return 0;
    if (from == to)
        return sys_fcntl(to, F_SETFD, 0);
    int rc = clear_the_way(n, to);
    if (rc >= 0 && from == STREAM_NONE)
        sys_close(to);
    else if (rc >= 0)
        rc = sys_dup3(from, to, 0);
    if (rc >= 0)
        *number_at(n, to) = to;
    return rc;
}

static void find_numbers(const struct child *c, int image, bool marked, struct numbers *n)
{
    const struct step_walk *w = &c->walk;
    for (int i = 0; i < 3; i++)
        n->own[i] = c->stdio[i];
    n->own[INIT_FD_IMAGE] = image;
    n->own[INIT_FD_SOCKET] = w->socket;
    for (uint32_t i = 0; i < w->plan->fd_count; i++) {
        bool carried = w->start->fds & UINT64_C(1) << i;
        n->own[INIT_FD_SLOTS + i] = carried ? w->fd[i] : marked ? STREAM_OWN : STREAM_NONE;
    }
    n->handed = c->handed;
    n->first = INIT_FD_SLOTS + (int)w->plan->fd_count;
    n->end = n->first + (int)w->start->handed;
}

/*
 * All that is open is marked to be closed by the exec, and what is put in its place is not; before
 * 5.11 the others are closed here, the numbers of empty slots among them. From the last to the
 * first: where files rise, which most do, they leave the numbers that are given out next. The
 * library's own are copied first: those in *c are the caller's too, which closes its fds by them.
 */
static int arrange_fds(struct child *c, int image)
{
    struct numbers n;
    bool marked = sys_close_range(INIT_FD_IMAGE, ~0u, CLOSE_RANGE_CLOEXEC) == 0;
    int rc = 0;
    find_numbers(c, image, marked, &n);
    for (int to = n.end - 1; to >= 0 && rc >= 0; to--)
        rc = put(&n, to);
    c->walk.socket = n.own[INIT_FD_SOCKET]; /* failures are told over it */
    if (rc >= 0 && !marked)
        rc = sys_close_range((unsigned)n.end, ~0u, 0);
    return rc < 0 ? rc : 0;
}

/*
 * With its stack where the kernel would put it but for chance, scratch-init, which can be anywhere,
 * is put so near that both are in the same page tables: to make, fill and drop others takes some 8
 * % of a start where tables are shadowed, in many virtual machines. It takes the flag away first of
 * all, and is told so by its environment: what it starts has its stack somewhere. Where the caller
 * has such flags of its own, or the call is forbidden, all is left as it is.
 */
static char *const *fix_addresses(void)
{
    static char *const none[] = {NULL}, *const fixed[] = {(char *)INIT_FIXED, NULL};
    long before = sys1(SYS_personality, ADDR_NO_RANDOMIZE);
    if (before > 0)
        sys1(SYS_personality, before);
    return before == 0 ? fixed : none;
}

static int execute_init(struct child *c)
{
    static char *const arguments[] = {(char *)"scratch-init", NULL};
    c->walk.index = c->begin;
    c->walk.detail = DETAIL_IMAGE;
    int image = c->image >= 0 ? c->image : image_make_file(c->walk.plan, c->walk.start);
    int rc = image < 0 ? image : arrange_fds(c, image);
    if (rc == 0)
        rc = sys_execveat(INIT_FD_IMAGE, "", arguments, fix_addresses(), AT_EMPTY_PATH);
    return rc;
}

static int walk_in_place(struct child *c)
{
    c->walk.index = c->begin;
    int rc = arrange_fds(c, STREAM_OWN);
    return rc < 0 ? rc : in_place_walk(c);
}

_Noreturn void child_main(void *child)
{
    struct child *c = child;
    int rc = c->alone || c->in_place ? 0 : make_socket(c);
    if (rc == 0)
        rc = make_left(c);
    if (rc == 0)
        rc = walk_child_steps(c);
    if (rc == 0)
        rc = (c->in_place ? walk_in_place : execute_init)(c);
    fail(c, rc);
}
