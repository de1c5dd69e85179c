/* SPDX-License-Identifier: MIT */
/*
 * How a process has ended that is not ours to wait for.
 */
#include "base/sys.h"
#include "state/record.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h> /* _IOWR */
#include <sys/wait.h>
#include <time.h>

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

/* An init ends itself and says how, or is killed. */
bool record_read_end(const struct record *record, int dir, int *status, int64_t *when)
{
    *when = 0;
    if (record_read_exit(dir, status, when))
        return true;
    *status = 128 + SIGKILL;
    return record && record->init;
}

int record_wait(const struct record *record, int dir, int pidfd)
{
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    int64_t when;
    int status;
    while (pidfd >= 0 && poll(&end, 1, -1) < 0)
        if (errno != EINTR)
            return -errno;
    if (record_read_end(record, dir, &status, &when))
        return status;
    return pidfd < 0 ? -ENODATA : ask_kernel(pidfd);
}
