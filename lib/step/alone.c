/* SPDX-License-Identifier: MIT */
#include "step/alone.h"
#include "step/words.h"

/* It has no place in a plan, and there is no container. */
static int describe(struct scratch_error *err, const struct step_walk *w, int errnum)
{
    int rc = step_error(err, w, errnum);
    if (err) {
        err->side = SCRATCH_SIDE_HOST;
        err->step = err->step_count = 0;
    }
    return rc;
}

int step_alone(struct builder *b, int begun, struct step_walk *w, struct scratch_error *err)
{
    int rc = begun < 0 ? begun : builder_finish(b);
    if (rc == 0) {
        w->plan = (const struct plan_block *)b->block.data;
        w->fd = b->fd;
        for (w->index = 0; rc == 0 && w->index < w->plan->step_count; w->index += rc == 0) {
            rc = step_run(w, step_at(w->plan, w->index));
            if (rc < 0)
                describe(err, w, -rc);
        }
    }
    builder_free(b);
    w->plan = NULL;
    w->fd = NULL;
    return rc;
}
