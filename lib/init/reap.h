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

/* Each fd may be -1. */
struct reap {
    int child;     /* its pid */
    int socket;    /* where to say that it has stopped: it leads a process group in a terminal's
                      foreground then, and what concerns jobs reaches all of that group */
    int follow;    /* the pidfd of a process with which it shall end */
    int exit_file; /* where its status is written */
    int terminal;  /* the other end of its terminal, and where goes what is written to that */
    int log;
};

/* Serve until the child has ended, and end with its status: its own, or 128 + signal. */
_Noreturn void reap_until(struct reap r);

#endif
