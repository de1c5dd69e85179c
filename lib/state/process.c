/* SPDX-License-Identifier: MIT */
#include "state/record.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Fields of proc_pid_stat(5), counted from the command's name, which may have any character. */
#define FIELD_FLAGS      7
#define FIELD_START_TIME 20

#define FLAG_EXITING 4 /* the kernel's PF_EXITING */

static int parse(char *line, int field, unsigned long long *value)
{
    char *at = strrchr(line, ')');
    for (int i = 0; at && i < field; i++)
        at = strchr(at + 1, ' ');
    return at && sscanf(at, "%llu", value) == 1 ? 0 : -EINVAL;
}

static int read_field(int pid, int field, unsigned long long *value)
{
    char path[32], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *in = fopen(path, "re");
    if (!in)
        return errno == ENOENT ? -ESRCH : -errno;
    int rc = fgets(line, sizeof line, in) ? parse(line, field, value) : -ESRCH;
    fclose(in);
    return rc;
}

int record_start_time(int pid, unsigned long long *ticks)
{
    return read_field(pid, FIELD_START_TIME, ticks);
}

bool record_is_ending(int pid)
{
    unsigned long long flags = 0;
    int rc = read_field(pid, FIELD_FLAGS, &flags);
    return rc == -ESRCH || (rc == 0 && (flags & FLAG_EXITING));
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
