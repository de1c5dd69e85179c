/* SPDX-License-Identifier: MIT */
/*
 * Speaking to slirp4netns(1): "API socket" there.
 */
#ifndef NETWORK_SLIRP_H
#define NETWORK_SLIRP_H

#include <stddef.h>

/*
 * Make one request of the program whose socket is at a path. Returns 0 or -errno; -EREMOTEIO: it
 * refused, and said why.
 */
int slirp_request(const char *path, const char *request, char *said, size_t size);

#endif
