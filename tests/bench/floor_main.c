/* SPDX-License-Identifier: MIT */
/*
 * The floor as a program:
 *
 *     bench-floor VARIANT v1|v2 GROUP ROOT COMMAND [ARG…]
 *
 * Without a C library, whose start would cost more than several of the steps.
 */
#include "floor.h"
#include "base/sys.h"
#include "base/text.h"

#define FAILED 125

static const char usage[] =
    "usage: bench-floor min|full|seccomp|lowerdir=... v1|v2 GROUP ROOT COMMAND [ARG...]\n";

static _Noreturn void fail(const char *why)
{
    sys_write(2, why, text_length(why));
    sys_exit(FAILED);
}

_Noreturn void floor_main(long *stack);
_Noreturn void floor_main(long *stack)
{
    char **argv = (char **)(stack + 1);
    if (stack[0] < 6)
        fail(usage);
    struct floor_options options = {
        .v2 = text_equal(argv[2], "v2"),
        .group = argv[3],
        .root = argv[4],
        .argv = argv + 5,
    };
    if (!floor_is(&options, argv[1]))
        fail(usage);
    int status = floor_start(&options);
    if (status < 0)
        fail("bench-floor: a system call failed; strace -f shows which\n");
    sys_exit(status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff);
}

/* The kernel enters here with the number of arguments, and the arguments, on the stack. */
#if defined(__x86_64__)
__asm__(".global _start\n_start:\n  xor %ebp, %ebp\n  mov %rsp, %rdi\n  and $-16, %rsp\n"
        "  call floor_main\n");
#elif defined(__aarch64__)
__asm__(".global _start\n_start:\n  mov x29, #0\n  mov x30, #0\n  mov x0, sp\n  b floor_main\n");
#endif
