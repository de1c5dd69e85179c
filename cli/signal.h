/* SPDX-License-Identifier: MIT */
#ifndef CLI_SIGNAL_H
#define CLI_SIGNAL_H

#include <scratch/error.h>

/* "9", "KILL", "SIGKILL", "SIGRTMIN+1" as a number; -EINVAL: there is no such signal. */
int signal_parse(const char *text, int *number, struct scratch_error *err);

#endif
