/* SPDX-License-Identifier: MIT */
/*
 * A network device of the caller's becomes the container's: it is moved, gets its name there and
 * its addresses again, and is brought up. rtnetlink(7); runtime-spec, config-linux.md,
 * "netDevices".
 */
#include "namespace/spawn.h"
#include "network/netlink.h"
#include "step/step.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An address with its attributes, as the kernel has told it. */
struct address {
    struct address *next;
    struct ifaddrmsg about;
    size_t size; /* of the attributes */
    char attributes[] __attribute__((aligned(RTA_ALIGNTO)));
};

struct moving {
    int outside, inside; /* sockets of both network namespaces */
    int network;         /* the other namespace */
    unsigned index;
    struct address *addresses, **end;
};

/* ---- what it has ---------------------------------------------------------------------------- */

/* Those that come and go by themselves, and the link's own, the kernel makes again. */
static bool is_kept(const struct moving *m, const struct ifaddrmsg *a)
{
    return a->ifa_index == m->index && a->ifa_scope == RT_SCOPE_UNIVERSE &&
           a->ifa_flags & IFA_F_PERMANENT;
}

static int keep_address(const struct nlmsghdr *message, void *data)
{
    struct moving *m = data;
    const struct ifaddrmsg *about = NLMSG_DATA(message);
    size_t head = NLMSG_SPACE(sizeof *about);
    if (message->nlmsg_type != RTM_NEWADDR || message->nlmsg_len < head || !is_kept(m, about))
        return 0;
    struct address *a = malloc(sizeof *a + message->nlmsg_len - head);
    if (!a)
        return -ENOMEM;
    a->about = *about;
    a->size = message->nlmsg_len - head;
    memcpy(a->attributes, (const char *)message + head, a->size);
    a->next = NULL;
    *m->end = a; /* in their order: the first of a network is its primary one */
    m->end = &a->next;
    return 0;
}

static int find_addresses(struct moving *m)
{
    struct netlink_request r;
    netlink_begin(&r, RTM_GETADDR, NLM_F_DUMP, sizeof(struct ifaddrmsg));
    return netlink_ask(m->outside, &r, keep_address, m);
}

/* ---- moving --------------------------------------------------------------------------------- */

static int move(const struct moving *m, const char *inside)
{
    struct netlink_request r;
    struct ifinfomsg *link = netlink_begin(&r, RTM_NEWLINK, NLM_F_ACK, sizeof *link);
    link->ifi_index = (int)m->index;
    netlink_put(&r, IFLA_NET_NS_FD, &m->network, sizeof m->network);
    netlink_put(&r, IFLA_IFNAME, inside, strlen(inside) + 1);
    return netlink_ask(m->outside, &r, NULL, NULL);
}

static int take_index(const struct nlmsghdr *message, void *data)
{
    const struct ifinfomsg *link = NLMSG_DATA(message);
    if (message->nlmsg_type == RTM_NEWLINK)
        *(unsigned *)data = (unsigned)link->ifi_index;
    return 0;
}

static int find_index(int socket, const char *name, unsigned *index)
{
    struct netlink_request r;
    *index = 0;
    netlink_begin(&r, RTM_GETLINK, NLM_F_ACK, sizeof(struct ifinfomsg));
    netlink_put(&r, IFLA_IFNAME, name, strlen(name) + 1);
    int rc = netlink_ask(socket, &r, take_index, index);
    return rc == 0 && !*index ? -ENODEV : rc;
}

static int bring_up(const struct moving *m, unsigned index)
{
    struct netlink_request r;
    struct ifinfomsg *link = netlink_begin(&r, RTM_NEWLINK, NLM_F_ACK, sizeof *link);
    link->ifi_index = (int)index;
    link->ifi_flags = link->ifi_change = IFF_UP;
    return netlink_ask(m->inside, &r, NULL, NULL);
}

static int add_address(const struct moving *m, const struct address *a, unsigned index)
{
    struct netlink_request r;
    int flags = NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
    struct ifaddrmsg *about = netlink_begin(&r, RTM_NEWADDR, flags, sizeof *about);
    *about = a->about;
    about->ifa_index = index;
    size_t left = a->size;
    for (const struct rtattr *at = (const struct rtattr *)a->attributes; RTA_OK(at, left);
         at = RTA_NEXT(at, left))
        if (at->rta_type != IFA_LABEL) /* which has the old name */
            netlink_put_all(&r, at, RTA_ALIGN(at->rta_len));
    return netlink_ask(m->inside, &r, NULL, NULL);
}

static int add_addresses(const struct moving *m, unsigned index)
{
    int rc = 0;
    for (const struct address *a = m->addresses; a && rc == 0; a = a->next)
        rc = add_address(m, a, index);
    return rc;
}

static int move_all(struct moving *m, const char *name, const char *inside)
{
    unsigned index = 0;
    int rc = find_index(m->outside, name, &m->index);
    if (rc == 0)
        rc = find_addresses(m);
    if (rc == 0)
        rc = move(m, inside);
    if (rc == 0)
        rc = find_index(m->inside, inside, &index);
    if (rc == 0)
        rc = add_addresses(m, index);
    return rc < 0 ? rc : bring_up(m, index);
}

static void close_all(struct moving *m)
{
    const int fds[] = {m->outside, m->inside, m->network};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    for (struct address *a = m->addresses, *next; a; a = next) {
        next = a->next;
        free(a);
    }
}

int network_device_step(struct step_walk *w, const struct step *step)
{
    char path[48];
    struct moving m = {-1, -1, -1, 0, NULL, NULL};
    m.end = &m.addresses;
    snprintf(path, sizeof path, "/proc/%d/ns/net", w->child);
    m.network = open(path, O_RDONLY | O_CLOEXEC);
    if (m.network < 0)
        return -errno;
    m.outside = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    int rc = m.outside < 0 ? -errno : spawn_netlink(m.network);
    if (rc >= 0) {
        m.inside = rc;
        rc = move_all(&m, step_text(w, step->text[0]), step_text(w, step->text[1]));
    }
    close_all(&m);
    return rc < 0 ? rc : 0;
}
