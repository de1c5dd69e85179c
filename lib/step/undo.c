/* SPDX-License-Identifier: MIT */
#include "step/undo.h"

/* Fds in slots are closed with the handle, and that undoes a lock. */
static int (*const functions[STEP_KIND_COUNT])(struct step_walk *, const struct step *) = {
    [STEP_STATE] = state_make_undo,
    [STEP_CGROUP_ABOVE] = cgroup_above_undo,
    [STEP_CGROUP_MAKE] = cgroup_make_undo,
    [STEP_ID_RANGE] = namespace_range_undo,
};

int step_undo(struct step_walk *w, const struct step *step)
{
    return functions[step->kind] ? functions[step->kind](w, step) : 0;
}
