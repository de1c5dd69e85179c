/* SPDX-License-Identifier: MIT */
/*
 * The command that every contestant runs: it ends at once, with 0. Without a C library, so that
 * what is measured is the start of a container and not that of a program.
 */
#include "base/sys.h"

_Noreturn void _start(void);
_Noreturn void _start(void)
{
    sys_exit(0);
}
