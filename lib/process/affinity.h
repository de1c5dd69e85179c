/* SPDX-License-Identifier: MIT */
/*
 * Which CPUs a process may run on: "0-3,7".
 */
#ifndef PROCESS_AFFINITY_H
#define PROCESS_AFFINITY_H

#include <stdbool.h>
#include <stdint.h>

/* More than any kernel is built for (CONFIG_NR_CPUS). */
#define AFFINITY_CPUS 8192

typedef uint64_t affinity_mask[AFFINITY_CPUS / 64];

/* False when a list is none: a word that is no number, a number too large, nothing at all. */
bool affinity_read(const char *list, affinity_mask mask);

#endif
