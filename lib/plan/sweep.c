/* SPDX-License-Identifier: MIT */
#include <scratch/cgroup.h>
#include "cgroup/tree.h"
#include "state/claim.h"

int scratch_sweep(struct scratch_error *err)
{
    (void)err;
    return cgroup_sweep() + state_sweep();
}
