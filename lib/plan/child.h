/* SPDX-License-Identifier: MIT */
/*
 * The caller's child between clone and exec. It shares the caller's memory while the caller's
 * thread sleeps: it makes raw system calls on what was prepared for it, and nothing else.
 *
 * What it executes is scratch-init, which walks the container's steps; or it walks them in place
 * (in_place.h), and executes the command.
 */
#ifndef PLAN_CHILD_H
#define PLAN_CHILD_H

#include "step/step.h"

enum stream {
    STREAM_OWN = -1, /* the caller's own, where it is open and outlives an exec */
    STREAM_NONE = -2
};

/*
 * What the child is given. It lies in the caller's memory, and the caller goes by it afterwards:
 * the child changes nothing of it but what is handed, and its walk, of which the caller goes by
 * index, detail, item and words.
 */
struct child {
    struct step_walk walk; /* its fds are the caller's numbers; its socket is the child's end, or
                              in place the caller's pidfd */
    const struct clone_args *clone;
    uint32_t begin; /* index of the clone step */
    bool alone;     /* the caller has one thread: nobody else can have copied the socket */
    int stdio[3];   /* or an enum stream */
    int *handed;    /* numbers of what is handed over: a copy, the child's to change */
    int image; /* the memfd of scratch-init, its plan and this start; -1: to be made as a file */
    bool in_place;
    bool executing; /* (in place) nothing is left to do but the exec */
    int rc;         /* (in place) why it has not come to that, or it has failed; or 0 */
};

/* Walk the child's steps, arrange the fds, and execute scratch-init; or walk on in place. */
_Noreturn void child_main(void *child);

#endif
