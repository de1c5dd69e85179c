/* SPDX-License-Identifier: MIT */
/*
 * Handing an fd to the process at the other end of a socket: unix(7), SCM_RIGHTS.
 */
#ifndef BASE_RIGHTS_H
#define BASE_RIGHTS_H

#include <sys/socket.h>
#include "base/sys.h"

/* Room for the one fd that comes with a message. */
union rights {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
};

/* Send a message with an fd, which stays open here too. 0 or -errno. */
static inline int rights_send(int socket, const void *message, size_t size, int fd)
{
    union rights rights = {{.cmsg_len = CMSG_LEN(sizeof(int))}};
    struct iovec data = {(void *)message, size};
    struct msghdr header = {
        .msg_iov = &data,
        .msg_iovlen = 1,
        .msg_control = &rights,
        .msg_controllen = sizeof rights,
    };
    rights.header.cmsg_level = SOL_SOCKET;
    rights.header.cmsg_type = SCM_RIGHTS;
    *(int *)CMSG_DATA(&rights.header) = fd;
    long rc = sys3(SYS_sendmsg, socket, (long)&header, MSG_NOSIGNAL);
    return rc < 0 ? (int)rc : 0;
}

#endif
