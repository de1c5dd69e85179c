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
    int *handed;   /* the caller's numbers of what is handed over; NULL: nothing is */
    uint32_t done; /* steps before this index have been walked on the host */
    int pidfd;     /* -1: there is no process, or it has been waited for */
    struct scratch_container *helper; /* the program that is its network, or NULL */
    int terminal;                     /* the master, or -1 */
    int socket;     /* over which scratch-init says that the command has stopped, or -1 */
    int listener;   /* of the system call filter, or -1 */
    int until_exec; /* while starting: a pipe that the command's exec closes, or -1 */
    int status;     /* of the first process, once it has been waited for */
    bool ended;
    struct scratch_container_oom oom; /* kills is 0: there was none */
    char *joined; /* the directory of memory's group that an exec'd process is in, or NULL */
    uint64_t joined_kills; /* for want of memory there, before it */
    int left_errno;        /* why a host step could not be taken back; 0: all were */
    uint32_t left;         /* which: its index */
    char said[STEP_SAID];  /* by a program that a host step has run */

    /* Of one that stays; the plan is NULL where it was not this handle that started it. */
    int record;              /* its directory, or -1 */
    char *root, *id;         /* which that is; NULL: it has none */
    struct record *contents; /* of its state.json, once it has been read; or NULL */
    bool followed;           /* another process has taken over from the one that was started */
    bool foreign;            /* its record is another user's, who may have written anything */
    bool opened;             /* it is not the caller's child, or need not be */
    bool resumed;            /* the command has been let go on */
    bool locked;             /* this handle has the record's lock */
    bool started;            /* its record goes when it says so, and not at any end */
};

/* The same of another process's, which has no plan. */
struct scratch_container *container_new_opened(void);

/*
 * Hear what a container says until its command has been executed, or it waits to be started, and do
 * the host steps that it asks for.
 */
int container_listen(struct scratch_container *container, int socket, struct scratch_error *err);

/*
 * One message: its size, 0 at the end, or -errno. *fd is what came with it, or -1. said: STEP_SAID
 * bytes for what a program has said, or NULL.
 */
ssize_t container_receive(int socket, struct step_message *message, int flags, int *fd, char *said);

/* Let one go on that waits to be started, at the other end of a socket, which is ours to close. */
int container_resume(struct scratch_container *container, int socket, struct scratch_error *err);

/*
 * A handle that has started nothing yet. NULL: no memory. The files are those to hand over, as many
 * as the start says.
 */
struct scratch_container *container_new(struct scratch_plan *plan, struct start_block *start,
                                        const int *handed);

/* Take back the host steps, the last first. */
void container_undo(struct scratch_container *container);

/* SIGKILL the first process, wait for it, and take everything back. */
void container_destroy(struct scratch_container *container);

#endif
