/* SPDX-License-Identifier: MIT */
/*
 * seccomp_generate ARCHITECTURE: run while libscratch is built, writes the default filter as rows
 * of an array. Building it at a start would take as long as the rest of the start.
 */
#include "process/seccomp_profile.h"

#include <scratch/process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name; /* as CMAKE_SYSTEM_PROCESSOR and `uname -m` have it */
    uint32_t arch;
} architectures[] = {
    {"x86_64", SCMP_ARCH_X86_64},
    {"amd64", SCMP_ARCH_X86_64},
    {"aarch64", SCMP_ARCH_AARCH64},
    {"arm64", SCMP_ARCH_AARCH64},
};

static const struct seccomp_library library = {
    .init = seccomp_init,
    .release = seccomp_release,
    .arch_native = seccomp_arch_native,
    .arch_add = seccomp_arch_add,
    .arch_remove = seccomp_arch_remove,
    .attr_set = seccomp_attr_set,
    .resolve_name = seccomp_syscall_resolve_name,
    .resolve_name_arch = seccomp_syscall_resolve_name_arch,
    .rule_add_array = seccomp_rule_add_array,
    .export_bpf = seccomp_export_bpf,
    .version = seccomp_version,
};

static uint32_t find_architecture(const char *name)
{
    for (size_t i = 0; i < sizeof architectures / sizeof *architectures; i++)
        if (strcmp(architectures[i].name, name) == 0)
            return architectures[i].arch;
    return 0;
}

int main(int argc, char **argv)
{
    struct sock_filter *filter = NULL;
    size_t count = 0;
    uint32_t arch = argc == 2 ? find_architecture(argv[1]) : 0;
    if (!arch) {
        fprintf(stderr, "usage: seccomp_generate x86_64|aarch64\n");
        return 2;
    }
    int rc = seccomp_profile_build(&library, arch, SCRATCH_CAP_DEFAULT, &filter, &count);
    if (rc < 0) {
        fprintf(stderr, "seccomp_generate: %s\n", strerror(-rc));
        return 1;
    }
    for (size_t i = 0; i < count; i++)
        printf("{0x%02x, %u, %u, 0x%08x},\n", filter[i].code, filter[i].jt, filter[i].jf,
               filter[i].k);
    free(filter);
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
