/* SPDX-License-Identifier: MIT */
/*
 * What this machine offers, found out by trying.
 */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include <stdbool.h>
#include <stddef.h>

/* One thing that is there or is not. */
struct probe {
    const char *name;
    const char *use; /* what for */
    bool there;
    const char *why_not; /* where more is known; or NULL */
    const char *instead; /* where it is not there: what is used in its place; or NULL */
};

/* Each fills at most size rows, and returns how many there are. */
size_t probe_namespaces(struct probe *probes, size_t size);
size_t probe_kernel(struct probe *probes, size_t size);
size_t probe_libraries(struct probe *probes, size_t size);

#define PROBES_MAX 16

#endif
