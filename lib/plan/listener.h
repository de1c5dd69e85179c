/* SPDX-License-Identifier: MIT */
/*
 * While a container starts: system calls of scratch-init itself that its filter asks about.
 */
#ifndef PLAN_LISTENER_H
#define PLAN_LISTENER_H

#include "plan/container.h"

/*
 * Wait until there is something to be read from the socket. What the filter asks about until the
 * exec is let go on; what comes after it is the command's, and left to the caller.
 */
void listener_wait(const struct scratch_container *container, int socket);

#endif
