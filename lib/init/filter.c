/* SPDX-License-Identifier: MIT */
#include "init/filter.h"
#include "base/clone.h"
#include "base/rights.h"
#include "base/sys.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>

/* ---- the thread that speaks ----------------------------------------------------------------- */

struct speaker {
    int say; /* 1: there is a message to be sent; the walker waits until it is 0 */
    int socket;
    int fd;           /* that goes with it, or -1 */
    int rc;           /* of sending it */
    const char *said; /* of a failure; or NULL */
    struct step_message message;
    char stack[4096] __attribute__((aligned(16)));
};

int filter_send(int socket, const struct step_message *message, const char *said)
{
    struct iovec data[2] = {{(void *)message, sizeof *message}, {(void *)said, 0}};
    struct msghdr header = {.msg_iov = data, .msg_iovlen = 2};
    while (said && said[data[1].iov_len])
        data[1].iov_len++;
    return (int)sys3(SYS_sendmsg, socket, (long)&header, MSG_NOSIGNAL);
}

static void nap(void)
{
    static const struct {
        long seconds, nanoseconds;
    } a_moment = {0, 10000};
    sys5(SYS_ppoll, 0, 0, (long)&a_moment, 0, 0);
}

/* It ends with the exec, which ends all other threads; or here, when that failed. */
static void speak(void *speaker)
{
    struct speaker *s = speaker;
    for (;;) {
        while (!__atomic_load_n(&s->say, __ATOMIC_ACQUIRE))
            nap();
        bool last = s->message.type == MESSAGE_FAILED;
        if (s->fd >= 0)
            s->rc = rights_send(s->socket, &s->message, sizeof s->message, s->fd);
        else
            s->rc = filter_send(s->socket, &s->message, s->said);
        __atomic_store_n(&s->say, 0, __ATOMIC_RELEASE);
        if (last)
            sys_exit(1); /* of all threads: the filter may forbid the walker even that */
    }
}

static int begin(struct step_walk *w)
{
    struct speaker *s = sys_map_anew(sizeof *s);
    if (sys_failed(s))
        return (int)(long)s;
    struct clone_args arguments = {
        .flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
        .stack = (uint64_t)(uintptr_t)s->stack,
        .stack_size = sizeof s->stack,
    };
    int rc = clone_call(&arguments, speak, s);
    w->speaker = rc < 0 ? NULL : s;
    return rc < 0 ? rc : 0;
}

/*
 * The walker waits without a system call: the filter may forbid any. Its socket has another number
 * once files have been handed over.
 */
static int say(const struct step_walk *w, const struct step_message *message, int fd)
{
    struct speaker *s = w->speaker;
    s->socket = w->socket;
    s->message = *message;
    s->said = message->type == MESSAGE_FAILED ? w->said : NULL;
    s->fd = fd;
    __atomic_store_n(&s->say, 1, __ATOMIC_RELEASE);
    while (__atomic_load_n(&s->say, __ATOMIC_ACQUIRE))
        continue;
    return s->rc;
}

bool filter_say(const struct step_walk *w, const struct step_message *message, int *rc)
{
    if (w->speaker)
        *rc = say(w, message, -1);
    return w->speaker;
}

/* ---- the filter ----------------------------------------------------------------------------- */

/*
 * What can be said before the filter is there is said by the walker itself. Waiting for the thread
 * takes a processor, and on a busy machine the thread's turn may be long in coming.
 */
static int say_before(struct step_walk *w, bool last, const int *until_exec)
{
    struct step_message message = {.type = MESSAGE_UNTIL_EXEC, .step = w->index};
    int rc = until_exec ? rights_send(w->socket, &message, sizeof message, *until_exec) : 0;
    message.type = MESSAGE_EXEC;
    if (rc == 0 && last)
        rc = (int)sys6(SYS_sendto, w->socket, (long)&message, sizeof message, MSG_NOSIGNAL, 0, 0);
    return rc < 0 ? rc : 0;
}

int filter_load(struct step_walk *w, const struct step *step)
{
    struct step_message message = {.type = MESSAGE_LISTENER, .step = w->index};
    bool listens = step->num[1] & SECCOMP_FILTER_FLAG_NEW_LISTENER;
    int ends[2] = {-1, -1};
    int rc = listens ? (int)sys2(SYS_pipe2, (long)ends, O_CLOEXEC) : 0;
    if (rc == 0)
        rc = say_before(w, step->num[2] == SECCOMP_BEFORE_EXEC, listens ? &ends[0] : NULL);
    if (rc == 0)
        rc = begin(w);
    if (rc == 0)
        rc = step_run(w, step);
    if (rc < 0 || !listens)
        return rc;
    say(w, &message, rc); /* the kernel has made it close-on-exec */
    return 0;
}

/* ---- pid 1 ---------------------------------------------------------------------------------- */

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

#define LOAD(member)                                                                               \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, __builtin_offsetof(struct seccomp_data, member))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define WHERE(value, skip)  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, skip, 0)

void filter_confine(void)
{
    static const struct sock_filter reaper[] = {
        LOAD(arch),
        UNLESS(ARCH, 6),
        LOAD(nr),
        WHERE(SYS_rt_sigtimedwait, 5),
        WHERE(SYS_wait4, 4),
        WHERE(SYS_kill, 3),
        WHERE(SYS_sendto, 2), /* that the command has stopped */
        WHERE(SYS_exit_group, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof reaper / sizeof *reaper,
                                       (struct sock_filter *)reaper};
    sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    sys3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, (long)&program);
}
