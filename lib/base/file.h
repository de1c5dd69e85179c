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

/* All of it, however many writes that takes, from an offset. 0 or -errno. */
static inline int file_put_all(int fd, const void *data, size_t size, off_t offset)
{
    while (size > 0) {
        ssize_t n = sys4(SYS_pwrite64, fd, (long)data, (long)size, offset);
        if (n <= 0)
            return n < 0 ? (int)n : -EIO;
        data = (const char *)data + n;
        size -= (size_t)n;
        offset += n;
    }
    return 0;
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
