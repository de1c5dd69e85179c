/* SPDX-License-Identifier: MIT */
#include "base/unnamed.h"
#include "base/sys.h"
#include "base/text.h"

#include <sys/vfs.h>

#define ST_NOEXEC_ 8 /* <sys/statvfs.h> is for libc's statvfs(3) */

static const char directories[][12] = {"/run", "/dev/shm", "/tmp", "/var/tmp"};

/* Overlayfs, before Linux 6.3, has no files that begin without a name: take it away at once. */
static int make_and_unlink(const char *directory)
{
    char path[32 + TEXT_NUMBER];
    uint64_t number = 0;
    sys3(SYS_getrandom, (long)&number, sizeof number, 0);
    size_t at = text_append(path, sizeof path, 0, directory);
    at = text_append(path, sizeof path, at, "/libscratch-");
    text_append_number(path, sizeof path, at, number);
    int fd = sys_openat(AT_FDCWD, path, O_CREAT | O_EXCL | O_RDWR, 0600);
    if (fd >= 0)
        sys3(SYS_unlinkat, AT_FDCWD, (long)path, 0);
    return fd;
}

static int make_in(const char *directory)
{
    /* O_EXCL: linkat(2) cannot give it a name later. */
    int fd = sys_openat(AT_FDCWD, directory, O_TMPFILE | O_EXCL | O_RDWR, 0600);
    return fd == -EOPNOTSUPP ? make_and_unlink(directory) : fd;
}

static int make_executable(int fd)
{
    struct statfs fs;
    int rc = (int)sys2(SYS_fstatfs, fd, (long)&fs);
    if (rc == 0 && fs.f_flags & ST_NOEXEC_)
        rc = -EACCES;
    return rc == 0 ? sys_fchmod(fd, 0500) : rc;
}

int unnamed_file(bool executable)
{
    for (unsigned i = 0; i < sizeof directories / sizeof *directories; i++) {
        int fd = make_in(directories[i]);
        if (fd < 0)
            continue;
        if (!executable || make_executable(fd) == 0)
            return fd;
        sys_close(fd);
    }
    return -EACCES;
}
