/* SPDX-License-Identifier: MIT */
#include "base/sys.h"
#include "process/affinity.h"
#include "step/step.h"

static bool read_number(const char **at, uint64_t *number)
{
    const char *begin = *at;
    for (*number = 0; **at >= '0' && **at <= '9' && *number < AFFINITY_CPUS; (*at)++)
        *number = *number * 10 + (uint64_t)(**at - '0');
    return *at > begin && *number < AFFINITY_CPUS;
}

/* One number, or two with "-" between. */
static bool read_range(const char **at, affinity_mask mask)
{
    uint64_t first, last;
    if (!read_number(at, &first))
        return false;
    last = first;
    if (**at == '-' && (++*at, !read_number(at, &last)))
        return false;
    for (uint64_t cpu = first; cpu <= last; cpu++)
        mask[cpu / 64] |= UINT64_C(1) << cpu % 64;
    return first <= last;
}

bool affinity_read(const char *list, affinity_mask mask)
{
    for (int i = 0; i < AFFINITY_CPUS / 64; i++)
        mask[i] = 0;
    while (read_range(&list, mask)) {
        if (!*list)
            return true;
        if (*list++ != ',')
            return false;
    }
    return false;
}

int process_affinity_step(struct step_walk *w, const struct step *step)
{
    affinity_mask mask;
    if (!affinity_read(step_text(w, step->text[0]), mask))
        return -EINVAL;
    long rc = sys3(SYS_sched_setaffinity, 0, sizeof mask, (long)mask);
    return rc < 0 ? (int)rc : 0;
}
