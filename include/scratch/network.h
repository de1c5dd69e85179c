/* SPDX-License-Identifier: MIT */
/**
 * @file network.h
 * A network for a container that has a network namespace of its own.
 *
 * A new network namespace has nothing in it but a loopback interface. To reach further without
 * privilege takes a program outside that hands packets on: pasta(1) of passt, or slirp4netns(1).
 * They are run as the separate programs they are, found in the caller's PATH when a container
 * starts, and end with it, also when the caller is killed.
 */
#ifndef SCRATCH_NETWORK_H
#define SCRATCH_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <scratch/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** Who hands packets on. */
enum scratch_network_program {
    SCRATCH_NETWORK_NO_PROGRAM = 0, /**< nobody: the network is what the namespace has */
    SCRATCH_NETWORK_PASTA,          /**< the container has the host's addresses */
    SCRATCH_NETWORK_SLIRP4NETNS,    /**< the container is 10.0.2.100 */
};

/** A port of the host that leads to one of the container. */
struct scratch_network_port {
    const char *address; /**< of the host: IPv4 or IPv6; NULL: all */
    uint16_t host;
    uint16_t container;
    bool udp; /**< or else TCP */
};

/** A line of /etc/hosts. */
struct scratch_network_host {
    const char *name;
    const char *address;
};

/** A network device of the caller's that becomes the container's, with its addresses. */
struct scratch_network_device {
    const char *name;   /**< in the caller's network namespace */
    const char *inside; /**< its name in the container's; NULL: the same */
};

/** The network of a spec. */
struct scratch_network_options {
    size_t size; /**< sizeof(struct scratch_network_options) */
    enum scratch_network_program program;
    const struct scratch_network_port *ports; /**< need a program */
    size_t port_count;
    bool host_loopback; /**< let the container reach what listens on the host's 127.0.0.1: at the
                             gateway's address with pasta, 10.0.2.2 with slirp4netns */
    const char *const *arguments; /**< more of them for the program, ends with NULL */
    bool resolver; /**< show an /etc/resolv.conf with which names are found: by the program's own
                        name server, or the host's. It covers the root's own, which stays; where
                        there is none, an empty file is made to be covered */
    const char *const *dns; /**< addresses of other name servers, ends with NULL */
    const struct scratch_network_host *hosts; /**< show an /etc/hosts with these as well */
    size_t host_count;
    /** Needs CAP_NET_ADMIN, and a network namespace that is not the caller's. When that ends a
        device of the machine's hardware is the first one's again, and one of software is gone. */
    const struct scratch_network_device *devices;
    size_t device_count;
};

#define SCRATCH_NETWORK_OPTIONS_INIT                                                               \
    {                                                                                              \
        sizeof(struct scratch_network_options), SCRATCH_NETWORK_NO_PROGRAM, NULL, 0, false, NULL,  \
            true, NULL, NULL, 0, NULL, 0                                                           \
    }

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
