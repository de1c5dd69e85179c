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
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* It is root's, or this program's owner's, and not for everyone to write to. */
static bool is_trusted(int directory)
{
    struct stat own, there;
    return fstat(directory, &there) == 0 && stat("/proc/self/exe", &own) == 0 &&
           (there.st_uid == 0 || there.st_uid == own.st_uid) && !(there.st_mode & S_IWOTH);
}

/*
 * The directory of the twin that was installed together with this program, wherever that is; or -1.
 * Nobody else shall have put it there, as anyone could beside a copy of this program below /tmp.
 */
static int open_twin_directory(void)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    if (length <= 0 || path[0] != '/') /* it cannot be seen from the root */
        return -1;
    while (path[length - 1] != '/')
        length--;
    size_t left = sizeof path - (size_t)length;
    if ((size_t)snprintf(path + length, left, "%s", lazy_twin_beside) >= left)
        return -1;
    int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0 && !is_trusted(directory)) {
        close(directory);
        directory = -1;
    }
    return directory;
}

static void execute_twin(void)
{
    struct arguments a = {NULL, 0};
    int directory = open_twin_directory();
    if (read_command_line(&a)) {
        if (directory >= 0)
            sys_execveat(directory, "scratchctl", a.argv, environ, 0);
        execv(lazy_twin, a.argv);
    }
    while (a.count > 0)
        free(a.argv[--a.count]);
    free(a.argv);
    if (directory >= 0)
        close(directory);
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
        error_write(err->cause,
                    "%s is loaded by %s/scratchctl (from this program's directory), or %s: neither "
                    "can be executed",
                    library, lazy_twin_beside, lazy_twin);
    return -ENOSYS;
}
