/* SPDX-License-Identifier: MIT */
/*
 * What a start may take. Time differs from machine to machine and hour to hour; the number of
 * system calls and page faults does not, and no change adds to them unseen.
 */
#include "bench.h"

#include <stdio.h>
#include <string.h>

/*
 * Of the static scratchctl's full start: strace -f, up to the command's exec. More than half of the
 * pages are asked for ahead (cli/pages.c): the kernel counts them as faults, though they are none.
 */
#define CALLS_MAX  130
#define FAULTS_MAX 42

static int check(const char *what, unsigned count, unsigned most)
{
    fprintf(stderr, "guard: scratchctl: %u %s, of %u that it may take\n", count, what, most);
    return count <= most ? 0 : -1;
}

int guard_check(const struct bench *b)
{
    int rc = 0;
    for (size_t i = 0; i < CONTESTANTS; i++) {
        const struct entry *entry = &b->entry[i];
        if (strcmp(entry->contestant->name, "scratchctl") != 0 || !entry_runs(entry))
            continue;
        if (entry->calls) /* else there is no strace */
            rc = check("system calls", entry->calls, CALLS_MAX);
        if (check("page faults", entry->faults, FAULTS_MAX) < 0)
            rc = -1;
    }
    return rc;
}
