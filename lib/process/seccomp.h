/* SPDX-License-Identifier: MIT */
/*
 * The default system call filter.
 */
#ifndef PROCESS_SECCOMP_H
#define PROCESS_SECCOMP_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"

/*
 * The default profile for a set of capabilities. Where that set needs no more than the default one,
 * the filter was compiled when the library was built; else libseccomp compiles it now, and *built
 * is set to what the caller has to free(3).
 */
int seccomp_default_filter(uint64_t capabilities, const struct sock_filter **filter, size_t *count,
                           struct sock_filter **built, struct scratch_error *err);

/* The default profile for an architecture (AUDIT_ARCH_*), by libseccomp. *built is to be freed. */
int seccomp_build_filter(uint32_t arch, uint64_t capabilities, struct sock_filter **built,
                         size_t *count, struct scratch_error *err);

#endif
