/* SPDX-License-Identifier: MIT */
/*
 * A scratch-init that rests shortly before the exec, when it has no more privileges than the
 * processes inside. It gives an attack the time that it otherwise would have to be lucky for; no
 * defence is missing.
 */
#include "base/sys.h"
#include "step/step.h"

int process_chdir_step(struct step_walk *w, const struct step *step)
{
    static const struct {
        long seconds, nanoseconds;
    } rest = {0, 300000000};
    int rc = sys_chdir(step_text(w, step->text[0]));
    sys5(SYS_ppoll, 0, 0, (long)&rest, 0, 0);
    return rc;
}
