/* SPDX-License-Identifier: MIT */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <scratch/plan.h>
#include <stdatomic.h>
#include "step/step.h"

struct scratch_plan {
    atomic_uint references; /* the caller's, and one for each container that it started */
    struct plan_block *block;
    struct scratch_error *warnings;
    size_t warning_count;
    int fd[STEP_FDS_MAX];               /* by slot: what belongs to the plan, or -1 */
    _Atomic(struct plan_words *) words; /* made when they are first asked for */
};

void plan_release(struct scratch_plan *plan);

/* A walk over a plan that nobody has started, to describe its steps. */
struct step_walk plan_view(const struct scratch_plan *plan);

#endif
