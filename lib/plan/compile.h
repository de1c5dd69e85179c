/* SPDX-License-Identifier: MIT */
#ifndef PLAN_COMPILE_H
#define PLAN_COMPILE_H

#include "plan/plan.h"
#include "step/builder.h"

/* The plan of a builder that all steps have been put into (rc is 0), or rc, and nothing is left. */
int plan_finish(struct builder *b, int rc, scratch_plan **plan);

#endif
