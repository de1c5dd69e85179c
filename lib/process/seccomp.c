/* SPDX-License-Identifier: MIT */
#include "process/seccomp.h"
#include "base/error.h"
#include "base/lazy.h"
#include "process/seccomp_profile.h"

#include <errno.h>
#include <scratch/process.h>

#if defined(__x86_64__)
#define SECCOMP_ARCH SCMP_ARCH_X86_64
#elif defined(__aarch64__)
#define SECCOMP_ARCH SCMP_ARCH_AARCH64
#endif

LAZY_NOTE("libseccomp", "system call filters for other capabilities than the default ones",
          LIBSECCOMP_SONAME);

static struct seccomp_library functions;

static const struct lazy_symbol symbols[] = {
    {"seccomp_init", (void **)&functions.init},
    {"seccomp_release", (void **)&functions.release},
    {"seccomp_arch_native", (void **)&functions.arch_native},
    {"seccomp_arch_add", (void **)&functions.arch_add},
    {"seccomp_arch_remove", (void **)&functions.arch_remove},
    {"seccomp_attr_set", (void **)&functions.attr_set},
    {"seccomp_syscall_resolve_name", (void **)&functions.resolve_name},
    {"seccomp_syscall_resolve_name_arch", (void **)&functions.resolve_name_arch},
    {"seccomp_rule_add_array", (void **)&functions.rule_add_array},
    {"seccomp_export_bpf", (void **)&functions.export_bpf},
    {"seccomp_version", (void **)&functions.version},
};
static struct lazy_library libseccomp = {LIBSECCOMP_SONAME, false, symbols,
                                         sizeof symbols / sizeof *symbols};

/* Written while the library was built, by seccomp_generate. */
static const struct sock_filter default_filter[] = {
#include "seccomp_default.inc"
};

const struct seccomp_library *seccomp_library(struct scratch_error *err)
{
    if (lazy_load(&libseccomp) == 0)
        return &functions;
    lazy_missing(err, "build a system call filter", NULL, "libseccomp",
                 "install it, or do with the default capabilities and filter");
    return NULL;
}

int seccomp_build_filter(uint32_t arch, uint64_t capabilities, struct sock_filter **built,
                         size_t *count, struct scratch_error *err)
{
    const struct seccomp_library *library = seccomp_library(err);
    if (!library)
        return -ENOSYS;
    int rc = seccomp_profile_build(library, arch, capabilities, built, count);
    return rc < 0 ? error_set(err, -rc, "build a system call filter", NULL, NULL) : 0;
}

int seccomp_default_filter(uint64_t capabilities, const struct sock_filter **filter, size_t *count,
                           struct sock_filter **built, struct scratch_error *err)
{
    *built = NULL;
    if (!(capabilities & seccomp_profile_capabilities() & ~SCRATCH_CAP_DEFAULT)) {
        *filter = default_filter;
        *count = sizeof default_filter / sizeof *default_filter;
        return 0;
    }
    int rc = seccomp_build_filter(SECCOMP_ARCH, capabilities, built, count, err);
    *filter = *built;
    return rc;
}
