/* SPDX-License-Identifier: MIT */
/*
 * What isolates the command of `scratchctl run`.
 */
#include "cli/run.h"
#include "cli/report.h"

#include <string.h>

int take_userns(const struct option *option, void *target, const char *value,
                struct scratch_error *err)
{
    struct scratch_namespace_options *namespaces = option_member(option, target);
    bool private = strcmp(value, "private") == 0;
    if (!private && strcmp(value, "host") != 0)
        return usage_error(err, value, "private or host", "not a user namespace");
    namespaces->create &= ~SCRATCH_NS_USER;
    namespaces->create |= private ? SCRATCH_NS_USER : 0;
    return 0;
}

int take_capabilities(const struct option *option, void *target, const char *value,
                      struct scratch_error *err)
{
    return value_capabilities(value, option_member(option, target), err);
}

/*
 * "no-new-privileges", "no-new-privileges=false", "seccomp=unconfined", "unmask=ALL" (podman's);
 * docker has ':' for '='.
 */
int take_security(const struct option *option, void *target, const char *value,
                  struct scratch_error *err)
{
    static const char forms[] =
        "no-new-privileges, no-new-privileges=false, seccomp=unconfined, seccomp=default or "
        "unmask=ALL";
    struct scratch_process_options *process = option_member(option, target);
    struct scratch_rootfs_options *rootfs = &((struct run *)target)->rootfs;
    char name[32] = "";
    bool forbid;
    size_t length = strcspn(value, "=:");
    const char *setting = value[length] ? value + length + 1 : NULL;
    if (length < sizeof name)
        memcpy(name, value, length);
    if (strcmp(name, "no-new-privileges") == 0 && value_flag(setting, &forbid, err) == 0)
        process->new_privileges = !forbid;
    else if (strcmp(name, "seccomp") == 0 && setting && strcmp(setting, "unconfined") == 0)
        process->seccomp = SCRATCH_SECCOMP_NONE;
    else if (strcmp(name, "seccomp") == 0 && setting && strcmp(setting, "default") == 0)
        process->seccomp = SCRATCH_SECCOMP_DEFAULT;
    else if (strcmp(name, "unmask") == 0 && setting && strcmp(setting, "ALL") == 0)
        rootfs->mask_paths = false;
    else
        return usage_error(err, value, forms, "not one of the values that it takes");
    return 0;
}
