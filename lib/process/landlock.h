/* SPDX-License-Identifier: MIT */
/*
 * Landlock: what the command may do with files and TCP ports, whatever its user may: landlock(7).
 */
#ifndef PROCESS_LANDLOCK_H
#define PROCESS_LANDLOCK_H

#include <stdint.h>

/* Rights on files; the kernel's LANDLOCK_ACCESS_FS_*. */
#define LANDLOCK_FS_EXECUTE    (UINT64_C(1) << 0)
#define LANDLOCK_FS_WRITE_FILE (UINT64_C(1) << 1)
#define LANDLOCK_FS_READ_FILE  (UINT64_C(1) << 2)
#define LANDLOCK_FS_READ_DIR   (UINT64_C(1) << 3)
#define LANDLOCK_FS_CHANGE     (UINT64_C(0x1ff) << 4) /* remove and make entries of all types */
#define LANDLOCK_FS_REFER      (UINT64_C(1) << 13)    /* link and rename elsewhere; ABI 2, 5.19 */
#define LANDLOCK_FS_TRUNCATE   (UINT64_C(1) << 14)    /* ABI 3, Linux 6.2 */

/* Those that a rule on anything but a directory may have. */
#define LANDLOCK_FS_OF_FILES                                                                       \
    (LANDLOCK_FS_EXECUTE | LANDLOCK_FS_WRITE_FILE | LANDLOCK_FS_READ_FILE | LANDLOCK_FS_TRUNCATE)

/* Rights on ports; ABI 4, Linux 6.7. */
#define LANDLOCK_TCP_BIND    (UINT64_C(1) << 0)
#define LANDLOCK_TCP_CONNECT (UINT64_C(1) << 1)

/* A port's rule in a plan. */
struct landlock_port {
    uint64_t access; /* in the kernel's order, struct landlock_net_port_attr */
    uint64_t port;
};

#endif
