/* SPDX-License-Identifier: MIT */
/*
 * Compiled filters, kept between runs: $XDG_CACHE_HOME/libscratch or ~/.cache/libscratch, and
 * /var/cache/libscratch for root.
 *
 * A file holds all that a filter was made from (the key), and the filter. The key is compared byte
 * for byte: its hash only names the file. Whatever is doubtful, a directory or file that is not the
 * caller's alone, a wrong size, a wrong byte, is as if it were not there.
 */
#ifndef PROCESS_SECCOMP_CACHE_H
#define PROCESS_SECCOMP_CACHE_H

#include "process/seccomp.h"

struct seccomp_key {
    char *data; /* to be freed */
    size_t size;
};

/* True when it was there; program->filter is to be freed. */
bool seccomp_cache_get(const struct seccomp_key *key, struct seccomp_program *program);

/* Keep a filter, where that is possible. */
void seccomp_cache_put(const struct seccomp_key *key, const struct seccomp_program *program);

/* Another directory for caches to be in, so that tests leave nothing in the machine's. */
extern const char *seccomp_cache_base;

#endif
