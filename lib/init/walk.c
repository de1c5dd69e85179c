/* SPDX-License-Identifier: MIT */
/*
 * scratch-init: walks a plan inside the container. It has no C library: it makes the system calls
 * that the plan names, and no others.
 */
#define INIT_ITSELF
#include "base/clone.h"
#include "base/rights.h"
#include "base/sys.h"
#include "init/begin.h"
#include "init/filter.h"
#include "init/init.h"
#include "init/reap.h"
#include "step/step.h"

#include <linux/auxvec.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>

#define PROT_READ_    1
#define MAP_PRIVATE_  2
#define MAP_POPULATE_ 0x8000
#define PLAN_USUAL    (1 << 20)

/* All that it remembers. On its stack: a program without variables is one mapping of its file. */
struct memory {
    struct step_walk walk;
    struct step_user user;
    int fds[STEP_FDS_MAX];
    char said[STEP_SAID];
};

static int send_message(const struct step_walk *w, enum step_message_type type, int errnum)
{
    struct step_message message = {
        .type = (uint16_t)type,
        .detail = w->detail,
        .step = w->index,
        .errnum = errnum,
        .item = w->item,
    };
    int rc = 0;
    if (filter_say(w, &message, &rc))
        return rc;
    if (type == MESSAGE_FAILED)
        return filter_send(w->socket, &message, w->said);
    return (int)sys6(SYS_sendto, w->socket, (long)&message, sizeof message,
                     0x4000 /* MSG_NOSIGNAL */, 0, 0);
}

/* Wait until the caller has done its part. It closes the socket when that failed, or it is gone. */
static int meet(const struct step_walk *w)
{
    struct step_message message;
    send_message(w, MESSAGE_MEET, 0);
    ssize_t n = sys_read(w->socket, &message, sizeof message);
    return n == sizeof message && message.type == MESSAGE_GO ? 0 : -ECANCELED;
}

static int walk_from(struct step_walk *w, uint32_t index);

/* The command's side of STEP_SUPERVISE. It shares our memory until its exec. */
static _Noreturn void walk_on(void *walk)
{
    struct step_walk *w = walk;
    int rc = walk_from(w, w->index + 1);
    w->child = rc;
    sys_exit(1);
}

/*
 * The caller may go: who starts the container, from whatever process, connects, and hears what
 * becomes of it. It is told the plan, to find the words. One that only looks closes again.
 */
static int offer_plan(struct step_walk *w, int listener)
{
    const struct step_message hello = {.type = MESSAGE_PLAN, .step = w->index, .item = STEP_FORMAT};
    struct step_message message = {0};
    int socket = (int)sys4(SYS_accept4, listener, 0, 0, O_CLOEXEC);
    if (socket < 0)
        return socket == -EINTR || socket == -ECONNABORTED ? -EAGAIN : socket;
    int rc = rights_send(socket, &hello, sizeof hello, INIT_FD_IMAGE);
    if (rc == 0 && sys_read(socket, &message, sizeof message) == sizeof message &&
        message.type == MESSAGE_GO)
        return socket;
    sys_close(socket);
    return -EAGAIN;
}

static void end_by(int signal)
{
    sys_exit(128 + signal);
}

/*
 * The first process of a pid namespace is sent only what it has a handler for. One that waits has
 * nothing to lose: what asks others to end shall end it, as it does with other runtimes.
 */
static void let_signals_end(bool end)
{
    static const int signals[] = {1 /* HUP */, 2 /* INT */, 3 /* QUIT */, 15 /* TERM */};
    static const uint64_t mask = 0x4007; /* these */
    const struct {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(int);
        uint64_t mask;
    } action = {end_by, 0x04000000 /* SA_RESTORER: x86-64 wants one, also who never returns */,
                end_by, 0};
    if (!end)
        sys_sigprocmask(0 /* SIG_BLOCK */, &mask, 0);
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
        if (end)
            sys_sigaction(signals[i], &action, NULL);
        else
            sys_signal_default(signals[i]);
    if (end)
        sys_sigprocmask(1 /* SIG_UNBLOCK */, &mask, 0);
}

/* The lock of the container's range of ids is held as long as pid 1 is there. */
static int lock_of_range(const struct step_walk *w)
{
    const struct step *range = step_find(w->plan, STEP_ID_RANGE);
    return range ? w->fd[range->fd[0]] : -1;
}

