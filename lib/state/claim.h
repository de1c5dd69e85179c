/* SPDX-License-Identifier: MIT */
/*
 * A container's name is its own while it is there.
 */
#ifndef STATE_CLAIM_H
#define STATE_CLAIM_H

#include "step/builder.h"

/* A host step: no other container of this user's has the start's id. */
int state_compile_claim(struct builder *b);

/* Remove the claims that nobody holds any more. Returns how many there were. */
int state_sweep(void);

#endif
