/* SPDX-License-Identifier: MIT */
#ifndef PLAN_IMAGE_H
#define PLAN_IMAGE_H

#include <errno.h>
#include "step/step.h"

/*
 * A fresh sealed memfd with scratch-init, the plan and this start: its fd, CLOEXEC, or -errno. A
 * new one for each start: a container can open the one that it was started from, and make every
 * later exec of it fail (ETXTBSY, EACCES after a chmod). The thread has all signals blocked.
 */
int image_make(const struct plan_block *plan, const struct start_block *start);

/* True when no memfd may be made, or none to be executed: sandboxes, and vm.memfd_noexec=2. */
static inline bool image_refused(int rc)
{
    return rc == -ENOSYS || rc == -EPERM || rc == -EACCES;
}

/*
 * The same in a file without a name, of the caller's own. It cannot be sealed, and a container
 * whose root is the host's can write to it: to something that nobody executes but that container.
 *
 * For the child alone. Its table of fds is in no other process: were the file open for writing in
 * the caller, a copy in what another thread has just forked would make the exec fail (ETXTBSY).
 */
int image_make_file(const struct plan_block *plan, const struct start_block *start);

#endif