static bool is_wanted_later(const struct step_walk *w, uint32_t slot)
{
    for (uint32_t i = w->index + 1; i < w->plan->step_count; i++)
        for (int k = 0; k < STEP_FDS; k++)
            if (step_at(w->plan, i)->fd[k] == (int)slot)
                return true;
    return false;
}

/* It may wait for days: what it has done with, it does not hold. With an init there is more to it.
 */
static void let_go(struct step_walk *w)
{
    for (uint32_t i = 0; i < w->plan->fd_count && !step_find(w->plan, STEP_SUPERVISE); i++) {
        if (w->fd[i] < 0 || w->fd[i] == lock_of_range(w) || is_wanted_later(w, i))
            continue;
        sys_close(w->fd[i]);
        w->fd[i] = -1;
    }
}

static int wait_for_start(struct step_walk *w, const struct step *step)
{
    int listener = w->fd[step->fd[0]], socket;
    sys_close(w->fd[step->fd[1]]); /* and with it the lock, should the caller have been killed */
    w->fd[step->fd[1]] = w->fd[step->fd[0]] = -1;
    let_go(w);
    sys_prctl(PR_SET_NAME, (long)INIT_NAME_CREATED, 0, 0, 0);
    send_message(w, MESSAGE_CREATED, 0);
    sys_close(w->socket);
    let_signals_end(true);
    while ((socket = offer_plan(w, listener)) == -EAGAIN)
        continue;
    let_signals_end(false);
    sys_prctl(PR_SET_NAME, (long)INIT_NAME, 0, 0, 0);
    sys_close(listener);
    w->socket = socket;
    return socket < 0 ? socket : 0;
}

/*
 * What supervise keeps open: the socket, a pidfd, a lock, the file of the exit status, a terminal
 * and its log.
 */
#define KEPT 6

/* The lowest of some fds that is not below a number, or -1. */
static int lowest_from(const int kept[KEPT], int from)
{
    int lowest = -1;
    for (int i = 0; i < KEPT; i++)
        if (kept[i] >= from && (lowest < 0 || kept[i] < lowest))
            lowest = kept[i];
    return lowest;
}

/* Close all fds but the streams and those that are kept; -1 is none. */
static void close_all_but(const int kept[KEPT])
{
    int from = 3, next;
    while ((next = lowest_from(kept, from)) >= 0) {
        if (next > from)
            sys_close_range((unsigned)from, (unsigned)next - 1, 0);
        from = next + 1;
    }
    sys_close_range((unsigned)from, ~0u, 0);
}

/* A filter that comes last is not loaded by pid 1. */
static bool filter_is_late(const struct step_walk *w)
{
    const struct step *filter = step_find(w->plan, STEP_SECCOMP);
    return filter && filter->num[2];
}

/* The other end of a terminal that nobody outside has. */
static void take_terminal(const struct step_walk *w, struct reap *r)
{
    const struct step *terminal = step_find(w->plan, STEP_TERMINAL);
    if (!terminal || terminal->fd[0] < 0)
        return;
    r->terminal = w->fd[terminal->fd[0]];
    r->log = w->fd[terminal->fd[1]];
    sys_fcntl(r->terminal, F_SETFL, O_RDWR | O_NONBLOCK);
}

static int supervise(struct step_walk *w, const struct step *step)
{
    bool report = step->num[1];
    int follow = step->fd[0] < 0 ? -1 : w->fd[step->fd[0]];
    int exit_file = step->fd[1] < 0 ? -1 : w->fd[step->fd[1]];
    w->child = 0;
    int pid = reap_spawn(walk_on, w);
    w->speaker = NULL; /* it was the child's thread */
    if (pid < 0)
        return pid;
    if (w->child < 0) /* it has told the caller itself */
        sys_exit(1);
    struct reap r = {pid, report ? w->socket : -1, follow, exit_file, -1, -1};
    take_terminal(w, &r);
    const int kept[KEPT] = {r.socket, follow, lock_of_range(w), exit_file, r.terminal, r.log};
    close_all_but(kept);
    if (report)
        send_message(w, MESSAGE_STARTED, 0);
    if (filter_is_late(w))
        filter_confine();
    reap_until(r);
}

/* A process that joins, and the pipe that says when it has told the caller of the one it makes. */
struct spawning {
    struct step_walk *walk;
    int told[2];
};

/*
 * The process that becomes the command is the caller's child, so that the caller can wait for it.
 * It has a copy of this memory, which is as closed to others as this is. The caller hears of it
 * before it hears from it.
 */
