/* SPDX-License-Identifier: MIT */
/*
 * CVE-2017-5226: push input into the terminal of whoever started the container, for the shell there
 * to read. CVE-2019-10063: with bits in the request that a filter compares, and the kernel ignores.
 */
#include "attack.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* terminal */
int attack_terminal(char **argv)
{
    static const unsigned long requests[] = {TIOCSTI, TIOCSTI | (1UL << 32), TIOCSTI | (1UL << 63)};
    (void)argv;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        if (syscall(SYS_ioctl, STDIN_FILENO, requests[i], "X") == 0)
            return ATTACK_OUT;
    return attack_held("TIOCSTI");
}
