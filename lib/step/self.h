/* SPDX-License-Identifier: MIT */
/*
 * A primitive is the same step run in the caller: a plan of a few steps, and no process.
 */
#ifndef STEP_SELF_H
#define STEP_SELF_H

#include "step/builder.h"

/* A walk that has nothing yet. */
#define STEP_WALK_INIT                                                                             \
    {                                                                                              \
        .root = -1, .layers = -1, .lot = -1, .socket = -1, .child = -1                             \
    }

/*
 * Finish a builder, run its steps in the calling thread, and free it. At the first step that fails
 * those before it are taken back, where they can be, and the builder's error is filled.
 *
 * begun is the builder's own state: 0, or why nothing is to be run. walk may be NULL; else it says
 * afterwards how far it came (index), and what it holds (root, layers).
 */
int step_run_self(struct builder *b, int begun, struct step_walk *walk);

#endif
