/* SPDX-License-Identifier: MIT */
#include "base/clone.h"
#include "base/sys.h"
#include "base/text.h"
#include "hook/run.h"
#include "step/step.h"

#define SIGNAL_KILL  9
#define SIGNAL_CHILD 17
#define SIGNAL_COUNT 64
#define SET_MASK     2 /* the kernel's SIG_SETMASK; <signal.h> defines libc's own types */

/* The outer one holds the inner one's. */
#define INNER_STACK 4096
#define OUTER_STACK (INNER_STACK + 4096)

/* ---- the program ---------------------------------------------------------------------------- */

/* Where the caller has closed its own standard input, it may be in its place already. */
static int take_input(int fd)
{
    if (fd < 0)
        return 0;
    return fd == 0 ? sys_fcntl(fd, F_SETFD, 0) : sys_dup3(fd, 0, 0);
}

/* It complains into a file: one that leaves something running would hold up who reads a pipe. */
static int take_output(int fd)
{
    return fd < 0 ? 0 : sys_dup3(fd, 2, 0);
}

/* Then that goes where the caller's own goes, by a process that may get a SIGPIPE. */
static void pass_on(int fd)
{
    char text[256];
    long at = 0, n;
    while ((n = sys4(SYS_pread64, fd, (long)text, sizeof text, at)) > 0 &&
           sys_write(2, text, (size_t)n) == n)
        at += n;
}

static void execute(void *argument)
{
    static const uint64_t none;
    struct hook_call *call = argument;
    int rc = take_input(call->input);
    if (rc >= 0)
        rc = take_output(call->output);
    if (rc >= 0 && call->directory >= 0)
        rc = sys_fchdir(call->directory);
    if (rc >= 0)
        rc = sys_close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
    if (rc == -EINVAL || rc == -ENOSYS) /* before 5.11: close them at once */
        rc = sys_close_range(3, ~0u, 0);
    for (int signal = 1; signal <= SIGNAL_COUNT; signal++)
        sys_signal_default(signal);
    sys_sigprocmask(SET_MASK, &none, NULL);
    if (rc >= 0 || rc == -ENOSYS)
        rc = sys_execve(call->path, call->argv, call->env);
    call->error = rc;
    sys_exit(1);
}

/* Wait until a process has ended, or for so many seconds: 0 or -ETIMEDOUT. */
static int wait_for(int pidfd, unsigned seconds)
{
    struct {
        int fd;
        short events, revents;
    } end = {pidfd, 1 /* POLLIN */, 0};
    struct {
        int64_t seconds, nanoseconds;
    } left = {seconds, 0}; /* ppoll(2) itself counts it down */
    int ready;
    do
        ready = (int)sys5(SYS_ppoll, (long)&end, 1, seconds ? (long)&left : 0, 0, 0);
    while (ready == -EINTR);
    return ready == 0 ? -ETIMEDOUT : 0;
}

/* In a process of its own: nobody who waits for any child of the caller's takes the status. */
static void execute_and_wait(void *argument)
{
    char stack[INNER_STACK] __attribute__((aligned(16)));
    struct hook_call *call = argument;
    int pidfd = -1;
    struct clone_args arguments = {
        .flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)&pidfd,
        .exit_signal = SIGNAL_CHILD,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = sizeof stack,
    };
    sys_signal_default(SIGNAL_CHILD); /* ignored, the kernel would reap, and tell nobody */
    int pid = clone_call(&arguments, execute, call);
    if (pid < 0) {
        call->error = pid;
        sys_exit(0);
    }
    if (wait_for(pidfd, call->timeout) < 0) {
        call->error = -ETIMEDOUT;
        sys_kill(pid, SIGNAL_KILL);
    }
    while (sys_wait4(pid, &call->status, 0) == -EINTR)
        ;
    if (call->output >= 0)
        pass_on(call->output);
    sys_exit(0);
}

static void reap(int pidfd)
{
    while (sys5(SYS_waitid, 3 /* P_PIDFD */, pidfd, 0, 4 | 0x40000000 /* WEXITED | __WALL */, 0) ==
           -EINTR)
        ;
    sys_close(pidfd);
}

