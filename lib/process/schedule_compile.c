/* SPDX-License-Identifier: MIT */
#include "process/compile.h"

static void put_policy(struct builder *b, const struct scratch_schedule *s)
{
    struct step *step = builder_add(b, STEP_SCHEDULER, STEP_CONTAINER);
    step->num[0] = (uint32_t)s->policy | s->flags << 32;
    step->num[1] = (uint64_t)(int64_t)s->nice;
    step->num[2] = s->priority;
    step->num[3] = s->runtime;
    step->num[4] = s->deadline;
    step->num[5] = s->period;
}

void process_compile_schedule(struct builder *b, const struct scratch_process_options *o)
{
    const struct scratch_schedule *s = o->schedule;
    if (!s)
        return;
    if (s->has_policy)
        put_policy(b, s);
    if (s->io_priority >= 0)
        builder_add(b, STEP_IO_PRIORITY, STEP_CONTAINER)->num[0] = (uint64_t)s->io_priority;
    if (s->personality >= 0)
        builder_add(b, STEP_PERSONALITY, STEP_CONTAINER)->num[0] = (uint64_t)s->personality;
    if (s->memory_policy < 0)
        return;
    struct step *step = builder_add(b, STEP_MEMORY_POLICY, STEP_CONTAINER);
    step->num[0] = (uint64_t)s->memory_policy;
    for (int i = 0; i < 4; i++)
        step->num[1 + i] = s->nodes[i];
}
