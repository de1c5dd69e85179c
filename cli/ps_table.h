/* SPDX-License-Identifier: MIT */
/*
 * Processes as ps(1) shows them.
 */
#ifndef CLI_PS_TABLE_H
#define CLI_PS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Let ps(1) list all processes with these options (none: -ef), and print its header and the lines
 * of some. False: there is no such program here, and nothing has been printed.
 */
bool ps_table(char *const *options, const pid_t *pids, size_t count);

#endif
