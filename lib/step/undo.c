/* SPDX-License-Identifier: MIT */
#include "step/undo.h"

/* Fds in slots are closed with the handle, and that undoes a lock. */
static void (*const functions[STEP_KIND_COUNT])(struct step_walk *, const struct step *) = {
    [STEP_CGROUP_MAKE] = cgroup_make_undo,
};

void step_undo(struct step_walk *w, const struct step *step)
{
    if (functions[step->kind])
        functions[step->kind](w, step);
}
