/* SPDX-License-Identifier: MIT */
#include "plan/listener.h"
#include "base/sys.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h> /* _IOWR */

/* The kernel may know more of these than we do, and writes all that it knows. */
#define NOTIFICATION_ROOM 512

static bool is_ready(int fd, int timeout)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, timeout) > 0;
}

static void let_go_on(int listener)
{
    union {
        struct seccomp_notif notification;
        char room[NOTIFICATION_ROOM];
    } asked;
    union {
        struct seccomp_notif_resp response;
        char room[NOTIFICATION_ROOM];
    } answer;
    memset(&asked, 0, sizeof asked); /* the kernel wants it so */
    memset(&answer, 0, sizeof answer);
    if (sys3(SYS_ioctl, listener, SECCOMP_IOCTL_NOTIF_RECV, (long)&asked) < 0)
        return; /* it was killed meanwhile */
    answer.response.id = asked.notification.id;
    answer.response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    sys3(SYS_ioctl, listener, SECCOMP_IOCTL_NOTIF_SEND, (long)&answer);
}

void listener_wait(const struct scratch_container *c, int socket)
{
    struct pollfd fds[] = {
        {.fd = socket, .events = POLLIN},
        {.fd = c->until_exec < 0 ? -1 : c->listener, .events = POLLIN},
    };
    for (;;) {
        int ready = poll(fds, 2, -1);
        if (ready < 0 && errno != EINTR)
            return;
        if (ready > 0 && fds[0].revents)
            return;
        /* A call that was there before the exec is scratch-init's. */
        if (ready > 0 && fds[1].revents & POLLIN && !is_ready(c->until_exec, 0))
            let_go_on(c->listener);
        else if (ready > 0)
            fds[1].fd = -1;
    }
}
