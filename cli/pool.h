/* SPDX-License-Identifier: MIT */
/*
 * Memory for what is made of a command line: it is all let go of at once.
 */
#ifndef CLI_POOL_H
#define CLI_POOL_H

#include <stddef.h>

struct pool {
    struct pool_chunk *last;
};

/* Zeroed memory. Never NULL: without memory the program ends, for it has started nothing yet. */
void *pool_take(struct pool *pool, size_t count, size_t size);

/* A formatted string. */
char *pool_print(struct pool *pool, const char *format, ...) __attribute__((format(printf, 2, 3)));

void pool_free(struct pool *pool);

#endif
