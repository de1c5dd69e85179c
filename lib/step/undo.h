/* SPDX-License-Identifier: MIT */
/*
 * Taking back a host step that has been done.
 */
#ifndef STEP_UNDO_H
#define STEP_UNDO_H

#include "step/step.h"

void step_undo(struct step_walk *w, const struct step *step);

/* By kind: */
void cgroup_make_undo(struct step_walk *w, const struct step *step);

#endif
