/* SPDX-License-Identifier: MIT */
/*
 * Children of the caller that share its memory until they end, and have no exit signal: the caller
 * sleeps meanwhile, and none of its own waiting sees them. Raw system calls alone, like the child
 * that becomes a container.
 */
#ifndef NAMESPACE_SPAWN_H
#define NAMESPACE_SPAWN_H

/*
 * A process that has ended in a new user namespace, and is not waited for: its files in /proc are
 * still there, to write the maps to, and to open the namespace by. Returns its pid or -errno.
 */
int spawn_user_namespace(int *pidfd);

/*
 * A new network namespace, whose loopback device is up: its fd, or -errno. -ENOTTY: the kernel
 * has no SIOCGSKNS (4.9).
 */
int spawn_network_namespace(void);

/*
 * Walk all steps of a plan in a new mount namespace, and return its fd, or -errno; w says which
 * step failed. Steps run in a process that ends: what they leave open in slots is the caller's.
 */
struct step_walk;
int spawn_mount_namespace(struct step_walk *w);

/* A netlink socket (rtnetlink(7)) of another network namespace, by its fd: an fd, or -errno. */
int spawn_netlink(int network);

/* Wait for it, and close the pidfd. */
void spawn_reap(int pidfd);

struct spawn {
    char *const *argv; /* argv[0] is the program's path */
    int null, said;    /* its standard input and output, and its standard error */
    int error;         /* -errno: it could not be executed */
    int status;        /* as wait4(2) has it */
};

/*
 * Run a program, and wait for it. It is a grandchild: an exec gives a process the exit signal
 * SIGCHLD, and a caller that waits for any child would take it. 0 or -errno.
 */
int spawn_program(struct spawn *spawn);

#endif
