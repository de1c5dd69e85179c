/* SPDX-License-Identifier: MIT */
/*
 * sd_notify(3): a service in a container says when it is ready, by a socket of ours, for whoever
 * started us waits at NOTIFY_SOCKET for that, and goes by the process ids outside.
 */
#ifndef CLI_NOTIFY_H
#define CLI_NOTIFY_H

#include <scratch/container.h>
#include <stdbool.h>

/* What the command finds its socket by, in its environment. */
#define NOTIFY_VARIABLE "NOTIFY_SOCKET=/run/notify/notify.sock"

/* True when somebody waits to hear it. */
bool notify_is_wanted(void);

/*
 * Make the socket, before the command runs. 0, and -1 for it where nobody waits to hear, or the
 * container was created without a place for it; -errno.
 */
int notify_listen(scratch_container *container, int *socket, struct scratch_error *err);

/* Take what has come, and hand it on with the process that is the service. True: it is ready. */
bool notify_hand_on(int socket, pid_t pid);

/* Wait until it is ready, or has ended, and close the socket. -1 is fine. */
void notify_wait(int socket, const scratch_container *container);

#endif
