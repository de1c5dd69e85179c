/* SPDX-License-Identifier: MIT */
/*
 * clone3(2) whose child runs a function on a stack of its own.
 */
#ifndef BASE_CLONE_H
#define BASE_CLONE_H

#include "base/sys.h"

/*
 * With CLONE_VM the child shares the caller's memory, and must not touch the caller's stack: so it
 * begins on arguments->stack and may not return. Without clone3 (sandboxes that refuse it),
 * clone(2) does the same, but for CLONE_INTO_CGROUP and CLONE_NEWTIME.
 */
static inline int clone_call(struct clone_args *arguments, void (*function)(void *), void *argument)
{
    long ret;
#if defined(__x86_64__)
    __asm__ volatile("syscall\n"
                     "  test %%rax, %%rax\n"
                     "  jnz 1f\n"
                     "  mov %[argument], %%rdi\n"
                     "  call *%[function]\n"
                     "  ud2\n"
                     "1:"
                     : "=a"(ret)
                     : "a"(SYS_clone3), "D"(arguments),
                       "S"(sizeof *arguments), [function] "r"(function), [argument] "r"(argument)
                     : "rcx", "r11", "memory");
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = SYS_clone3;
    register long x0 __asm__("x0") = (long)arguments;
    register long x1 __asm__("x1") = sizeof *arguments;
    __asm__ volatile("svc 0\n"
                     "  cbnz x0, 1f\n"
                     "  mov x29, #0\n"
                     "  mov x0, %[argument]\n"
                     "  blr %[function]\n"
                     "  brk #0\n"
                     "1:"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), [function] "r"(function), [argument] "r"(argument)
                     : "memory", "x30");
    ret = x0;
#endif
    return (int)ret;
}

#endif
