/* SPDX-License-Identifier: MIT */
/*
 * What a plan says of its steps: made when it is first asked for, because starting a container
 * needs none of it; kept as long as the plan, because callers are lent the strings.
 */
#ifndef PLAN_WORDS_H
#define PLAN_WORDS_H

#include "plan/plan.h"

/* An array, one for each step; NULL: no memory. Thread-safe. */
const struct scratch_step *plan_words(const struct scratch_plan *plan);

void plan_free_words(struct scratch_plan *plan);

#endif
