/* SPDX-License-Identifier: MIT */
#include "cgroup/sweep.h"
#include "namespace/pool.h"
#include "state/record.h"

#include <scratch/cgroup.h>

int scratch_sweep(struct scratch_error *err)
{
    (void)err;
    return cgroup_sweep(record_oom_of) + id_pool_sweep() + record_sweep();
}
