/* SPDX-License-Identifier: MIT */
#include "plan/image.h"
#include "base/sys.h"
#include "init/init.h"

#include <linux/memfd.h>
#include <sys/uio.h>

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* MFD_EXEC says that it is meant to be executed (6.3); before, every memfd may be. */
static int memfd_new(void)
{
    int fd = (int)sys2(SYS_memfd_create, (long)"scratch-init",
                       MFD_CLOEXEC | MFD_ALLOW_SEALING | 0x0010 /* MFD_EXEC */);
    if (fd == -EINVAL)
        fd = (int)sys2(SYS_memfd_create, (long)"scratch-init", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return fd;
}

static int write_all(int fd, const void *data, size_t size, off_t offset)
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

int image_make(const struct plan_block *plan, const struct start_block *start)
{
    int fd = memfd_new();
    if (fd < 0)
        return fd;
    int rc = write_all(fd, init_image, (size_t)(init_image_end - init_image), 0);
    if (rc == 0)
        rc = write_all(fd, plan, plan->size, INIT_PLAN_OFFSET);
    if (rc == 0)
        rc = write_all(fd, start, start->size, INIT_PLAN_OFFSET + init_start_offset(plan->size));
    if (rc == 0)
        rc = sys_fcntl(fd, F_ADD_SEALS, SEALS);
    if (rc < 0) {
        sys_close(fd);
        return rc;
    }
    return fd;
}
