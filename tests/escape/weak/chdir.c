/* SPDX-License-Identifier: MIT */
/* A scratch-init that takes any working directory, as runc did before CVE-2024-21626. */
#include "base/sys.h"
#include "step/step.h"

int process_chdir_step(struct step_walk *w, const struct step *step)
{
    return sys_chdir(step_text(w, step->text[0]));
}
