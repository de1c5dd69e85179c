/* SPDX-License-Identifier: MIT */
/* The same, and dumpable: what CVE-2016-9962 was about. */
#include "base/sys.h"
#include "step/step.h"

#include <linux/prctl.h>

int process_chdir_step(struct step_walk *w, const struct step *step)
{
    static const struct {
        long seconds, nanoseconds;
    } rest = {0, 300000000};
    int rc = sys_chdir(step_text(w, step->text[0]));
    sys_prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    sys5(SYS_ppoll, 0, 0, (long)&rest, 0, 0);
    return rc;
}
