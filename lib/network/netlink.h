/* SPDX-License-Identifier: MIT */
/*
 * Questions to the kernel by rtnetlink(7), one at a time, and its answers.
 */
#ifndef NETWORK_NETLINK_H
#define NETWORK_NETLINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>

struct netlink_request {
    struct nlmsghdr header;
    char rest[1024]; /* what it is about, and its attributes */
};

/* Begin one. Returns what it is about, zeroed: a struct of that size, which rtnetlink(7) has. */
void *netlink_begin(struct netlink_request *request, int type, int flags, size_t size);

/* Add an attribute, or several that the kernel has written. */
void netlink_put(struct netlink_request *request, int type, const void *value, size_t size);
void netlink_put_all(struct netlink_request *request, const void *attributes, size_t size);

/* Called for each answer; stops when it returns other than 0. */
typedef int netlink_answer(const struct nlmsghdr *message, void *data);

/* Send it, and read until it is answered: 0, the kernel's -errno, or what answer (or NULL) said. */
int netlink_ask(int socket, struct netlink_request *request, netlink_answer *answer, void *data);

#endif
