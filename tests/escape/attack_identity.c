/* SPDX-License-Identifier: MIT */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stddef.h>

/*
 * CVE-2014-8989: leave a group to which a file is closed that is open to all others.
 * groups SECRET
 */
int attack_groups(char **argv)
{
    int rc = setgroups(0, NULL);
    if (attack_print(AT_FDCWD, argv[0]) == 0)
        return ATTACK_OUT;
    return attack_held(rc < 0 ? "leave the group" : "read the file");
}

/*
 * CVE-2022-27650: a program with file capabilities "ei" takes what its caller can inherit.
 * capability SECRET: a file of root's
 */
int attack_capability(char **argv)
{
    return attack_print(AT_FDCWD, argv[0]) < 0 ? attack_held("read the file") : ATTACK_OUT;
}
