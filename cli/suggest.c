/* SPDX-License-Identifier: MIT */
#include "cli/suggest.h"

#include <string.h>

#define LONGEST 32
#define NEAR    2 /* letters that may be wrong, missing, or too many */

struct suggestion suggest_begin(const char *typed, size_t length)
{
    return (struct suggestion){typed, length, NEAR + 1, NULL};
}

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance, a row at a time. */
static unsigned distance(const char *a, size_t a_length, const char *b)
{
    unsigned row[LONGEST + 1];
    size_t b_length = strlen(b);
    if (a_length > LONGEST || b_length > LONGEST)
        return NEAR + 1;
    for (size_t j = 0; j <= b_length; j++)
        row[j] = (unsigned)j;
    for (size_t i = 0; i < a_length; i++) {
        unsigned diagonal = row[0]++;
        for (size_t j = 0; j < b_length; j++) {
            unsigned changed = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = smaller(changed, 1 + smaller(row[j], row[j + 1]));
        }
    }
    return row[b_length];
}

void suggest(struct suggestion *best, const char *name)
{
    if (!name)
        return;
    /* What a name begins with was typed to be short. */
    unsigned d = best->length > 1 && strncmp(name, best->typed, best->length) == 0
                     ? 1
                     : distance(best->typed, best->length, name);
    if (d < best->distance && d < best->length) {
        best->distance = d;
        best->name = name;
    }
}
