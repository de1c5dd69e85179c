/* SPDX-License-Identifier: MIT */
#include "init/begin.h"
#include "base/sys.h"
#include "init/init.h"

#define POLLNVAL_ 0x20

void begin_fds(struct step_walk *w, int fds[STEP_FDS_MAX])
{
    uint32_t slots = w->plan->fd_count, end = INIT_FD_SLOTS + slots + w->start->handed;
    for (uint32_t i = 0; i < slots; i++)
        fds[i] = w->start->fds & (UINT64_C(1) << i) ? (int)(INIT_FD_SLOTS + i) : -1;
    w->fd = fds;
    w->handed = (int)(INIT_FD_SLOTS + slots);
    if (sys_close_range(INIT_FD_IMAGE, ~0u, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    for (uint32_t fd = INIT_FD_IMAGE; fd < end; fd++) /* before 5.11 */
        sys_fcntl((int)fd, F_SETFD, FD_CLOEXEC);
}

int begin_streams(struct step_walk *w)
{
    struct {
        int fd;
        short events, revents;
    } stream[3] = {{0, 0, 0}, {1, 0, 0}, {2, 0, 0}};
    static const struct {
        long seconds, nanoseconds;
    } now;
    int rc = (int)sys5(SYS_ppoll, (long)stream, 3, (long)&now, 0, 0);
    for (int i = 0; i < 3 && rc >= 0; i++)
        if (stream[i].revents & POLLNVAL_) /* the lowest number that is free */
            rc = (int)sys4(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDWR, 0);
    return step_detail(w, DETAIL_STREAM, rc < 0 ? rc : 0);
}
