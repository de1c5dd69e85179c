/* SPDX-License-Identifier: MIT */
#include "process/affinity.h"
#include "process/compile.h"

#include <errno.h>

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

int process_compile_affinity(struct builder *b, const char *cpus)
{
    affinity_mask mask;
    if (!cpus)
        return 0;
    if (!affinity_read(cpus, mask))
        return error_because(b->err, EINVAL, "CPU affinity", cpus, "it is no list of CPUs",
                             "write 0-3,7: numbers from 0 on, without blanks");
    uint32_t text = builder_text(b, cpus);
    builder_add(b, STEP_CPU_AFFINITY, STEP_CONTAINER)->text[0] = text;
    return 0;
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
