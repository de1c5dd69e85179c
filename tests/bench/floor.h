/* SPDX-License-Identifier: MIT */
/*
 * The floor: what the system calls alone cost. The same container that the others start, made by
 * the fewest and fastest calls that are known, with nothing checked but their results: no plan, no
 * error texts, no helper between the caller and the command.
 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <stdbool.h>

struct floor_options {
    bool full;           /* all namespaces, /dev and /sys, capabilities: bench.h says what */
    bool filter;         /* the default system call filter, compiled */
    const char *overlay; /* mounted on the root, with these options; or NULL */
    bool v2;             /* group is in a cgroup v2 hierarchy; else in v1's pids hierarchy */
    const char *group;   /* directory in which the container's group is made */
    const char *root;
    char *const *argv;
};

/*
 * The variant of that name, where an overlay's options stand for the variant that has one. They are
 * kept. False: there is none.
 */
bool floor_is(struct floor_options *options, const char *name);

/*
 * Start a container, wait for its end, remove its group. Returns the status as wait(2) has it, or
 * -errno. Not for several threads at once.
 */
int floor_start(const struct floor_options *options);

#endif
