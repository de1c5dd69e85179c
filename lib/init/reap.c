/* SPDX-License-Identifier: MIT */
#include "init/reap.h"
#include "base/clone.h"
#include "base/sys.h"

#define SIGNAL_CHILD 17
#define WAIT_NO_HANG 1

int reap_spawn(void (*function)(void *), void *argument)
{
    static char stack[16384] __attribute__((aligned(16)));
    struct clone_args arguments = {
        .flags = CLONE_VM | CLONE_VFORK,
        .exit_signal = SIGNAL_CHILD,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = sizeof stack,
    };
    sys_signal_default(SIGNAL_CHILD); /* ignored, the kernel would reap, and tell nobody */
    return clone_call(&arguments, function, argument);
}

static bool exited(int status)
{
    return (status & 0x7f) == 0;
}

static void reap(int child)
{
    int status, pid;
    while ((pid = sys_wait4(-1, &status, WAIT_NO_HANG)) > 0)
        if (pid == child)
            sys_exit(exited(status) ? status >> 8 & 0xff : 128 + (status & 0x7f));
    if (pid < 0) /* no children: never so while the command runs, but then there is no end */
        sys_exit(1);
}

_Noreturn void reap_until(int child)
{
    static const uint64_t all = ~UINT64_C(0);
    for (;;) {
        int signal = sys_sigtimedwait(&all, NULL);
        if (signal == SIGNAL_CHILD)
            reap(child);
        else if (signal > 0)
            sys_kill(child, signal);
    }
}
