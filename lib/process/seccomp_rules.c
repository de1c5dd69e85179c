/* SPDX-License-Identifier: MIT */
#include "process/seccomp_rules.h"
#include "base/error.h"
#include "base/sys.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

static void note_arch(struct seccomp_rules *rules, uint32_t arch)
{
    if (rules->arch_count == SECCOMP_RULES_ARCHITECTURES || arch == SCMP_ARCH_X32)
        return; /* x32's calls are another table of x86-64's */
    rules->arch[rules->arch_count].arch = arch;
    rules->arch[rules->arch_count++].newest = -1;
}

int seccomp_rules_begin(struct seccomp_rules *rules, uint32_t otherwise, struct scratch_error *err)
{
    *rules = (struct seccomp_rules){.library = seccomp_library(err), .otherwise = otherwise};
    if (!rules->library)
        return -ENOSYS;
    rules->context = rules->library->init(otherwise);
    if (!rules->context)
        return error_because(err, EINVAL, "build a system call filter", NULL,
                             "libseccomp or the kernel does not have the default action",
                             "use a newer libseccomp and kernel");
    note_arch(rules, rules->library->arch_native());
    /* Programs of an architecture that is not listed are ended: no rule was meant for them. */
    rules->library->attr_set(rules->context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    /* A binary tree, since libseccomp 2.5: the kernel checks and runs it in a third of the time. */
    rules->library->attr_set(rules->context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    return 0;
}

int seccomp_rules_arch(struct seccomp_rules *rules, uint32_t arch)
{
    int rc = rules->library->arch_add(rules->context, arch);
    if (rc == 0)
        note_arch(rules, arch);
    return rc == -EEXIST ? 0 : rc;
}

static void note_call(struct seccomp_rules *rules, const char *call)
{
    for (size_t i = 0; i < rules->arch_count; i++) {
        int number = rules->library->resolve_name_arch(rules->arch[i].arch, call);
        if (number > rules->arch[i].newest)
            rules->arch[i].newest = number;
    }
}

/* True when an argument is compared twice: the kernel's "and" could not hold, so they mean "or". */
static bool has_alternatives(const struct seccomp_rule *rule)
{
    unsigned seen = 0;
    for (size_t i = 0; i < rule->count; i++) {
        unsigned bit = 1u << rule->compare[i].arg;
        if (seen & bit)
            return true;
        seen |= bit;
    }
    return false;
}

int seccomp_rules_add(struct seccomp_rules *rules, const char *call,
                      const struct seccomp_rule *rule)
{
    const struct seccomp_library *library = rules->library;
    int number = library->resolve_name(call), rc = 0;
    note_call(rules, call);
    if (number == __NR_SCMP_ERROR || rule->action == rules->otherwise)
        return 0;
    if (rule->action == SCMP_ACT_NOTIFY)
        rules->flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
    if (!has_alternatives(rule))
        return library->rule_add_array(rules->context, rule->action, number, (unsigned)rule->count,
                                       rule->compare);
    for (size_t i = 0; i < rule->count && rc == 0; i++)
        rc = library->rule_add_array(rules->context, rule->action, number, 1, &rule->compare[i]);
    return rc;
}

/* ---- calls that came after the rules were written ------------------------------------------- */

#define PROLOGUE_STEP 6 /* instructions for an architecture */
#define X32_BIT       0x40000000

static struct sock_filter load(size_t offset)
{
    return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset);
}

/*
 * A program that tries a new call and gets another error than ENOSYS does not fall back to an older
 * one: its author did not mean to refuse what is newer than all that a profile names. As runc has
 * it, all such calls are unknown, unless what no rule is about is allowed.
 */
static bool hides_newer(const struct seccomp_rules *rules)
{
    uint32_t action = rules->otherwise & SECCOMP_RET_ACTION_FULL;
    return action != SECCOMP_RET_ALLOW && action != SECCOMP_RET_LOG &&
           action != SECCOMP_RET_TRACE && rules->otherwise != SCMP_ACT_ERRNO(ENOSYS);
}

/* Goes on with the architecture loaded, as the rest of the filter wants it or loads it itself. */
static size_t refuse_newer(struct sock_filter *out, uint32_t arch, uint32_t newest)
{
    const bool x32 = arch == SCMP_ARCH_X86_64;
    size_t n = 0;
    out[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arch, 0, x32 ? 5 : 4);
    out[n++] = load(offsetof(struct seccomp_data, nr));
    if (x32)
        out[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 2, 0);
    out[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, newest, 0, 1);
    out[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
    out[n++] = load(offsetof(struct seccomp_data, arch));
    return n;
}

static size_t write_prologue(const struct seccomp_rules *rules, struct sock_filter *out)
{
    size_t n = 0;
    for (size_t i = 0; hides_newer(rules) && i < rules->arch_count; i++) {
        if (rules->arch[i].newest < 0)
            continue;
        if (n == 0)
            out[n++] = load(offsetof(struct seccomp_data, arch));
        n += refuse_newer(out + n, rules->arch[i].arch, (uint32_t)rules->arch[i].newest);
    }
    return n;
}

static int compile(const struct seccomp_rules *rules, struct seccomp_program *program,
                   struct scratch_error *err)
{
    struct sock_filter prologue[1 + PROLOGUE_STEP * SECCOMP_RULES_ARCHITECTURES];
    *program = (struct seccomp_program){.flags = rules->flags};
    int rc = seccomp_export(rules->library, rules->context, prologue,
                            write_prologue(rules, prologue), &program->filter, &program->count);
    if (rc < 0)
        return error_set(err, -rc, "build a system call filter", NULL, NULL);
    if (seccomp_is_filter(program->filter, program->count))
        return 0;
    free(program->filter);
    return error_because(err, E2BIG, "build a system call filter", NULL,
                         "it has more than the 4096 instructions that the kernel takes",
                         "use fewer rules, or list fewer architectures");
}

int seccomp_rules_end(struct seccomp_rules *rules, int rc, struct seccomp_program *program,
                      struct scratch_error *err)
{
    if (rc == 0)
        rc = compile(rules, program, err);
    rules->library->release(rules->context);
    return rc;
}

/* ---- what the kernel takes ------------------------------------------------------------------ */

bool seccomp_flags_known(uint32_t flags)
{
    /* There is no filter at address 0: that is found out after the flags. */
    return sys3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, 0) == -EFAULT;
}

static bool is_instruction(const struct sock_filter *i, size_t left)
{
    switch (i->code) {
    case BPF_LD | BPF_W | BPF_ABS:
        return i->k % 4 == 0 && i->k < sizeof(struct seccomp_data);
    case BPF_ALU | BPF_AND | BPF_K:
        return left > 0;
    case BPF_RET | BPF_K:
        return true;
    case BPF_JMP | BPF_JA:
        return i->k < left;
    case BPF_JMP | BPF_JEQ | BPF_K:
    case BPF_JMP | BPF_JGT | BPF_K:
    case BPF_JMP | BPF_JGE | BPF_K:
    case BPF_JMP | BPF_JSET | BPF_K:
        return i->jt < left && i->jf < left;
    default:
        return false;
    }
}

bool seccomp_is_filter(const struct sock_filter *filter, size_t count)
{
    if (count == 0 || count > BPF_MAXINSNS || filter[count - 1].code != (BPF_RET | BPF_K))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!is_instruction(&filter[i], count - 1 - i))
            return false;
    return true;
}
