/* SPDX-License-Identifier: MIT */
#include "step/self.h"
#include "step/words.h"

static int run(struct builder *b)
{
    struct step_walk w = {
        .plan = (const struct plan_block *)b->block.data,
        .fd = b->fd,
        .root = -1,
        .layers = -1,
        .socket = -1,
    };
    for (; w.index < w.plan->step_count; w.index++) {
        int rc = step_run(&w, step_at(w.plan, w.index));
        if (rc < 0)
            return step_error(b->err, &w, -rc);
    }
    return 0;
}

int step_run_self(struct builder *b)
{
    int rc = builder_finish(b);
    if (rc == 0)
        rc = run(b);
    builder_free(b);
    return rc;
}