static void go_on_alone(void *spawning)
{
    const struct spawning *s = spawning;
    char word;
    long n;
    sys_close(s->told[1]);
    do
        n = sys_read(s->told[0], &word, 1);
    while (n == -EINTR);
    if (n != 1)
        sys_exit(1); /* it was killed before: nobody would wait for us */
    sys_close(s->told[0]);
    walk_from(s->walk, s->walk->index + 1);
    sys_exit(1);
}

static int spawn(struct step_walk *w)
{
    struct spawning spawning = {.walk = w};
    int pidfd = -1;
    struct clone_args arguments = {
        .flags = CLONE_PARENT | CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)&pidfd,
    };
    int rc = (int)sys2(SYS_pipe2, (long)spawning.told, O_CLOEXEC);
    int pid = rc < 0 ? rc : clone_call(&arguments, go_on_alone, &spawning);
    if (pid < 0)
        return pid;
    const struct step_message message = {
        .type = MESSAGE_PROCESS, .step = w->index, .item = (uint32_t)pid};
    if (rights_send(w->socket, &message, sizeof message, pidfd) >= 0)
        sys_write(spawning.told[1], "", 1);
    sys_exit(0);
}

/* One that asks, or that may forbid what the walker says, is loaded beside a thread that speaks. */
static int seccomp(struct step_walk *w, const struct step *step)
{
    bool told_apart = step->num[1] & SECCOMP_FILTER_FLAG_NEW_LISTENER || step->num[2];
    return told_apart ? filter_load(w, step) : step_run(w, step);
}

static bool is_walkers_own(enum step_kind kind)
{
    return kind == STEP_MEET || kind == STEP_SUPERVISE || kind == STEP_WAIT_START ||
           kind == STEP_SPAWN;
}

/* A caller that has ended does not get to hear it, and nobody would wait for the command. */
static int announce_exec(struct step_walk *w)
{
    int rc = w->late_filter ? 0 : send_message(w, MESSAGE_EXEC, 0);
    return rc == -EPIPE ? step_detail(w, DETAIL_PARENT_GONE, -ESRCH) : 0;
}

static int walk_step(struct step_walk *w, const struct step *step)
{
    if (step->kind == STEP_SECCOMP)
        return step_is_put_off(w, step) ? 0 : seccomp(w, step);
    if (step->kind == STEP_EXEC && announce_exec(w) < 0)
        return -ESRCH;
    /* These are asked here whether they are to fail; step_run() asks for all others. */
    if (step->kind == STEP_JOIN_CONTAINER)
        sys_close(INIT_FD_IMAGE);
    if (!is_walkers_own(step->kind))
        return step_run(w, step);
    int rc = step_fault(w);
    if (rc < 0)
        return rc;
    return step->kind == STEP_MEET         ? meet(w)
           : step->kind == STEP_WAIT_START ? wait_for_start(w, step)
           : step->kind == STEP_SPAWN      ? spawn(w)
                                           : supervise(w, step);
}

/* Returns only when a step failed. */
static int walk_from(struct step_walk *w, uint32_t index)
{
    for (w->index = index; w->index < w->plan->step_count; w->index++) {
        const struct step *step = step_at(w->plan, w->index);
        if (step->side != STEP_CONTAINER)
            continue;
        int rc = walk_step(w, step);
        if (rc < 0) {
            send_message(w, MESSAGE_FAILED, -rc);
            return rc;
        }
    }
    return -ENOEXEC;
}

static int enter_time(struct step_walk *w)
{
    for (w->index = 0; w->index < w->plan->step_count; w->index++) {
        const struct step *step = step_at(w->plan, w->index);
        if (step->kind == STEP_CLONE)
            return step->num[0] & CLONE_NEWTIME ? clone_enter_time() : 0;
    }
    return 0;
}

/*
 * With all its pages at once, for a fault for each costs more. The kernel takes the next addresses
 * below the program, whose page tables are there already.
 */
static const struct plan_block *map(size_t size)
{
    void *plan = sys_mmap(NULL, size, PROT_READ_, MAP_PRIVATE_ | MAP_POPULATE_, INIT_FD_IMAGE,
                          INIT_PLAN_OFFSET);
    return sys_failed(plan) ? NULL : plan;
}

static const struct plan_block *map_whole(void)
{
    struct statx st;
    int rc = sys_statx(INIT_FD_IMAGE, "", AT_EMPTY_PATH, STATX_SIZE, &st);
    return rc < 0 ? NULL : map(st.stx_size - INIT_PLAN_OFFSET);
}

