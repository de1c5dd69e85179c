/* SPDX-License-Identifier: MIT */
#include "state/record.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Field 22 of proc_pid_stat(5), the 20th behind the command's name, which may have any character.
 */
static int parse(char *line, unsigned long long *ticks)
{
    char *at = strrchr(line, ')');
    for (int field = 0; at && field < 20; field++)
        at = strchr(at + 1, ' ');
    return at && sscanf(at, "%llu", ticks) == 1 ? 0 : -EINVAL;
}

int record_start_time(int pid, unsigned long long *ticks)
{
    char path[32], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *in = fopen(path, "re");
    if (!in)
        return errno == ENOENT ? -ESRCH : -errno;
    int rc = fgets(line, sizeof line, in) ? parse(line, ticks) : -ESRCH;
    fclose(in);
    return rc;
}

static bool has_ended(int pidfd)
{
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    return poll(&end, 1, 0) != 0;
}

/* The pidfd first: then the number stays its own while we look at it. */
int record_process(int pid, unsigned long long start_time)
{
    unsigned long long ticks = 0;
    int pidfd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (pidfd < 0)
        return pid > 0 && errno != ESRCH && errno != EINVAL ? -errno : -ESRCH;
    if (record_start_time(pid, &ticks) == 0 && ticks == start_time && !has_ended(pidfd))
        return pidfd;
    close(pidfd);
    return -ESRCH;
}
