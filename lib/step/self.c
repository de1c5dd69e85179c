/* SPDX-License-Identifier: MIT */
#include "step/self.h"
#include "step/undo.h"
#include "step/words.h"

#include <stddef.h>

static void undo(struct step_walk *w)
{
    uint32_t failed = w->index;
    while (w->index-- > 0)
        step_undo(w, step_at(w->plan, w->index));
    w->index = failed;
}

static int walk_all(struct step_walk *w, struct scratch_error *err)
{
    for (w->index = 0; w->index < w->plan->step_count; w->index++) {
        int rc = step_run_host(w, step_at(w->plan, w->index));
        if (rc < 0) {
            step_error(err, w, -rc);
            if (err) /* whatever side the step has in a plan */
                err->side = SCRATCH_SIDE_HOST;
            undo(w);
            return rc;
        }
    }
    return 0;
}

int step_run_self(struct builder *b, int begun, struct step_walk *walk)
{
    struct step_walk own = STEP_WALK_INIT;
    struct step_walk *w = walk ? walk : &own;
    int rc = begun < 0 ? begun : builder_finish(b);
    if (rc == 0) {
        w->plan = (const struct plan_block *)b->block.data;
        w->fd = b->fd;
        rc = walk_all(w, b->err);
    }
    builder_free(b);
    w->plan = NULL;
    w->fd = NULL;
    return rc;
}
