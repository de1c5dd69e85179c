/* SPDX-License-Identifier: MIT */
/*
 * A request to a server on a unix socket of this machine.
 */
#ifndef BASE_CONNECTION_H
#define BASE_CONNECTION_H

#include <stddef.h>

/* Connect to the stream socket at a path. Returns the caller's fd (CLOEXEC), or -errno. */
int connection_open(const char *path);

/* Send all of it. 0 or -errno; -EPIPE, and no signal, when the other end is gone. */
int connection_send(int fd, const void *data, size_t size);

#endif
