/* SPDX-License-Identifier: MIT */
/*
 * scratch-init as pid 1: it hands signals on to the command, and reaps what is left to it.
 */
#ifndef INIT_REAP_H
#define INIT_REAP_H

/*
 * Run a function in a child that shares this process's memory; returns the child's pid when it has
 * executed a program or ended, or -errno.
 */
int reap_spawn(void (*function)(void *), void *argument);

/*
 * Serve until that child has ended, and end with its status: its own, or 128 + signal.
 *
 * socket is -1, or where to say that the child has stopped: it leads a process group in a
 * terminal's foreground then, and what concerns jobs reaches all of that group. follow is the pidfd
 * of a process with which the child shall end, or -1.
 */
_Noreturn void reap_until(int child, int socket, int follow);

#endif
