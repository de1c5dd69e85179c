/* SPDX-License-Identifier: MIT */
#include "network/netlink.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER 16384 /* more than the kernel puts into one */

void *netlink_begin(struct netlink_request *r, int type, int flags, size_t size)
{
    memset(r, 0, sizeof *r);
    r->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(size);
    r->header.nlmsg_type = (uint16_t)type;
    r->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
    return r->rest;
}

void netlink_put_all(struct netlink_request *r, const void *attributes, size_t size)
{
    size_t at = NLMSG_ALIGN(r->header.nlmsg_len);
    if (at + size > sizeof *r) { /* the kernel will say that the message is cut off */
        r->header.nlmsg_len = sizeof *r + 1;
        return;
    }
    memcpy((char *)r + at, attributes, size);
    r->header.nlmsg_len = (uint32_t)(at + size);
}

void netlink_put(struct netlink_request *r, int type, const void *value, size_t size)
{
    char attribute[RTA_SPACE(64)] = {0};
    const struct rtattr head = {(unsigned short)RTA_LENGTH(size), (unsigned short)type};
    if (size > 64) {
        r->header.nlmsg_len = sizeof *r + 1;
        return;
    }
    memcpy(attribute, &head, sizeof head);
    memcpy(attribute + RTA_LENGTH(0), value, size);
    netlink_put_all(r, attribute, RTA_SPACE(size));
}

/* 1: there is more to come. */
static int take(const struct nlmsghdr *message, netlink_answer *answer, void *data)
{
    const struct nlmsgerr *error = NLMSG_DATA(message);
    if (message->nlmsg_type == NLMSG_ERROR)
        return error->error; /* 0: it is done */
    if (message->nlmsg_type == NLMSG_DONE)
        return 0;
    int rc = answer ? answer(message, data) : 0;
    return rc ? rc : 1;
}

static int take_all(const struct nlmsghdr *message, size_t size, netlink_answer *answer, void *data)
{
    int rc = 1;
    for (; rc == 1 && NLMSG_OK(message, size); message = NLMSG_NEXT(message, size))
        rc = take(message, answer, data);
    return rc;
}

int netlink_ask(int socket, struct netlink_request *r, netlink_answer *answer, void *data)
{
    char buffer[ANSWER] __attribute__((aligned(NLMSG_ALIGNTO)));
    int rc = 1;
    if (r->header.nlmsg_len > sizeof *r)
        return -E2BIG;
    if (send(socket, r, r->header.nlmsg_len, 0) < 0)
        return -errno;
    while (rc == 1) {
        ssize_t n = recv(socket, buffer, sizeof buffer, 0);
        if (n < 0 && errno == EINTR)
            continue;
        rc = n < 0 ? -errno : take_all((const struct nlmsghdr *)buffer, (size_t)n, answer, data);
    }
    return rc;
}
