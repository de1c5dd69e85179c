/* SPDX-License-Identifier: MIT */
/*
 * How a process has ended that is not ours to wait for.
 */
#include "base/sys.h"
#include "state/record.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h> /* _IOWR */
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Since Linux 6.15 the kernel tells, once the process has been reaped: how often it is asked, a
 * hundredth of a second apart. */
#define TRIES 100

/* struct pidfd_info of <linux/pidfd.h>, which is newer than the headers of many machines. */
struct info {
    uint64_t mask, cgroup;
    uint32_t pid, tgid, ppid, ids[8];
    int32_t exit_code;
};
#define INFO_EXIT 8u /* PIDFD_INFO_EXIT */
#define GET_INFO  _IOWR(0xFF, 11, struct info)

static int ask_kernel(int pidfd)
{
    static const struct timespec moment = {0, 10000000};
    for (int i = 0; i < TRIES; i++) {
        struct info info = {.mask = INFO_EXIT};
        if (sys3(SYS_ioctl, pidfd, GET_INFO, (long)&info) < 0)
            return -ENODATA;
        if (info.mask & INFO_EXIT)
            return WIFEXITED(info.exit_code) ? WEXITSTATUS(info.exit_code)
                                             : 128 + WTERMSIG(info.exit_code);
        nanosleep(&moment, NULL);
    }
    return -ENODATA;
}

static int wait_for(int pidfd)
{
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    while (pidfd >= 0 && poll(&end, 1, -1) < 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

/* The file is opened first: who deletes the container when it has ended may be faster. */
int record_wait(const struct record *record, int dir, int pidfd)
{
    int64_t when;
    int status, file = record_open_exit(dir), rc = wait_for(pidfd);
    if (rc == 0 && record_read_exit(record, file, &status, &when))
        rc = status;
    else if (rc == 0)
        rc = pidfd < 0 ? -ENODATA : ask_kernel(pidfd);
    if (rc == -ENODATA && file == -ENOENT)
        rc = -ENOENT;
    if (file >= 0)
        close(file);
    return rc;
}
