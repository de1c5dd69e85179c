/* SPDX-License-Identifier: MIT */
/*
 * The containers that further commands are started in: each contestant has one of its own, which
 * it has started itself, from the bundle of what stays.
 */
#include "bench.h"

#include <stdio.h>
#include <sys/wait.h>

static int call(const struct entry *entry, char *const *argv)
{
    int status;
    pid_t pid = entry_spawn(entry, argv);
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The arguments of such a start begin with --root STATE exec ID. */
static bool takes_part(const struct bench *b, const struct entry *entry)
{
    return b->variant == VARIANT_EXEC && entry_runs(entry);
}

void running_begin(struct bench *b)
{
    for (size_t i = 0; i < CONTESTANTS; i++) {
        struct entry *entry = &b->entry[i];
        if (!takes_part(b, entry))
            continue;
        char *argv[] = {entry->path,    entry->argv[1], entry->argv[2],
                        (char *)"run",  (char *)"-d",   (char *)"--bundle",
                        (char *)"stay", entry->argv[4], NULL};
        entry->status = call(entry, argv);
        entry->running = entry->status == 0;
    }
}

void running_end(struct bench *b)
{
    for (size_t i = 0; i < CONTESTANTS; i++) {
        struct entry *entry = &b->entry[i];
        if (!entry->running)
            continue;
        char *argv[] = {entry->path,
                        entry->argv[1],
                        entry->argv[2],
                        (char *)"delete",
                        (char *)"--force",
                        entry->argv[4],
                        NULL};
        if (call(entry, argv) != 0)
            fprintf(stderr, "bench: %s cannot delete its container\n", entry->contestant->name);
        entry->running = false;
    }
}
