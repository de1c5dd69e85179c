/* SPDX-License-Identifier: MIT */
/*
 * clone3(2) whose child runs a function; clone(2) where a sandbox refuses clone3.
 */
#ifndef BASE_CLONE_H
#define BASE_CLONE_H

#include "base/sys.h"

/*
 * One of the clone calls. In the child, the function is called and may not return: with CLONE_VM
 * on the stack that was given, else on a copy of the caller's, below what the caller's frame may
 * keep there without moving the stack pointer (the x86-64 ABI's red zone).
 */
static inline long clone_raw(const long call[6], void (*function)(void *), void *argument)
{
#if defined(__x86_64__)
    register long r10 __asm__("r10") = call[4];
    register long r8 __asm__("r8") = call[5];
    long ret;
    __asm__ volatile("syscall\n"
                     "  test %%rax, %%rax\n"
                     "  jnz 1f\n"
                     "  sub $128, %%rsp\n"
                     "  and $-16, %%rsp\n"
                     "  mov %[argument], %%rdi\n"
                     "  call *%[function]\n"
                     "  ud2\n"
                     "1:"
                     : "=a"(ret)
                     : "a"(call[0]), "D"(call[1]), "S"(call[2]), "d"(call[3]), "r"(r10),
                       "r"(r8), [function] "r"(function), [argument] "r"(argument)
                     : "rcx", "r11", "memory");
    return ret;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = call[0];
    register long x0 __asm__("x0") = call[1];
    register long x1 __asm__("x1") = call[2];
    register long x2 __asm__("x2") = call[3];
    register long x3 __asm__("x3") = call[4];
    register long x4 __asm__("x4") = call[5];
    __asm__ volatile("svc 0\n"
                     "  cbnz x0, 1f\n"
                     "  mov x29, #0\n"
                     "  mov x0, %[argument]\n"
                     "  blr %[function]\n"
                     "  brk #0\n"
                     "1:"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3),
                       "r"(x4), [function] "r"(function), [argument] "r"(argument)
                     : "memory", "x30");
    return x0;
#endif
}

/*
 * What a child without CLONE_CLEAR_SIGHAND is given. It has no variables of its own: a sanitizer
 * would take them for the caller's, since it never returns.
 */
struct clone_cleared {
    void (*function)(void *);
    void *argument;
    struct {
        uintptr_t handler;
        unsigned long flags;
        void *restorer;
        uint64_t mask;
    } action;
};

/* What CLONE_CLEAR_SIGHAND does: no handler of the caller's is left, what is ignored stays so. */
static inline void clone_clear_handlers(void *cleared)
{
    struct clone_cleared *c = (struct clone_cleared *)cleared;
    for (int signal = 1; signal <= 64; signal++)
        if (sys_sigaction(signal, NULL, &c->action) == 0 && c->action.handler > 1 /* SIG_IGN */)
            sys_signal_default(signal);
    c->function(c->argument);
}

/*
 * The same by clone(2), whose pidfd is where a thread's id would go. The child makes up for what
 * there is no bit for: for CLONE_CLEAR_SIGHAND here, from what is on the stack of a caller that
 * sleeps (CLONE_VFORK); for CLONE_NEWTIME, whose place the exit signal has, and CLONE_INTO_CGROUP
 * itself, by what is no longer in arguments->flags. A cgroup namespace is made after the group was
 * joined.
 */
static inline long clone_older(struct clone_args *arguments, void (*function)(void *),
                               void *argument)
{
    struct clone_cleared cleared = {.function = function, .argument = argument};
    if (arguments->flags & CLONE_CLEAR_SIGHAND) {
        function = clone_clear_handlers;
        argument = &cleared;
    }
    if (arguments->flags & CLONE_INTO_CGROUP)
        arguments->flags &= ~(uint64_t)(CLONE_INTO_CGROUP | CLONE_NEWCGROUP);
    arguments->flags &= ~(uint64_t)(CLONE_CLEAR_SIGHAND | CLONE_NEWTIME);
    long flags = (long)(arguments->flags | arguments->exit_signal);
    long stack = (long)(arguments->stack + arguments->stack_size);
    long tid = (long)arguments->child_tid;
#if defined(__x86_64__)
    const long call[6] = {SYS_clone, flags, stack, (long)arguments->pidfd, tid, 0};
#elif defined(__aarch64__)
    const long call[6] = {SYS_clone, flags, stack, (long)arguments->pidfd, 0, tid};
#endif
    return clone_raw(call, function, argument);
}

/*
 * Make a child that runs a function. With CLONE_VM it shares the caller's memory, and must not
 * touch the caller's stack: it begins on arguments->stack. Returns its pid or -errno. Sandboxes
 * refuse clone3(2), whose flags a filter cannot see, with ENOSYS or EPERM.
 *
 * The kernel writes the number of a pidfd before all else that can fail, and leaves it there: by
 * then it may be another thread's, whose file would be closed, or whose process killed.
 */
static inline int clone_call(struct clone_args *arguments, void (*function)(void *), void *argument)
{
    const long call[6] = {SYS_clone3, (long)arguments, sizeof *arguments, 0, 0, 0};
    long pid = clone_raw(call, function, argument);
    if (pid == -ENOSYS || pid == -EPERM)
        pid = clone_older(arguments, function, argument);
    if (pid < 0 && arguments->pidfd)
        *(int *)(uintptr_t)arguments->pidfd = -1;
    return (int)pid;
}

/*
 * Enter the time namespace that the process has made for its children, when it has been given its
 * offsets: they are fixed as soon as a process is in it. From Linux 6.3 exec enters it as well.
 */
static inline int clone_enter_time(void)
{
    int fd = sys_openat(AT_FDCWD, "/proc/self/ns/time_for_children", O_RDONLY, 0);
    if (fd < 0)
        return fd;
    int rc = sys_setns(fd, CLONE_NEWTIME);
    sys_close(fd);
    return rc;
}

#endif
