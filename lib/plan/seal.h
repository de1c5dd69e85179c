/* SPDX-License-Identifier: MIT */
#ifndef PLAN_SEAL_H
#define PLAN_SEAL_H

#include <stdbool.h>

/*
 * Whether this process executes what nobody can write. Otherwise a command that is a script with
 * the interpreter /proc/self/exe is, when it is executed in place, this program: the host's file,
 * which it can open, keep, and write when it is not executed any more (CVE-2019-5736).
 */
bool seal_is_there(void);

#endif
