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

/* ---- --security-opt ------------------------------------------------------------------------- */

/* One that is understood; each gets the text behind '=' or ':', NULL where there is none. */
struct security {
    const char *name;
    bool (*take)(struct run *run, const char *setting);
};

static bool take_no_new_privileges(struct run *run, const char *setting)
{
    struct scratch_error ignored;
    bool forbid;
    if (value_flag(setting, &forbid, &ignored) < 0)
        return false;
    run->process.new_privileges = !forbid;
    return true;
}

static bool take_seccomp(struct run *run, const char *setting)
{
    if (!setting || !*setting)
        return false;
    run->process.seccomp_profile = setting;
    run->process.seccomp = strcmp(setting, "unconfined") == 0 ? SCRATCH_SECCOMP_NONE
                           : strcmp(setting, "default") == 0  ? SCRATCH_SECCOMP_DEFAULT
                                                              : SCRATCH_SECCOMP_PROFILE;
    return true;
}

static bool take_unmask(struct run *run, const char *setting)
{
    if (!setting || strcmp(setting, "ALL") != 0)
        return false;
    run->rootfs.mask_paths = false;
    return true;
}

static const struct security securities[] = {
    {"no-new-privileges", take_no_new_privileges},
    {"seccomp", take_seccomp},
    {"unmask", take_unmask}, /* podman's */
};

/* docker has ':' for '='. */
int take_security(const struct option *option, void *target, const char *value,
                  struct scratch_error *err)
{
    static const char forms[] =
        "no-new-privileges[=false], seccomp=unconfined, seccomp=default, seccomp=FILE or "
        "unmask=ALL";
    size_t length = strcspn(value, "=:");
    const char *setting = value[length] ? value + length + 1 : NULL;
    (void)option;
    for (size_t i = 0; i < sizeof securities / sizeof *securities; i++)
        if (strlen(securities[i].name) == length &&
            strncmp(securities[i].name, value, length) == 0 && securities[i].take(target, setting))
            return 0;
    return usage_error(err, value, forms, "not one of the values that it takes");
}
