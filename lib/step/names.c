/* SPDX-License-Identifier: MIT */
#include "step/names.h"
#include "base/capability.h"

#include <ctype.h>
#include <linux/elf-em.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

/* <sys/mount.h> clashes with <linux/mount.h> in some C libraries: the kernel's values. */
#define MS_REC_        (1u << 14)
#define MS_UNBINDABLE_ (1u << 17)
#define MS_PRIVATE_    (1u << 18)
#define MS_SLAVE_      (1u << 19)
#define MS_SHARED_     (1u << 20)

const struct name_flag names_namespaces[] = {
    {"user", CLONE_NEWUSER}, {"pid", CLONE_NEWPID},       {"mnt", CLONE_NEWNS},
    {"uts", CLONE_NEWUTS},   {"ipc", CLONE_NEWIPC},       {"net", CLONE_NEWNET},
    {"time", CLONE_NEWTIME}, {"cgroup", CLONE_NEWCGROUP}, {NULL, 0},
};

const struct name_flag names_unshare_options[] = {
    {"--user", CLONE_NEWUSER}, {"--pid", CLONE_NEWPID},       {"--mount", CLONE_NEWNS},
    {"--uts", CLONE_NEWUTS},   {"--ipc", CLONE_NEWIPC},       {"--net", CLONE_NEWNET},
    {"--time", CLONE_NEWTIME}, {"--cgroup", CLONE_NEWCGROUP}, {NULL, 0},
};

const struct name_flag names_attributes[] = {
    {"ro", MOUNT_ATTR_RDONLY},
    {"nosuid", MOUNT_ATTR_NOSUID},
    {"nodev", MOUNT_ATTR_NODEV},
    {"noexec", MOUNT_ATTR_NOEXEC},
    {"noatime", MOUNT_ATTR_NOATIME},
    {"strictatime", MOUNT_ATTR_STRICTATIME},
    {"nodiratime", MOUNT_ATTR_NODIRATIME},
    {"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW},
    {NULL, 0},
};

const struct name_flag names_cleared[] = {
    {"rw", MOUNT_ATTR_RDONLY},
    {"suid", MOUNT_ATTR_NOSUID},
    {"dev", MOUNT_ATTR_NODEV},
    {"exec", MOUNT_ATTR_NOEXEC},
    {"relatime", MOUNT_ATTR__ATIME},
    {"diratime", MOUNT_ATTR_NODIRATIME},
    {"symfollow", MOUNT_ATTR_NOSYMFOLLOW},
    {NULL, 0},
};

static const struct name_flag propagation[] = {
    {"private", MS_PRIVATE_},
    {"slave", MS_SLAVE_},
    {"shared", MS_SHARED_},
    {"unbindable", MS_UNBINDABLE_},
    {NULL, 0},
};

static const char *const rlimits[] = {
    [RLIMIT_CPU] = "cpu",           [RLIMIT_FSIZE] = "fsize",
    [RLIMIT_DATA] = "data",         [RLIMIT_STACK] = "stack",
    [RLIMIT_CORE] = "core",         [RLIMIT_RSS] = "rss",
    [RLIMIT_NPROC] = "nproc",       [RLIMIT_NOFILE] = "nofile",
    [RLIMIT_MEMLOCK] = "memlock",   [RLIMIT_AS] = "as",
    [RLIMIT_LOCKS] = "locks",       [RLIMIT_SIGPENDING] = "sigpending",
    [RLIMIT_MSGQUEUE] = "msgqueue", [RLIMIT_NICE] = "nice",
    [RLIMIT_RTPRIO] = "rtprio",     [RLIMIT_RTTIME] = "rttime",
};

void names_write_flags(FILE *out, const struct name_flag *names, uint64_t flags,
                       const char *between)
{
    bool first = true;
    for (; names->name; names++) {
        if ((flags & names->value) != names->value)
            continue;
        fprintf(out, "%s%s", first ? "" : between, names->name);
        first = false;
    }
    if (first)
        fputs("none", out);
}

void names_write_propagation(FILE *out, uint64_t flags)
{
    if (flags & MS_REC_)
        fputc('r', out);
    names_write_flags(out, propagation, flags, ",");
}

void names_capability(int number, char *name)
{
    capability_name(number, name);
}

bool names_every_capability(uint64_t set)
{
    char name[CAPABILITY_NAME];
    int number = 0;
    while (number < 64 && set & UINT64_C(1) << number)
        number++;
    return number == 64 || (number > 0 && !capability_name(number, name));
}

void names_write_caps(FILE *out, uint64_t set, const char *between)
{
    char name[CAPABILITY_NAME];
    bool first = true;
    for (int number = 0; number < 64; number++) {
        if (!(set & UINT64_C(1) << number))
            continue;
        names_capability(number, name);
        /* setpriv(1) takes the names bare, and the numbers with it. */
        const char *bare = name + strlen(CAPABILITY_PREFIX);
        bool named = *bare < '0' || *bare > '9';
        fprintf(out, "%s%s", first ? "" : between, named ? bare : name);
        first = false;
    }
    if (first)
        fputs("none", out);
}

int names_rlimit_number(const char *name)
{
    static const char begin[] = "RLIMIT_";
    if (strncmp(name, begin, sizeof begin - 1) != 0)
        return -1;
    for (int i = 0; i < (int)(sizeof rlimits / sizeof *rlimits); i++)
        if (rlimits[i] && strcasecmp(rlimits[i], name + sizeof begin - 1) == 0)
            return i;
    return -1;
}

const char *names_rlimit(int resource)
{
    if (resource < 0 || resource >= (int)(sizeof rlimits / sizeof *rlimits) || !rlimits[resource])
        return "?";
    return rlimits[resource];
}

const char *names_machine(unsigned machine)
{
    static const struct {
        unsigned machine;
        const char *name;
    } machines[] = {
        {EM_386, "i386"},        {EM_X86_64, "x86_64"}, {EM_ARM, "arm"},
        {EM_AARCH64, "aarch64"}, {EM_RISCV, "riscv64"}, {EM_PPC64, "ppc64le"},
        {EM_S390, "s390x"},      {EM_MIPS, "mips"},     {EM_LOONGARCH, "loongarch64"},
    };
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
        if (machines[i].machine == machine)
            return machines[i].name;
    return "another machine";
}

void names_status_signal(unsigned status, char *text, size_t size)
{
    const char *name = status > 128 && status < 128 + 32 ? strsignal((int)status - 128) : NULL;
    *text = '\0';
    if (name)
        snprintf(text, size, " (signal: %c%s)", tolower((unsigned char)*name), name + 1);
}
