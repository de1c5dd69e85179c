/* SPDX-License-Identifier: MIT */
/*
 * The nearest of some names to what was typed.
 */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

#include <stddef.h>

struct suggestion {
    const char *typed;
    size_t length;
    unsigned distance; /* of the best name so far */
    const char *name;  /* NULL: none is near */
};

struct suggestion suggest_begin(const char *typed, size_t length);

/* Consider a name; NULL is passed over. */
void suggest(struct suggestion *best, const char *name);

#endif
