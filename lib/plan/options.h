/* SPDX-License-Identifier: MIT */
#ifndef PLAN_OPTIONS_H
#define PLAN_OPTIONS_H

#include "plan/plan.h"

/* Check a start's options, and lay out its slots; *start is the caller's to free(3). */
int start_options_take(const struct scratch_plan *plan, const struct scratch_start_options *given,
                       struct scratch_start_options *options, struct start_block **start,
                       struct scratch_error *err);

#endif
