/* SPDX-License-Identifier: MIT */
#ifndef CGROUP_FIGURES_H
#define CGROUP_FIGURES_H

#include <stdint.h>
#include <sys/types.h>

/* A file of a group as text; its length, or -errno. */
ssize_t figures_read(int groupfd, const char *file, char *text, size_t size);

/* The number of a line "KEY NUMBER", or SCRATCH_FIGURE_UNKNOWN. */
uint64_t figures_keyed(const char *text, const char *key);

#endif
