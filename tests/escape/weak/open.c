/* SPDX-License-Identifier: MIT */
/*
 * A scratch-init that opens paths below the new root as strings: links are followed from the root
 * that it itself has, which is still the host's.
 */
#include "base/open.h"
#include "base/sys.h"

#include <errno.h>

static const char *relative(const char *path)
{
    while (*path == '/')
        path++;
    return *path ? path : ".";
}

int root_open(int rootfd, const char *path, int flags, unsigned mode)
{
    return sys_openat(rootfd, relative(path), flags | O_CLOEXEC, mode);
}

/* mkdir -p */
int root_make(int rootfd, const char *path, enum root_make make)
{
    char prefix[4096];
    size_t at = 0;
    for (const char *p = relative(path); make != ROOT_MAKE_NOTHING && *p; p++) {
        prefix[at++] = *p;
        prefix[at] = '\0';
        if (p[1] == '/' || p[1] == '\0')
            sys_mkdirat(rootfd, prefix, 0755);
    }
    return root_open(rootfd, path, O_PATH, 0);
}
