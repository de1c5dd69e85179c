/* SPDX-License-Identifier: MIT */
#ifndef PLAN_WORDS_H
#define PLAN_WORDS_H

#include "plan/plan.h"

void plan_free_words(struct scratch_plan *plan);

#endif
