/* SPDX-License-Identifier: MIT */
#ifndef NAMESPACE_READY_H
#define NAMESPACE_READY_H

#include <scratch/namespace.h>

/* What STEP_TAKE_NETWORK takes from; it is the pool's. */
int namespace_pool_fd(const scratch_namespace_pool *pool);

#endif
