/* SPDX-License-Identifier: MIT */
/*
 * Taking back a host step that has been done. 0, or -errno: something is left.
 */
#ifndef STEP_UNDO_H
#define STEP_UNDO_H

#include "step/step.h"

int step_undo(struct step_walk *w, const struct step *step);

/* By kind: */
int state_make_undo(struct step_walk *w, const struct step *step);
int cgroup_above_undo(struct step_walk *w, const struct step *step);
int cgroup_make_undo(struct step_walk *w, const struct step *step);
int namespace_range_undo(struct step_walk *w, const struct step *step);

#endif