/* Both blocks say how long they are: nearly all are shorter than what is mapped without asking. */
static const struct plan_block *map_plan(void)
{
    const struct plan_block *plan = map(PLAN_USUAL);
    if (!plan)
        return NULL;
    size_t begin = init_start_offset(plan->size), end = begin + sizeof(struct start_block);
    if (end <= PLAN_USUAL)
        end = begin + ((const struct start_block *)block_at(plan, (uint32_t)begin))->size;
    return end <= PLAN_USUAL ? plan : map_whole();
}

/* Behind argc, the arguments and the environment, each list ended by 0: pairs, the last with 0. */
static uint32_t auxiliary(const uint64_t *stack, uint64_t type)
{
    const uint64_t *at = stack + 1;
    for (int lists = 0; lists < 2; at++)
        lists += *at == 0;
    while (at[0] != type && at[0] != AT_NULL)
        at += 2;
    return at[0] == type ? (uint32_t)at[1] : UINT32_MAX;
}

/* After an exec the saved ids are the effective ones. False when the real ones are others. */
static bool find_ids(struct step_ids *began, const uint64_t *stack)
{
    began->uid = auxiliary(stack, AT_EUID);
    began->gid = auxiliary(stack, AT_EGID);
    return began->uid == auxiliary(stack, AT_UID) && began->gid == auxiliary(stack, AT_GID);
}

/* What others see of it for longer than an instant has its name, and not the file's. */
static void take_name(const struct plan_block *plan)
{
    if (step_find(plan, STEP_SUPERVISE) || step_find(plan, STEP_WAIT_START) ||
        step_find(plan, STEP_JOIN_CONTAINER) || step_find(plan, STEP_MEET))
        sys_prctl(PR_SET_NAME, (long)INIT_NAME, 0, 0, 0);
}

struct relocation {
    uint64_t place, type, addend;
};

/*
 * Of the linker: where it begins, and the places in its data that hold its own addresses. Hidden,
 * for else these may be had from such a place themselves.
 */
#pragma GCC visibility push(hidden)
extern char __ehdr_start[];
extern const struct relocation relocations[], relocations_end[];
#pragma GCC visibility pop

/* Before that nothing may be used that has pointers in it. */
static void relocate(void)
{
    for (const struct relocation *r = relocations; r < relocations_end; r++)
        *(uint64_t *)(__ehdr_start + r->place) = (uint64_t)__ehdr_start + r->addend;
}

/* Behind the arguments and their 0 is the environment: INIT_FIXED, or nothing. */
static int randomize_again(const uint64_t *stack)
{
    long before = stack[stack[0] + 2] ? sys1(SYS_personality, 0) : 0;
    return before < 0 ? (int)before : 0;
}

static void begin(struct memory *m, const struct plan_block *plan)
{
    struct step_walk *w = &m->walk;
    for (size_t i = 0; i < sizeof *m; i++) /* there is no memset(3) */
        ((char *)m)[i] = 0;
    w->plan = plan;
    w->start = block_at(plan, init_start_offset(plan->size));
    w->root = w->layers = w->lot = -1;
    w->socket = INIT_FD_SOCKET;
    w->said = m->said;
    w->user = &m->user;
    w->load_filter = filter_load;
    begin_fds(w, m->fds);
}

_Noreturn void init_main(const uint64_t *stack);
_Noreturn void init_main(const uint64_t *stack)
{
    relocate();
    const struct plan_block *plan = map_plan();
    if (!plan)
        sys_exit(1);
    take_name(plan);
    sys_umask(0);

    struct memory memory;
    struct step_walk *w = &memory.walk;
    struct step_ids began;
    begin(&memory, plan);
    w->began = find_ids(&began, stack) ? &began : NULL;
    int rc = step_detail(w, DETAIL_IMAGE, randomize_again(stack));
    if (rc == 0)
        rc = begin_streams(w);
    if (rc == 0)
        rc = enter_time(w);
    if (rc < 0)
        send_message(w, MESSAGE_FAILED, -rc);
    else
        walk_from(w, 0);
    sys_exit(1);
}

/* The kernel enters here with argc, and what follows it, on the stack. */
#if defined(__x86_64__)
__asm__(".global _start\n"
        "_start:\n  xor %ebp, %ebp\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call init_main\n");
#elif defined(__aarch64__)
__asm__(".global _start\n"
        "_start:\n  mov x29, #0\n  mov x30, #0\n  mov x0, sp\n  b init_main\n");
#endif
