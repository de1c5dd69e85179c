/* SPDX-License-Identifier: MIT */
/*
 * The default system call profile, as a program for the kernel.
 *
 * Used twice: at build time by seccomp_generate, which links libseccomp, and by the library, which
 * loads it when it is needed; so libseccomp's functions are handed in.
 */
#ifndef PROCESS_SECCOMP_PROFILE_H
#define PROCESS_SECCOMP_PROFILE_H

#include <linux/filter.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seccomp_library {
    __typeof__(seccomp_init) *init;
    __typeof__(seccomp_release) *release;
    __typeof__(seccomp_arch_native) *arch_native;
    __typeof__(seccomp_arch_add) *arch_add;
    __typeof__(seccomp_arch_remove) *arch_remove;
    __typeof__(seccomp_attr_set) *attr_set;
    __typeof__(seccomp_syscall_resolve_name) *resolve_name;
    __typeof__(seccomp_syscall_resolve_name_arch) *resolve_name_arch;
    __typeof__(seccomp_rule_add_array) *rule_add_array;
    __typeof__(seccomp_export_bpf) *export_bpf;
    __typeof__(seccomp_version) *version;
};

/* The capabilities that open calls which are closed without any: others change nothing. */
uint64_t seccomp_profile_capabilities(void);

/*
 * Build the filter of an architecture (SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64) for a set of
 * capabilities. Returns 0 and what the caller has to free(3), or -errno.
 */
int seccomp_profile_build(const struct seccomp_library *library, uint32_t arch,
                          uint64_t capabilities, struct sock_filter **filter, size_t *count);

/*
 * The program of what was added to a context, behind instructions that come first. *filter is to be
 * freed. Returns 0 or -errno.
 */
int seccomp_export(const struct seccomp_library *library, scmp_filter_ctx context,
                   const struct sock_filter *first, size_t first_count, struct sock_filter **filter,
                   size_t *count);

#endif
