/* SPDX-License-Identifier: MIT */
#ifndef NAMESPACE_WRITE_H
#define NAMESPACE_WRITE_H

#include "step/step.h"

/* Write what a step has as STEP_ID_MAPS_OF has it to the files of a process. */
int maps_write(const struct step_walk *w, const struct step *step, int pid);

#endif
