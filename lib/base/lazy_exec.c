/* SPDX-License-Identifier: MIT */
/*
 * In place of lazy.c, for a static program: it cannot load libraries, so when it needs one it
 * executes its dynamic twin, which is the same program linked otherwise. That begins anew, with
 * the same command line, environment, streams and process id, and gets as far again.
 *
 * It is worth it, for most runs need none: glibc asks the processor some 70 things at its start, on
 * a virtual machine each is a call of the hypervisor, and together they take as long as half of a
 * container.
 */
#include "base/lazy.h"
#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool sealed;

struct arguments {
    char **argv;
    size_t count;
};

/* A copy, and NULL behind it. */
static bool add(struct arguments *a, const char *text)
{
    char **argv = reallocarray(a->argv, a->count + 2, sizeof *argv);
    if (!argv)
        return false;
    a->argv = argv;
    argv[a->count] = strdup(text);
    argv[a->count + 1] = NULL;
    return argv[a->count++];
}

/* From the kernel, for nobody gives it to a library. */
static bool read_command_line(struct arguments *a)
{
    char *text = NULL;
    size_t size = 0;
    FILE *in = fopen("/proc/self/cmdline", "re");
    bool complete = in;
    while (complete && getdelim(&text, &size, '\0', in) > 0)
        complete = add(a, text);
    complete = complete && !ferror(in) && a->count > 0;
    free(text);
    if (in)
        fclose(in);
    return complete;
}

static void execute_twin(void)
{
    struct arguments a = {NULL, 0};
    if (read_command_line(&a))
        execv(lazy_twin, a.argv);
    while (a.count > 0)
        free(a.argv[--a.count]);
    free(a.argv);
}

int lazy_load(struct lazy_library *library)
{
    (void)library;
    if (!sealed)
        execute_twin();
    return -ENOSYS;
}

void lazy_seal(void)
{
    sealed = true;
}

int lazy_missing(struct scratch_error *err, const char *what, const char *subject,
                 const char *library, const char *hint)
{
    (void)hint;
    error_set(err, ENOSYS, what, subject, "install libscratch as a whole, not this program alone");
    if (err)
        error_write(err->cause, "%s is loaded by %s, which cannot be executed", library, lazy_twin);
    return -ENOSYS;
}
