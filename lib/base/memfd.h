/* SPDX-License-Identifier: MIT */
/*
 * Memory that can be executed, as a file, and that nobody can write once it is sealed.
 */
#ifndef BASE_MEMFD_H
#define BASE_MEMFD_H

#include "base/sys.h"

#include <linux/memfd.h>

#define MEMFD_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* MFD_EXEC says that it is meant to be executed (6.3); before, every memfd may be. */
static inline int memfd_executable(const char *name)
{
    int fd = (int)sys2(SYS_memfd_create, (long)name,
                       MFD_CLOEXEC | MFD_ALLOW_SEALING | 0x0010 /* MFD_EXEC */);
    if (fd == -EINVAL)
        fd = (int)sys2(SYS_memfd_create, (long)name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return fd;
}

#endif
