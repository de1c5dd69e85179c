/* SPDX-License-Identifier: MIT */
#include "namespace/refusal.h"
#include "base/error.h"
#include "base/privilege.h"
#include "base/sys.h"
#include "namespace/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define FILTERED 2 /* what PR_GET_SECCOMP says of a thread with a filter */

unsigned namespace_threads(void)
{
    struct stat st; /* a directory has a link for each directory in it, and two */
    return stat("/proc/self/task", &st) == 0 && st.st_nlink > 2 ? (unsigned)st.st_nlink - 2 : 1;
}

static void explain(struct scratch_error *err, const char *cause, const char *hint)
{
    error_write(err->cause, "%s", cause);
    error_write(err->hint, "%s", hint);
}

/* ---- user namespaces ------------------------------------------------------------------------ */

/* Settings of distributions, and of the kernel's Documentation/admin-guide/sysctl/user.rst. */
static const struct setting {
    const char *path;
    long refusing; /* the value that refuses */
    bool everyone; /* or only those without CAP_SYS_ADMIN */
    const char *cause;
    const char *hint;
} settings[] = {
    {"/proc/sys/user/max_user_namespaces", 0, true, "user.max_user_namespaces is 0",
     "as root: sysctl user.max_user_namespaces=15000"},
    {"/proc/sys/kernel/unprivileged_userns_clone", 0, false,
     "kernel.unprivileged_userns_clone is 0: user namespaces are for root alone",
     "as root: sysctl kernel.unprivileged_userns_clone=1"},
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1, false,
     "AppArmor takes the capabilities in user namespaces from programs without a profile of their "
     "own (kernel.apparmor_restrict_unprivileged_userns)",
     "give the program a profile with \"userns,\" (scratchctl has one: "
     "SCRATCH_APPARMOR_PROFILE in its build), or as root: sysctl "
     "kernel.apparmor_restrict_unprivileged_userns=0"},
};

/* The number in a file of /proc/sys; -1: there is none. */
static long read_setting(const char *path)
{
    char text[32];
    FILE *in = fopen(path, "re");
    if (!in)
        return -1;
    char *line = fgets(text, sizeof text, in);
    fclose(in);
    return line ? strtol(line, NULL, 10) : -1;
}

/* A process whose root is not the root of its mount namespace may make no user namespace. */
static bool in_chroot(void)
{
    struct statx st;
    return sys_statx(AT_FDCWD, "/", 0, 0, &st) == 0 &&
           st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT &&
           !(st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

bool namespace_user_refusal(struct scratch_error *err)
{
    if (!err || (err->errnum != EPERM && err->errnum != ENOSPC && err->errnum != EACCES))
        return false;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        const struct setting *s = &settings[i];
        if (read_setting(s->path) != s->refusing || (!s->everyone && privilege_has(CAP_SYS_ADMIN)))
            continue;
        explain(err, s->cause, s->hint);
        return true;
    }
    if (err->errnum != EPERM)
        return false;
    if (in_chroot())
        explain(err, "the caller is in a chroot, where the kernel allows no user namespace",
                "enter the root with pivot_root(2) rather than chroot(2)");
    else if (prctl(PR_GET_SECCOMP) == FILTERED)
        explain(err, "the caller runs under a system call filter, such as a container's",
                "give that container CAP_SYS_ADMIN, or no filter");
    else
        return false;
    return true;
}

/* ---- new namespaces ------------------------------------------------------------------------- */

/* Name the limits that can have been reached: those that are 0, or else all. */
static void explain_limits(struct scratch_error *err, uint64_t types)
{
    char names[128] = "", path[64];
    bool zero = false;
    for (int pass = 0; pass < 2 && !zero; pass++) {
        for (int i = 0; i < NAMESPACE_TYPES; i++) {
            const struct namespace_type *type = &namespace_types[i];
            if (!(types & type->flag))
                continue;
            snprintf(path, sizeof path, "/proc/sys/user/max_%s_namespaces", type->name);
            if (pass == 0 && read_setting(path) != 0)
                continue;
            size_t length = strlen(names);
            snprintf(names + length, sizeof names - length, "%s%s", length ? "," : "", type->name);
            zero = pass == 0;
        }
    }
    bool several = strchr(names, ',');
    error_write(err->cause, "the limit of /proc/sys/user/max_%s%s%s_namespaces is reached%s",
                several ? "{" : "", names, several ? "}" : "",
                zero ? ": it is 0" : ", or they are nested 32 deep");
    error_write(err->hint, "raise it as root, or end what holds such namespaces");
}

static void explain_threads(struct scratch_error *err, const char *hint)
{
    error_write(err->cause, "the process has %u threads, and the kernel wants one",
                namespace_threads());
    error_write(err->hint, "%s", hint);
}

void namespace_refusal(struct scratch_error *err, uint64_t types)
{
    if (!err || (types & SCRATCH_NS_USER && namespace_user_refusal(err)))
        return;
    if (err->errnum == ENOSPC)
        explain_limits(err, types);
    else if (err->errnum == EPERM && !(types & SCRATCH_NS_USER))
        explain(err, "the caller has no CAP_SYS_ADMIN",
                "run as root, or make a user namespace as well: SCRATCH_NS_USER");
    else if (err->errnum == EINVAL && types & SCRATCH_NS_USER && namespace_threads() > 1)
        explain_threads(err, "do it before threads are made, or use scratch_namespace_call()");
}

/* ---- joining -------------------------------------------------------------------------------- */

void namespace_join_refusal(struct scratch_error *err, uint64_t types)
{
    const uint64_t alone = SCRATCH_NS_MNT | SCRATCH_NS_USER | SCRATCH_NS_TIME;
    if (!err)
        return;
    if (err->errnum == EPERM)
        explain(err, "the caller has no CAP_SYS_ADMIN in the user namespace that owns it",
                "run as root, or join that user namespace first: SCRATCH_NS_USER");
    else if ((err->errnum == EINVAL || err->errnum == EUSERS) && (types == 0 || types & alone) &&
             namespace_threads() > 1)
        explain_threads(err, "join in a child; unshare(CLONE_FS) is enough for a mount namespace");
    else if (err->errnum == EINVAL && types & SCRATCH_NS_USER)
        explain(err, "the caller is in that user namespace already, or it is of another type",
                "leave SCRATCH_NS_USER out to join the others");
    else if (err->errnum == EINVAL)
        explain(err, "it is no namespace of that type, nor a pidfd with the types named", "");
    else if (err->errnum == ESRCH)
        explain(err, "the process has ended", "");
}
