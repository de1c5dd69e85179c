/* SPDX-License-Identifier: MIT */
/*
 * Out of a chroot, with nothing but what root may do in it. The kernel stops ".." at a process's
 * root directory; a process whose working directory is not below its root never meets it.
 *
 *     escape_chroot COMMAND [ARGUMENT...]                      (as root, inside; linked statically)
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    if (argc < 2)
        return fprintf(stderr, "usage: %s COMMAND [ARGUMENT...]\n", argv[0]), 2;
    mkdir("deeper", 0700);
    if (chroot("deeper") < 0) /* the root moves down; the working directory stays where it was */
        return perror("chroot"), 1;
    rmdir("deeper");
    for (int i = 0; i < 100; i++)
        if (chdir("..") < 0) /* as far up as there is anything */
            return perror("chdir"), 1;
    if (chroot(".") < 0)
        return perror("chroot"), 1;
    execvp(argv[1], argv + 1);
    perror(argv[1]);
    return 127;
}
