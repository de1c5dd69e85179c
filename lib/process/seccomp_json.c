/* SPDX-License-Identifier: MIT */
/*
 * Profiles of system calls as JSON, in both forms of the field: the containers' profile (names,
 * archMap, includes, excludes: what docker and podman ship), and linux.seccomp of the OCI runtime
 * specification. One parser reads them, since neither gives a member of the other another meaning.
 */
#include "process/seccomp_rules.h"
#include "base/capability.h"
#include "base/error.h"
#include "base/error_name.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>

/* ---- names ---------------------------------------------------------------------------------- */

struct named {
    const char *name;
    uint32_t value;
    uint32_t most; /* of the number that goes with an action; 0: none does */
};

static const struct named actions[] = {
    {"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW, 0},
    {"SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0), 4095 /* the kernel's MAX_ERRNO */},
    {"SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD, 0},
    {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS, 0},
    {"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD, 0},
    {"SCMP_ACT_LOG", SCMP_ACT_LOG, 0},
    {"SCMP_ACT_NOTIFY", SCMP_ACT_NOTIFY, 0},
    {"SCMP_ACT_TRACE", SCMP_ACT_TRACE(0), UINT16_MAX},
    {"SCMP_ACT_TRAP", SCMP_ACT_TRAP, 0},
    {NULL, 0, 0},
};

static const struct named operators[] = {
    {"SCMP_CMP_EQ", SCMP_CMP_EQ, 0}, {"SCMP_CMP_GE", SCMP_CMP_GE, 0},
    {"SCMP_CMP_GT", SCMP_CMP_GT, 0}, {"SCMP_CMP_LE", SCMP_CMP_LE, 0},
    {"SCMP_CMP_LT", SCMP_CMP_LT, 0}, {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ, 0},
    {"SCMP_CMP_NE", SCMP_CMP_NE, 0}, {NULL, 0, 0},
};

/* scratch-init has one thread when it loads the filter: there is nobody to synchronize. */
static const struct named flags[] = {
    {"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG, 0},
    {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW, 0},
    {"SECCOMP_FILTER_FLAG_TSYNC", 0, 0},
    {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_WAIT_KILLABLE, 0},
    {NULL, 0, 0},
};

/* With 0: an architecture whose programs this machine's kernel does not run. */
static const struct named architectures[] = {
#if defined(__x86_64__)
    {"SCMP_ARCH_X86_64", SCMP_ARCH_X86_64, 0},
    {"SCMP_ARCH_X86", SCMP_ARCH_X86, 0},
    {"SCMP_ARCH_X32", SCMP_ARCH_X32, 0},
    {"SCMP_ARCH_AARCH64", 0, 0},
    {"SCMP_ARCH_ARM", 0, 0},
#elif defined(__aarch64__)
    {"SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64, 0},
    {"SCMP_ARCH_ARM", SCMP_ARCH_ARM, 0},
    {"SCMP_ARCH_X86_64", 0, 0},
    {"SCMP_ARCH_X86", 0, 0},
    {"SCMP_ARCH_X32", 0, 0},
#endif
    {"SCMP_ARCH_LOONGARCH64", 0, 0},
    {"SCMP_ARCH_M68K", 0, 0},
    {"SCMP_ARCH_MIPS", 0, 0},
    {"SCMP_ARCH_MIPS64", 0, 0},
    {"SCMP_ARCH_MIPS64N32", 0, 0},
    {"SCMP_ARCH_MIPSEL", 0, 0},
    {"SCMP_ARCH_MIPSEL64", 0, 0},
    {"SCMP_ARCH_MIPSEL64N32", 0, 0},
    {"SCMP_ARCH_PARISC", 0, 0},
    {"SCMP_ARCH_PARISC64", 0, 0},
    {"SCMP_ARCH_PPC", 0, 0},
    {"SCMP_ARCH_PPC64", 0, 0},
    {"SCMP_ARCH_PPC64LE", 0, 0},
    {"SCMP_ARCH_RISCV64", 0, 0},
    {"SCMP_ARCH_S390", 0, 0},
    {"SCMP_ARCH_S390X", 0, 0},
    {"SCMP_ARCH_SH", 0, 0},
    {"SCMP_ARCH_SHEB", 0, 0},
    {NULL, 0, 0},
};

/* What "arches" calls this machine: Go's name for it. */
#if defined(__x86_64__)
#define NATIVE_NAME "amd64"
#elif defined(__aarch64__)
#define NATIVE_NAME "arm64"
#endif

const char *seccomp_word(enum seccomp_words which, size_t index)
{
    static const struct named *const tables[] = {
        [SECCOMP_ACTIONS] = actions,
        [SECCOMP_OPERATORS] = operators,
        [SECCOMP_ARCHITECTURES] = architectures,
        [SECCOMP_FLAGS] = flags,
    };
    return tables[which][index].name; /* each ends with a row without one */
}

bool seccomp_flag_works(size_t index)
{
    uint32_t flag = flags[index].value;
    if (flag == SECCOMP_WAIT_KILLABLE) /* it is about answers */
        flag |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
    return flag == 0 || seccomp_flags_known(flag);
}

static int get_named(const struct json_in *value, const struct named *table,
                     const struct named **found, const char *what, struct scratch_error *err)
{
    const char *text;
    int rc = json_get_text(value, &text, err);
    if (rc < 0)
        return rc;
    for (*found = table; (*found)->name; ++*found)
        if (strcmp((*found)->name, text) == 0)
            return 0;
    return json_wrong(value, what,
                      "see seccomp in config-linux.md of the OCI runtime "
                      "specification, or use a newer libscratch",
                      err);
}

/* ---- actions -------------------------------------------------------------------------------- */

/* The number of "EPERM"; 0: there is none of that name, or the C library does not tell. */
static uint32_t errno_number(const char *name)
{
    for (int number = 1; number < 256; number++) {
        const char *own = error_name(number);
        if (own && strcmp(own, name) == 0)
            return (uint32_t)number;
    }
    return 0;
}

/* An errno by name goes before the one by number, which differs between machines. */
static int read_errno(const struct json_in *object, const char *const members[2],
                      const struct named *action, uint64_t *number, struct scratch_error *err)
{
    struct json_in named, numbered;
    bool by_name = json_member(object, members[0], &named);
    bool by_number = json_member(object, members[1], &numbered);
    const char *name;
    *number = EPERM;
    if (!action->most && (by_name || by_number))
        return json_wrong(by_name ? &named : &numbered, "the action takes no errno",
                          "it goes with SCMP_ACT_ERRNO and SCMP_ACT_TRACE", err);
    int rc = by_number ? json_get_number(&numbered, action->most, number, err) : 0;
    if (rc == 0 && by_name && (rc = json_get_text(&named, &name, err)) == 0 && *name) {
        uint32_t found = errno_number(name);
        if (!found && !by_number)
            return json_wrong(&named, "there is no errno of this name", "write its number", err);
        *number = found ? found : *number;
    }
    return rc;
}

static int read_action(const struct json_in *object, const char *member,
                       const char *const errno_members[2], uint32_t *action,
                       struct scratch_error *err)
{
    const struct named *named = NULL;
    struct json_in value;
    uint64_t number;
    if (!json_member(object, member, &value))
        return json_wrong(object, "it names no action", "SCMP_ACT_ALLOW, SCMP_ACT_ERRNO, …", err);
    int rc = get_named(&value, actions, &named, "there is no action of this name", err);
    if (rc == 0)
        rc = read_errno(object, errno_members, named, &number, err);
    if (rc == 0)
        *action = named->value | (named->most ? (uint32_t)number : 0);
    return rc;
}

/* ---- when a rule holds ---------------------------------------------------------------------- */

static int read_kernel(const struct json_in *value, bool *newer, struct scratch_error *err)
{
    unsigned wanted[2], own[2] = {0, 0};
    struct utsname name;
    const char *text;
    char rest;
    int rc = json_get_text(value, &text, err);
    if (rc < 0)
        return rc;
    if (sscanf(text, "%u.%u%c", &wanted[0], &wanted[1], &rest) != 2)
        return json_wrong(value, "it is not a version such as 4.8", NULL, err);
    if (uname(&name) == 0)
        sscanf(name.release, "%u.%u", &own[0], &own[1]);
    *newer = own[0] != wanted[0] ? own[0] > wanted[0] : own[1] >= wanted[1];
    return 0;
}

/* How many of the capabilities that are named the container has. */
static int count_caps(const struct json_in *caps, uint64_t capabilities, size_t *held,
                      struct scratch_error *err)
{
    struct json_in item;
    const char *name;
    int rc = json_expect(caps, JSON_ARRAY, err);
    *held = 0;
    for (size_t i = 0; rc == 0 && i < json_count(caps); i++) {
        json_item(caps, i, &item);
        rc = json_get_text(&item, &name, err);
        int number = rc == 0 ? capability_number(name) : 0;
        if (number < 0)
            return json_wrong(&item, "there is no capability of this name", "see capabilities(7)",
                              err);
        *held += rc == 0 && capabilities >> number & 1;
    }
    return rc;
}

static int has_arch(const struct json_in *arches, bool *found, struct scratch_error *err)
{
    struct json_in item;
    const char *name;
    int rc = json_expect(arches, JSON_ARRAY, err);
    *found = false;
    for (size_t i = 0; rc == 0 && i < json_count(arches); i++) {
        json_item(arches, i, &item);
        rc = json_get_text(&item, &name, err);
        *found = *found || (rc == 0 && strcmp(name, NATIVE_NAME) == 0);
    }
    return rc;
}

/* What "includes" or "excludes" ask for: how much of it is there. */
struct matches {
    bool caps, arches, kernel; /* it asks for any at all */
    bool any_cap, all_caps, arch, newer;
};

static int read_matches(const struct json_in *filter, uint64_t capabilities, struct matches *m,
                        struct scratch_error *err)
{
    static const char *const members[] = {"caps", "arches", "minKernel", NULL};
    struct json_in caps, arches, kernel;
    const char *version;
    size_t held = 0;
    *m = (struct matches){0};
    int rc = json_known(filter, members, err);
    if (rc == 0 && json_member(filter, "caps", &caps)) {
        rc = count_caps(&caps, capabilities, &held, err);
        m->caps = rc == 0 && json_count(&caps) > 0;
        m->any_cap = held > 0;
        m->all_caps = rc == 0 && held == json_count(&caps);
    }
    if (rc == 0 && json_member(filter, "arches", &arches)) {
        rc = has_arch(&arches, &m->arch, err);
        m->arches = rc == 0 && json_count(&arches) > 0;
    }
    if (rc == 0 && json_member(filter, "minKernel", &kernel)) {
        rc = json_get_text(&kernel, &version, err);
        m->kernel = rc == 0 && *version;
        if (m->kernel)
            rc = read_kernel(&kernel, &m->newer, err);
    }
    return rc;
}

/* A rule needs all that it includes, and nothing that it excludes: as podman and docker read it. */
static int holds(const struct json_in *rule, uint64_t capabilities, bool *yes,
                 struct scratch_error *err)
{
    struct json_in filter;
    struct matches m;
    int rc = 0;
    *yes = true;
    if (json_member(rule, "includes", &filter)) {
        rc = read_matches(&filter, capabilities, &m, err);
        *yes = (!m.caps || m.all_caps) && (!m.arches || m.arch) && (!m.kernel || m.newer);
    }
    if (rc == 0 && json_member(rule, "excludes", &filter)) {
        rc = read_matches(&filter, capabilities, &m, err);
        *yes = *yes && !m.any_cap && !(m.arches && m.arch) && !(m.kernel && m.newer);
    }
    return rc;
}

/* ---- rules ---------------------------------------------------------------------------------- */

static int read_argument(const struct json_in *value, struct scmp_arg_cmp *compare,
                         struct scratch_error *err)
{
    static const char *const members[] = {"index", "value", "valueTwo", "op", NULL};
    struct json_in index, first, second, operator;
    const struct named *named = NULL;
    uint64_t number = 0;
    *compare = (struct scmp_arg_cmp){0};
    int rc = json_known(value, members, err);
    if (rc == 0 && (!json_member(value, "index", &index) || !json_member(value, "op", &operator)))
        rc = json_wrong(value, "it has no index or no op", NULL, err);
    if (rc == 0)
        rc = json_get_number(&index, SECCOMP_ARGUMENTS - 1, &number, err);
    if (rc == 0)
        rc = get_named(&operator, operators, &named, "there is no operator of this name", err);
    if (rc < 0 || !named)
        return rc;
    compare->arg = (unsigned)number;
    compare->op = (enum scmp_compare)named->value;
    if (json_member(value, "value", &first))
        rc = json_get_number(&first, UINT64_MAX, &compare->datum_a, err);
    if (rc == 0 && json_member(value, "valueTwo", &second))
        rc = json_get_number(&second, UINT64_MAX, &compare->datum_b, err);
    return rc;
}

static int read_arguments(const struct json_in *value, struct seccomp_rule *rule,
                          struct scratch_error *err)
{
    struct json_in argument;
    struct json_in args;
    if (!json_member(value, "args", &args))
        return 0;
    int rc = json_expect(&args, JSON_ARRAY, err);
    if (rc == 0 && json_count(&args) > SECCOMP_RULE_MAX)
        return json_wrong(&args, "there are too many", NULL, err);
    for (size_t i = 0; rc == 0 && i < json_count(&args); i++) {
        json_item(&args, i, &argument);
        rc = read_argument(&argument, &rule->compare[rule->count++], err);
    }
    return rc;
}

static int add_name(struct seccomp_rules *rules, const struct json_in *value,
                    const struct seccomp_rule *rule, struct scratch_error *err)
{
    const char *name;
    int rc = json_get_text(value, &name, err);
    if (rc < 0)
        return rc;
    if (rule->action == SCMP_ACT_NOTIFY && strcmp(name, "write") == 0)
        return json_wrong(value, "SCMP_ACT_NOTIFY cannot be used for the write syscall",
                          "a start that fails says so by it, and would wait for the answer", err);
    rc = seccomp_rules_add(rules, name, rule);
    if (rc == -EEXIST)
        return json_wrong(value, "another rule gives the same call another action",
                          "see its other rules: includes and excludes", err);
    return rc < 0 ? json_wrong(value, strerror(-rc), "libseccomp refuses the rule", err) : 0;
}

/* "names"; or "name", which is how profiles began. */
static int add_names(struct seccomp_rules *rules, const struct json_in *value,
                     const struct seccomp_rule *rule, struct scratch_error *err)
{
    struct json_in names, name;
    bool one = json_member(value, "name", &name);
    bool many = json_member(value, "names", &names);
    if (one == many)
        return json_wrong(value, one ? "it has both name and names" : "it names no system call",
                          "write names, an array", err);
    if (one)
        return add_name(rules, &name, rule, err);
    int rc = json_expect(&names, JSON_ARRAY, err);
    for (size_t i = 0; rc == 0 && i < json_count(&names); i++) {
        json_item(&names, i, &name);
        rc = add_name(rules, &name, rule, err);
    }
    return rc;
}

static int read_rule(struct seccomp_rules *rules, const struct json_in *value,
                     uint64_t capabilities, struct scratch_error *err)
{
    static const char *const members[] = {"name",     "names", "action",   "args",    "includes",
                                          "excludes", "errno", "errnoRet", "comment", NULL};
    static const char *const errnos[] = {"errno", "errnoRet"};
    struct seccomp_rule rule = {0};
    bool wanted = false;
    int rc = json_known(value, members, err);
    if (rc == 0)
        rc = read_action(value, "action", errnos, &rule.action, err);
    if (rc == 0)
        rc = read_arguments(value, &rule, err);
    if (rc == 0)
        rc = holds(value, capabilities, &wanted, err);
    return rc < 0 || !wanted ? rc : add_names(rules, value, &rule, err);
}

/* ---- architectures -------------------------------------------------------------------------- */

static int add_architectures(struct seccomp_rules *rules, const struct json_in *list,
                             struct scratch_error *err)
{
    const struct named *named = NULL;
    struct json_in item;
    int rc = json_expect(list, JSON_ARRAY, err);
    for (size_t i = 0; rc == 0 && i < json_count(list); i++) {
        json_item(list, i, &item);
        rc = get_named(&item, architectures, &named, "there is no architecture of this name", err);
        if (rc == 0 && named->value && (rc = seccomp_rules_arch(rules, named->value)) < 0)
            rc = json_wrong(&item, "libseccomp refuses it", NULL, err);
    }
    return rc;
}

/* An entry of "archMap" says what else runs on a machine. */
static int read_map_entry(struct seccomp_rules *rules, const struct json_in *entry,
                          struct scratch_error *err)
{
    static const char *const members[] = {"architecture", "subArchitectures", NULL};
    struct json_in architecture, others;
    const struct named *named = NULL;
    int rc = json_known(entry, members, err);
    if (rc == 0 && !json_member(entry, "architecture", &architecture))
        rc = json_wrong(entry, "it names no architecture", NULL, err);
    if (rc == 0)
        rc = get_named(&architecture, architectures, &named,
                       "there is no architecture of this name", err);
    if (rc < 0 || !json_member(entry, "subArchitectures", &others))
        return rc;
    return named == architectures /* this machine's */ ? add_architectures(rules, &others, err) : 0;
}

static int read_architectures(struct seccomp_rules *rules, const struct json_in *profile,
                              struct scratch_error *err)
{
    struct json_in list, map, entry;
    bool listed = json_member(profile, "architectures", &list) && json_count(&list) > 0;
    bool mapped = json_member(profile, "archMap", &map);
    if (listed && mapped && json_count(&map) > 0)
        return json_wrong(&list, "there are both architectures and archMap", "leave one out", err);
    int rc = listed ? add_architectures(rules, &list, err) : 0;
    if (rc == 0 && mapped)
        rc = json_expect(&map, JSON_ARRAY, err);
    for (size_t i = 0; rc == 0 && mapped && i < json_count(&map); i++) {
        json_item(&map, i, &entry);
        rc = read_map_entry(rules, &entry, err);
    }
    return rc;
}

/* ---- a profile ------------------------------------------------------------------------------ */

static int read_flags(struct seccomp_rules *rules, const struct json_in *profile,
                      struct scratch_error *err)
{
    const struct named *named = NULL;
    struct json_in list, item;
    if (!json_member(profile, "flags", &list))
        return 0;
    int rc = json_expect(&list, JSON_ARRAY, err);
    for (size_t i = 0; rc == 0 && i < json_count(&list); i++) {
        json_item(&list, i, &item);
        rc = get_named(&item, flags, &named, "there is no flag of this name", err);
        if (rc == 0 && named)
            rules->flags |= named->value;
    }
    return rc;
}

static int read_default(const struct json_in *profile, uint32_t *action, struct scratch_error *err)
{
    static const char *const errnos[] = {"defaultErrno", "defaultErrnoRet"};
    struct json_in value;
    int rc = read_action(profile, "defaultAction", errnos, action, err);
    if (rc == 0 && *action == SCMP_ACT_NOTIFY && json_member(profile, "defaultAction", &value))
        return json_wrong(&value, "nobody can answer every call",
                          "ask about those that matter, in syscalls", err);
    return rc;
}

static int read_rules(struct seccomp_rules *rules, const struct json_in *profile,
                      uint64_t capabilities, struct scratch_error *err)
{
    struct json_in list, item;
    int rc = read_architectures(rules, profile, err);
    if (rc == 0)
        rc = read_flags(rules, profile, err);
    if (rc < 0 || !json_member(profile, "syscalls", &list))
        return rc;
    rc = json_expect(&list, JSON_ARRAY, err);
    for (size_t i = 0; rc == 0 && i < json_count(&list); i++) {
        json_item(&list, i, &item);
        rc = read_rule(rules, &item, capabilities, err);
    }
    return rc;
}

int seccomp_from_json(const struct json_in *profile, uint64_t capabilities,
                      struct seccomp_program *program, struct scratch_error *err)
{
    static const char *const members[] = {
        "defaultAction", "defaultErrno", "defaultErrnoRet",  "architectures", "archMap", "syscalls",
        "flags",         "listenerPath", "listenerMetadata", "comment",       NULL};
    struct seccomp_rules rules = {0};
    uint32_t action = 0;
    int rc = json_known(profile, members, err);
    if (rc == 0)
        rc = read_default(profile, &action, err);
    if (rc == 0)
        rc = seccomp_rules_begin(&rules, action, err);
    if (rc < 0)
        return rc;
    rc = read_rules(&rules, profile, capabilities, err);
    return seccomp_rules_end(&rules, rc, program, err);
}
