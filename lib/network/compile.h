/* SPDX-License-Identifier: MIT */
/*
 * The network's part of a plan.
 */
#ifndef NETWORK_COMPILE_H
#define NETWORK_COMPILE_H

#include <scratch/network.h>
#include <scratch/rootfs.h>
#include "step/builder.h"

/*
 * When the namespaces are there: meet, and let the program begin. In the state directory is what it
 * is spoken to through; it is needed only where network_needs_state() says so.
 */
int network_compile(struct builder *b, const struct scratch_network_options *options,
                    const char *state);

static inline bool network_needs_state(const struct scratch_network_options *options)
{
    return options->program == SCRATCH_NETWORK_SLIRP4NETNS && options->port_count > 0;
}

/* When the root is there, which may be a copy of the host's: resolv.conf and hosts. */
int network_compile_files(struct builder *b, const struct scratch_network_options *options,
                          enum scratch_rootfs_kind root);

/*
 * files.c: what they have in them; to free(3). NULL: no memory. own: the network namespace is not
 * the host's, and what listens on the host's loopback addresses is not reached from it.
 */
char *network_resolv_conf(const struct scratch_network_options *options, bool own);
char *network_hosts(const struct scratch_network_options *options, bool hosts_root);

/* The address that pasta is told to answer questions for names at, and slirp4netns's own. */
#define NETWORK_PASTA_DNS "169.254.1.1"
#define NETWORK_SLIRP_DNS "10.0.2.3"

/*
 * What only a start can fill in, in a program's command line: the words that are these, and, in the
 * one that ends with NETWORK_SOCKET, the container's id.
 */
#define NETWORK_PID     "PID"
#define NETWORK_NET_NS  "/proc/PID/ns/net"
#define NETWORK_USER_NS "/proc/PID/ns/user"
#define NETWORK_SOCKET  "/.ID.slirp"

/*
 * The network namespace as standard input. As root pasta gives up what it would take to open that
 * of a process which cannot be traced, but not what it takes to enter it.
 */
#define NETWORK_NET_INPUT "/proc/self/fd/0"

/* Where slirp4netns says that it is ready. (pasta closes all but its standard streams.) */
#define NETWORK_READY_FD 3

#endif