/* Out of the way of the streams, of which a caller may have closed some; -1: it is done without. */
static int make_output(const struct hook_call *call)
{
    static const unsigned flags[] = {1 /* MFD_CLOEXEC */ | 8 /* MFD_NOEXEC_SEAL, Linux 6.3 */, 1};
    int fd = -1, high;
    for (unsigned i = 0; i < sizeof flags / sizeof *flags && call->said && fd < 0; i++)
        fd = (int)sys2(SYS_memfd_create, (long)"hook", flags[i]);
    if (fd < 0)
        return -1;
    high = sys_fcntl(fd, F_DUPFD_CLOEXEC, 3);
    sys_close(fd);
    return high < 0 ? -1 : high;
}

/* The end of it, which says why, in one line. */
static void take_said(struct hook_call *call)
{
    long size = sys3(SYS_lseek, call->output, 0, 2 /* SEEK_END */), room = call->room - 1;
    long n = sys4(SYS_pread64, call->output, (long)call->said, room, size > room ? size - room : 0);
    while (n > 0 && (unsigned char)call->said[n - 1] <= ' ')
        n--;
    call->said[n < 0 ? 0 : n] = '\0';
    for (char *c = call->said; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
}

int hook_run(struct hook_call *call)
{
    static const uint64_t all = ~UINT64_C(0);
    char stack[OUTER_STACK] __attribute__((aligned(16)));
    int pidfd = -1;
    struct clone_args arguments = {
        .flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
        .pidfd = (uint64_t)(uintptr_t)&pidfd,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = sizeof stack,
    };
    uint64_t old;
    call->error = call->status = 0;
    call->output = make_output(call);
    if (call->said)
        call->said[0] = '\0'; /* not what the one before has said */
    if (call->input >= 0)
        sys3(SYS_lseek, call->input, 0, 0);
    sys_sigprocmask(SET_MASK, &all, &old);
    int pid = clone_call(&arguments, execute_and_wait, call);
    sys_sigprocmask(SET_MASK, &old, NULL);
    if (pid >= 0)
        reap(pidfd);
    if (call->output >= 0) {
        take_said(call);
        sys_close(call->output);
    }
    if (pid < 0)
        return pid;
    return call->error ? call->error : call->status ? -ECANCELED : 0;
}

/* ---- the step ------------------------------------------------------------------------------- */

static uint32_t count_of(const struct block_list *list)
{
    return list ? list->count : 0;
}

/* A list as execve(2) wants it: into an array that has room for it, and a NULL. */
static char **fill(char **vector, const struct step_walk *w, const struct block_list *list)
{
    for (uint32_t i = 0; i < count_of(list); i++)
        *vector++ = (char *)block_at(w->plan, list->text[i]);
    return vector + 1;
}

int hook_run_step(struct step_walk *w, const struct step *step, int input)
{
    const struct block_list *arguments = step_list(w, step->text[1]);
    const struct block_list *variables = step_list(w, step->text[2]);
    size_t size = (count_of(arguments) + count_of(variables) + 2) * sizeof(char *);
    char **argv = sys_mmap(NULL, size, 3 /* read, write */, 0x22 /* private, anonymous */, -1, 0);
    if (sys_failed(argv))
        return (int)(long)argv;
    struct hook_call call = {
        .path = step_text(w, step->text[0]),
        .argv = argv,
        .env = fill(argv, w, arguments),
        .input = input,
        .directory = w->in_root ? -1 : w->root, /* -1 on the host; the root until it is entered */
        .timeout = (unsigned)step->num[0],
        .said = w->said,
        .room = STEP_SAID,
    };
    fill((char **)call.env, w, variables);
    int rc = hook_run(&call);
    sys2(SYS_munmap, (long)argv, (long)size);
    w->item = hook_status(&call);
    if (rc == -ECANCELED)
        return step_detail(w, DETAIL_HOOK, rc);
    return step_detail(w, rc == -ETIMEDOUT ? DETAIL_HOOK_TIME : DETAIL_COMMAND, rc);
}

/* In the container. The state is in a file that the caller has written. */
int hook_step(struct step_walk *w, const struct step *step)
{
    return hook_run_step(w, step, w->fd[step->fd[0]]);
}
