/* SPDX-License-Identifier: MIT */
/*
 * A primitive: the steps of a container's start, run in the calling process.
 */
#ifndef STEP_ALONE_H
#define STEP_ALONE_H

#include "step/builder.h"

/*
 * Finish a builder and run its steps in the caller, whatever side they name. It stops at the first
 * that fails, and describes that; w->index is its number then. The builder's memory is freed, and
 * w->plan is NULL afterwards. begun is the builder's own state: 0, or why nothing is to be run.
 */
int step_alone(struct builder *b, int begun, struct step_walk *w, struct scratch_error *err);

/* A walk that has nothing yet. */
#define STEP_ALONE_INIT                                                                            \
    {                                                                                              \
        .root = -1, .layers = -1, .socket = -1, .child = -1                                        \
    }

#endif
