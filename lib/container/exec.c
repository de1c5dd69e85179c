/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "container/handle.h"

#include <errno.h>

int scratch_container_exec(scratch_container *c, const struct scratch_exec_options *options,
                           const struct scratch_start_options *start, scratch_container **process,
                           struct scratch_error *err)
{
    (void)options;
    (void)start;
    *process = NULL;
    return error_set(err, ENOSYS, "run a process in the container", scratch_container_id(c), NULL);
}
