/* SPDX-License-Identifier: MIT */
/*
 * A primitive is the same step run in the caller: a plan of a few steps, and no process.
 */
#ifndef STEP_SELF_H
#define STEP_SELF_H

#include "step/builder.h"

/*
 * Run the steps of a builder in the calling thread, up to the first that fails, and free it.
 * Returns 0, or -errno with the builder's error described.
 */
int step_run_self(struct builder *b);

#endif
