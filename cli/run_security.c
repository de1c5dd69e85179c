/* SPDX-License-Identifier: MIT */
/*
 * What isolates the command of `scratchctl run`.
 */
#include "cli/run.h"
#include "cli/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    run->process.seccomp = strcmp(setting, "unconfined") == 0 ? SCRATCH_SECCOMP_NONE
                           : strcmp(setting, "default") == 0  ? SCRATCH_SECCOMP_DEFAULT
                                                              : SCRATCH_SECCOMP_PROFILE;
    bool profile = run->process.seccomp == SCRATCH_SECCOMP_PROFILE;
    run->process.seccomp_profile = profile ? setting : NULL;
    return true;
}

static bool take_apparmor(struct run *run, const char *setting)
{
    run->process.apparmor_profile = setting;
    return setting && *setting;
}

/* The label of this process, where SELinux gives it one. */
static const char *own_label(struct pool *pool)
{
    char label[256] = "";
    FILE *in = fopen("/proc/self/attr/current", "re");
    if (in) {
        if (!fgets(label, sizeof label, in))
            label[0] = '\0';
        fclose(in);
    }
    return pool_print(pool, "%s", *label ? label : "system_u:system_r:container_t:s0");
}

/*
 * "disable", or "user:", "role:", "type:", "level:" with what is to be there in the place of this
 * process's own. A level has colons of its own.
 */
static bool set_selinux(struct run *run, const char *setting)
{
    static const char *const parts[] = {"user:", "role:", "type:", "level:"};
    const char *label = run->process.selinux_label;
    size_t part = 0;
    if (!setting || strcmp(setting, "disable") == 0) {
        run->process.selinux_label = NULL;
        return setting;
    }
    while (part < 4 && strncmp(setting, parts[part], strlen(parts[part])) != 0)
        part++;
    if (part == 4)
        return false;
    const char *begin = label ? label : own_label(&run->pool), *rest = begin;
    for (size_t i = 0; i < part && rest; i++)
        rest = (rest = strchr(rest, ':')) ? rest + 1 : NULL;
    if (!rest)
        return false; /* another module's label */
    const char *end = part == 3 ? "" : rest + strcspn(rest, ":");
    run->process.selinux_label = pool_print(&run->pool, "%.*s%s%s", (int)(rest - begin), begin,
                                            setting + strlen(parts[part]), end);
    return true;
}

static const struct security securities[] = {
    {"apparmor", take_apparmor},
    {"label", set_selinux},
    {"no-new-privileges", take_no_new_privileges},
    {"seccomp", take_seccomp},
};

/* docker has ':' for '='. */
int take_security(const struct option *option, void *target, const char *value,
                  struct scratch_error *err)
{
    static const char forms[] =
        "no-new-privileges[=false], seccomp=unconfined, seccomp=default, seccomp=FILE, "
        "apparmor=PROFILE, label=disable, label=type:TYPE (user, role, level), mask=/a:/b, "
        "unmask=/a:/b or unmask=ALL";
    size_t length = strcspn(value, "=:");
    const char *setting = value[length] ? value + length + 1 : NULL;
    (void)option;
    if (strncmp(value, "mask=", 5) == 0 || strncmp(value, "unmask=", 7) == 0) /* podman's */
        return take_masks(target, *value == 'm', setting, err);
    for (size_t i = 0; i < sizeof securities / sizeof *securities; i++)
        if (strlen(securities[i].name) == length &&
            strncmp(securities[i].name, value, length) == 0 && securities[i].take(target, setting))
            return 0;
    return usage_error(err, value, forms, "not one of the values that it takes");
}

/* ---- --landlock ----------------------------------------------------------------------------- */

/* "/path:rwx": the last colon, since a path may have others. */
static int take_rule(struct run *run, const char *value, struct scratch_error *err)
{
    static const char letters[] = "rwx"; /* in the order of SCRATCH_LANDLOCK_* */
    struct scratch_process_options *process = &run->process;
    const char *colon = strrchr(value, ':');
    unsigned access = 0;
    for (const char *c = colon ? colon + 1 : ""; *c; c++) {
        const char *letter = strchr(letters, *c);
        if (!letter)
            return usage_error(err, value, "PATH:rwx, or some of these letters", "not a rule");
        access |= 1u << (letter - letters);
    }
    if (!access)
        return usage_error(err, value, "PATH:rwx, or some of these letters", "not a rule");
    if (!run->landlock)
        run->landlock = pool_take(&run->pool, run->room, sizeof *run->landlock);
    run->landlock[process->landlock_count++] = (struct scratch_landlock_rule){
        pool_print(&run->pool, "%.*s", (int)(colon - value), value), access};
    process->landlock = run->landlock;
    return 0;
}

static int take_port(struct run *run, const char *value, const char *number, unsigned access,
                     struct scratch_error *err)
{
    struct scratch_process_options *process = &run->process;
    char *end;
    unsigned long port = strtoul(number, &end, 10);
    if (*number < '0' || *number > '9' || *end || port > UINT16_MAX)
        return usage_error(err, value, "bind=PORT or connect=PORT", "not a port");
    if (!run->landlock_ports)
        run->landlock_ports = pool_take(&run->pool, run->room, sizeof *run->landlock_ports);
    run->landlock_ports[process->landlock_port_count++] =
        (struct scratch_landlock_port){(uint16_t)port, access};
    process->landlock_ports = run->landlock_ports;
    return 0;
}

int take_landlock(const struct option *option, void *target, const char *value,
                  struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    if (value[0] == '/')
        return take_rule(run, value, err);
    if (strncmp(value, "bind=", 5) == 0)
        return take_port(run, value, value + 5, SCRATCH_LANDLOCK_BIND, err);
    if (strncmp(value, "connect=", 8) == 0)
        return take_port(run, value, value + 8, SCRATCH_LANDLOCK_CONNECT, err);
    if (strcmp(value, "best-effort") != 0)
        return usage_error(err, value, "PATH:rwx, bind=PORT, connect=PORT or best-effort",
                           "not a rule");
    run->process.landlock_best_effort = true;
    return 0;
}
