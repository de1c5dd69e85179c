/* SPDX-License-Identifier: MIT */
#include "namespace/spawn.h"
#include "base/clone.h"
#include "step/step.h"

#include <sys/socket.h>
#include <sys/wait.h>

#define SIGNAL_CHILD 17
#define SET_MASK     2 /* the kernel's SIG_SETMASK; <signal.h> defines libc's own types */

/* The outer one holds the inner one's. */
#define INNER_STACK 4096
#define OUTER_STACK (INNER_STACK + 12288)

/* ---- a child -------------------------------------------------------------------------------- */

/* pidfd: where the kernel puts one. All signals stay blocked: their handlers are the caller's. */
static int make(void (*function)(void *), void *argument, uint64_t flags, uint64_t pidfd)
{
    static const uint64_t all = ~UINT64_C(0);
    char stack[OUTER_STACK] __attribute__((aligned(16)));
    struct clone_args arguments = {
        .flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND | flags,
        .pidfd = pidfd,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = sizeof stack,
    };
    uint64_t old;
    sys_sigprocmask(SET_MASK, &all, &old);
    int pid = clone_call(&arguments, function, argument);
    sys_sigprocmask(SET_MASK, &old, NULL);
    return pid;
}

void spawn_reap(int pidfd)
{
    while (sys5(SYS_waitid, P_PIDFD, pidfd, 0, WEXITED | __WALL, 0) == -EINTR)
        ;
    sys_close(pidfd);
}

static void end(void *argument)
{
    (void)argument;
    sys_exit(0);
}

int spawn_user_namespace(int *pidfd)
{
    return make(end, NULL, CLONE_NEWUSER, (uint64_t)(uintptr_t)pidfd);
}

/* ---- namespaces that nothing runs in --------------------------------------------------------- */

/* The child's table of fds is the caller's: what it opens last stays open there. */
struct made {
    struct step_walk *walk;
    int fd; /* or -errno */
};

static int wait_for_made(void (*function)(void *), struct made *made, uint64_t flags)
{
    int pidfd = -1;
    made->fd = -ECANCELED;
    int pid = make(function, made, flags | CLONE_FILES, (uint64_t)(uintptr_t)&pidfd);
    if (pid < 0)
        return pid;
    spawn_reap(pidfd);
    return made->fd;
}

static void open_network(void *argument)
{
    struct made *made = argument;
    namespace_loopback_step(NULL, NULL); /* not there, it is missed by few */
    int socket = (int)sys3(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    made->fd = socket < 0 ? socket : (int)sys3(SYS_ioctl, socket, 0x894c /* SIOCGSKNS */, 0);
    if (socket >= 0)
        sys_close(socket);
    sys_exit(0);
}

int spawn_network_namespace(void)
{
    struct made made;
    return wait_for_made(open_network, &made, CLONE_NEWNET);
}

struct entered {
    struct made made; /* as wait_for_made() has it */
    int network;
};

static void open_netlink(void *argument)
{
    struct entered *e = argument;
    int rc = sys_setns(e->network, CLONE_NEWNET);
    if (rc == 0)
        rc = (int)sys3(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0 /* NETLINK_ROUTE */);
    e->made.fd = rc;
    sys_exit(0);
}

int spawn_netlink(int network)
{
    struct entered e = {.network = network};
    return wait_for_made(open_netlink, &e.made, 0);
}

static int walk_all(struct step_walk *w)
{
    int rc = 0;
    for (w->index = 0; rc == 0 && w->index < w->plan->step_count; w->index += rc == 0)
        rc = step_run(w, step_at(w->plan, w->index));
    return rc == 0 && w->lot >= 0 ? -ENOSYS : rc; /* it would stay in there */
}

/* /proc is the host's as long as the old root is there. */
static void open_mounts(void *argument)
{
    struct made *made = argument;
    int fd = sys_openat(AT_FDCWD, "/proc/self/ns/mnt", O_RDONLY, 0);
    int rc = fd < 0 ? fd : walk_all(made->walk);
    if (made->walk->root >= 0)
        sys_close(made->walk->root);
    if (made->walk->lot >= 0)
        sys_close(made->walk->lot);
    if (rc < 0 && fd >= 0)
        sys_close(fd);
    made->fd = rc < 0 ? rc : fd;
    sys_exit(0);
}

int spawn_mount_namespace(struct step_walk *w)
{
    struct made made = {.walk = w};
    return wait_for_made(open_mounts, &made, CLONE_NEWNS);
}

/* ---- a program ------------------------------------------------------------------------------ */

static void execute(void *argument)
{
    static const uint64_t none;
    static char *const environment[] = {NULL};
    struct spawn *s = argument;
    int rc = sys_dup3(s->said, 2, 0);
    if (rc >= 0)
        rc = sys_dup3(s->null, 0, 0);
    if (rc >= 0)
        rc = sys_dup3(s->null, 1, 0);
    if (rc >= 0)
        rc = sys_close_range(3, ~0u, 0);
    if (rc >= 0)
        rc = sys_sigprocmask(SET_MASK, &none, NULL);
    if (rc >= 0)
        rc = sys_execve(s->argv[0], s->argv, environment);
    s->error = rc;
    sys_exit(1);
}

static void execute_and_wait(void *argument)
{
    char stack[INNER_STACK] __attribute__((aligned(16)));
    struct spawn *s = argument;
    struct clone_args arguments = {
        .flags = CLONE_VM | CLONE_VFORK,
        .exit_signal = SIGNAL_CHILD,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = sizeof stack,
    };
    sys_signal_default(SIGNAL_CHILD); /* ignored, the kernel would reap, and tell nobody */
    int pid = clone_call(&arguments, execute, s);
    if (pid < 0)
        s->error = pid;
    while (pid >= 0 && sys_wait4(pid, &s->status, 0) == -EINTR)
        ;
    sys_exit(0);
}

int spawn_program(struct spawn *s)
{
    int pidfd = -1;
    s->error = s->status = 0;
    int pid = make(execute_and_wait, s, 0, (uint64_t)(uintptr_t)&pidfd);
    if (pid < 0)
        return pid;
    spawn_reap(pidfd);
    return s->error;
}
