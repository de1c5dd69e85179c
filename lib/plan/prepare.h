/* SPDX-License-Identifier: MIT */
/*
 * scratch_rootfs_options.prepared: a mount namespace that is made once for all starts of a plan.
 */
#ifndef PLAN_PREPARE_H
#define PLAN_PREPARE_H

#include <scratch/plan.h>
#include "step/builder.h"

/* Make it, and note its slot in the builder; nothing is done where it was not asked for. */
int prepare_compile(struct builder *b, const struct scratch_spec *spec,
                    const struct scratch_rootfs_options *options);

#endif
