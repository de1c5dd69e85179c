/* SPDX-License-Identifier: MIT */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/sys.h"
#include "base/text.h"

/* One write, as the files of /proc and of control groups want it. 0 or -errno. */
static inline int file_put(int fd, const char *text)
{
    ssize_t n = sys_write(fd, text, text_length(text));
    return n < 0 ? (int)n : 0;
}

static inline int file_write(int dirfd, const char *path, const char *text)
{
    int fd = sys_openat(dirfd, path, O_WRONLY, 0);
    if (fd < 0)
        return fd;
    int rc = file_put(fd, text);
    sys_close(fd);
    return rc;
}

#endif
