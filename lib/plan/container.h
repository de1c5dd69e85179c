/* SPDX-License-Identifier: MIT */
/*
 * What is running: the handle, and taking back what its start left on the host.
 */
#ifndef PLAN_CONTAINER_H
#define PLAN_CONTAINER_H

#include "plan/plan.h"

struct scratch_container {
    struct scratch_plan *plan;
    struct start_block *start; /* this start's slots */
    struct step_walk walk;     /* the host's walk; its fds are ours to close */
    int fd[STEP_FDS_MAX];
    uint32_t done;                    /* steps before this index have been walked on the host */
    int pidfd;                        /* -1: there is no process, or it has been waited for */
    struct scratch_container *helper; /* the program that is its network, or NULL */
    int terminal;                     /* the master, or -1 */
    int socket;     /* over which scratch-init says that the command has stopped, or -1 */
    int listener;   /* of the system call filter, or -1 */
    int until_exec; /* while starting: a pipe that the command's exec closes, or -1 */
    int status;     /* of the first process, once it has been waited for */
    bool ended;
    struct scratch_container_oom oom; /* kills is 0: there was none */
    int left_errno;                   /* why a host step could not be taken back; 0: all were */
    uint32_t left;                    /* which: its index */
    char said[STEP_SAID];             /* by a program that a host step has run */
};

/* A handle that has started nothing yet. NULL: no memory. The files are those to hand over. */
struct scratch_container *container_new(struct scratch_plan *plan, struct start_block *start,
                                        const int *handed);

/* Take back the host steps, the last first. */
void container_undo(struct scratch_container *container);

/* SIGKILL the first process, wait for it, and take everything back. */
void container_destroy(struct scratch_container *container);

#endif
