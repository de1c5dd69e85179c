/* SPDX-License-Identifier: MIT */
/*
 * clone3(2) whose child runs a function on a stack of its own.
 */
#ifndef BASE_CLONE_H
#define BASE_CLONE_H

#include "base/sys.h"

/* A system call whose child calls a function, on the stack that the call gave it. */
static inline long clone_raw(long nr, long a, long b, long c, void (*function)(void *),
                             void *argument)
{
#if defined(__x86_64__)
    register long r10 __asm__("r10") = 0;
    register long r8 __asm__("r8") = 0;
    long ret;
    __asm__ volatile("syscall\n"
                     "  test %%rax, %%rax\n"
                     "  jnz 1f\n"
                     "  mov %[argument], %%rdi\n"
                     "  call *%[function]\n"
                     "  ud2\n"
                     "1:"
                     : "=a"(ret)
                     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10),
                       "r"(r8), [function] "r"(function), [argument] "r"(argument)
                     : "rcx", "r11", "memory");
    return ret;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = nr;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = 0;
    register long x4 __asm__("x4") = 0;
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

/* What only clone3(2) can: a group to begin in; a time namespace, whose flag is in the signal. */
#define CLONE3_ONLY (CLONE_INTO_CGROUP | CLONE_NEWTIME)

/*
 * With CLONE_VM the child shares the caller's memory, and must not touch the caller's stack: so it
 * begins on arguments->stack and may not return. All signals must be blocked in the caller.
 *
 * Sandboxes may refuse clone3(2), whose flags a filter cannot see, with ENOSYS or EPERM; clone(2)
 * does the same then. CLONE_CLEAR_SIGHAND is not missed: no signal comes through until the child's
 * exec, and that resets handlers too.
 */
static inline int clone_call(struct clone_args *arguments, void (*function)(void *), void *argument)
{
    long rc = clone_raw(SYS_clone3, (long)arguments, sizeof *arguments, 0, function, argument);
    if ((rc != -ENOSYS && rc != -EPERM) || arguments->flags & CLONE3_ONLY)
        return (int)rc;
    uint64_t flags = (arguments->flags & ~CLONE_CLEAR_SIGHAND) | arguments->exit_signal;
    uint64_t top = arguments->stack + arguments->stack_size;
    return (int)clone_raw(SYS_clone, (long)flags, (long)top, (long)arguments->pidfd, function,
                          argument);
}

#endif
