/* SPDX-License-Identifier: MIT */
/*
 * A program that helps a container from outside, and ends with it: STEP_NETWORK.
 */
#ifndef PLAN_HELPER_H
#define PLAN_HELPER_H

#include "plan/container.h"

/* Start the program of the step that c->walk is at, and wait until it is ready. */
int helper_start(struct scratch_container *c, struct scratch_error *err);

/* When the container has ended: wait for it. */
void helper_end(struct scratch_container *c);

#endif
