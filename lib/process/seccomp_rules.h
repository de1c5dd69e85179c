/* SPDX-License-Identifier: MIT */
/*
 * Rules on system calls, made into a filter by libseccomp.
 */
#ifndef PROCESS_SECCOMP_RULES_H
#define PROCESS_SECCOMP_RULES_H

#include "process/seccomp.h"
#include "process/seccomp_profile.h"

#define SECCOMP_ARGUMENTS 6

/* How many comparisons a rule may have; those on one argument are alternatives. */
#define SECCOMP_RULE_MAX 64

/* As many as libseccomp has, and some to come. */
#define SECCOMP_RULES_ARCHITECTURES 32

struct seccomp_rules {
    const struct seccomp_library *library;
    scmp_filter_ctx context;
    uint32_t otherwise; /* the default action */
    uint32_t flags;     /* SECCOMP_FILTER_FLAG_* */
    struct {
        uint32_t arch; /* SCMP_ARCH_*, the kernel's AUDIT_ARCH_* */
        int newest;    /* the highest number of a call that is named, or -1 */
    } arch[SECCOMP_RULES_ARCHITECTURES];
    size_t arch_count;
};

struct seccomp_rule {
    uint32_t action;
    size_t count;
    struct scmp_arg_cmp compare[SECCOMP_RULE_MAX];
};

/* Begin with the action for calls that no rule is about. This machine's architecture is in. */
int seccomp_rules_begin(struct seccomp_rules *rules, uint32_t otherwise, struct scratch_error *err);

int seccomp_rules_arch(struct seccomp_rules *rules, uint32_t arch);

/*
 * A rule on a call. One that this libseccomp does not know is a newer kernel's, and left to the
 * default action. -EEXIST: another rule contradicts it.
 */
int seccomp_rules_add(struct seccomp_rules *rules, const char *call,
                      const struct seccomp_rule *rule);

/* Compile, unless rc says that something has failed, and free the rules. Returns 0 or -errno. */
int seccomp_rules_end(struct seccomp_rules *rules, int rc, struct seccomp_program *program,
                      struct scratch_error *err);

#endif
