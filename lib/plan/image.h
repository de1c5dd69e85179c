/* SPDX-License-Identifier: MIT */
#ifndef PLAN_IMAGE_H
#define PLAN_IMAGE_H

#include "step/step.h"

/*
 * A fresh sealed memfd with scratch-init, the plan and this start: its fd, CLOEXEC, or -errno. A
 * new one for each start: a container can open the one that it was started from, and make every
 * later exec of it fail (ETXTBSY, EACCES after a chmod).
 */
int image_make(const struct plan_block *plan, const struct start_block *start);

#endif
