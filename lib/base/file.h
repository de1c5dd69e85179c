/* SPDX-License-Identifier: MIT */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/sys.h"
#include "base/text.h"

#include <sys/vfs.h>

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

/* A file in a directory, which never has a name (O_EXCL: linkat(2) gives it none), for its owner.
 */
static inline int file_unnamed_in(const char *directory, bool executable)
{
    struct statfs fs;
    int fd = sys_openat(AT_FDCWD, directory, O_TMPFILE | O_EXCL | O_RDWR, 0600);
    if (fd < 0 || !executable)
        return fd;
    int rc = (int)sys2(SYS_fstatfs, fd, (long)&fs);
    if (rc == 0 && fs.f_flags & 8 /* ST_NOEXEC */)
        rc = -EACCES;
    if (rc == 0)
        rc = sys_fchmod(fd, 0500);
    if (rc < 0)
        sys_close(fd);
    return rc < 0 ? rc : fd;
}

/* What a memfd is for, where there is none. -EACCES when no directory is found for it. */
static inline int file_unnamed(bool executable)
{
    static const char directories[][12] = {"/run", "/dev/shm", "/tmp", "/var/tmp"};
    int fd = -EACCES;
    for (unsigned i = 0; fd < 0 && i < sizeof directories / sizeof *directories; i++)
        fd = file_unnamed_in(directories[i], executable);
    return fd < 0 ? -EACCES : fd;
}

#endif
