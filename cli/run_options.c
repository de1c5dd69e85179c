/* SPDX-License-Identifier: MIT */
#include "cli/run.h"
#include "cli/report.h"

#include <string.h>

/* ---- root file system and mounts ------------------------------------------------------------ */

static int take_overlay(const struct option *option, void *target, const char *value,
                        struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    (void)err;
    run->lowers[run->lower_count++] = value;
    return 0;
}

/* ---- the command ---------------------------------------------------------------------------- */

static int take_env(const struct option *option, void *target, const char *value,
                    struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    return environment_add(&run->environment, &run->pool, run->room, value, err);
}

static int take_user(const struct option *option, void *target, const char *value,
                     struct scratch_error *err)
{
    struct scratch_process_options *process = option_member(option, target);
    return value_user(value, &process->uid, &process->gid, err);
}

/* ---- limits --------------------------------------------------------------------------------- */

static int take_memory(const struct option *option, void *target, const char *value,
                       struct scratch_error *err)
{
    return value_bytes(value, option_member(option, target), err);
}

static int take_pids(const struct option *option, void *target, const char *value,
                     struct scratch_error *err)
{
    return value_pids(value, option_member(option, target), err);
}

static int take_cpus(const struct option *option, void *target, const char *value,
                     struct scratch_error *err)
{
    struct scratch_cgroup_options *cgroup = option_member(option, target);
    cgroup->cpu_period = VALUE_CPU_PERIOD;
    return value_cpus(value, &cgroup->cpu_quota, err);
}

/* ---- isolation ------------------------------------------------------------------------------ */

static int take_net(const struct option *option, void *target, const char *value,
                    struct scratch_error *err)
{
    struct run *run = target;
    const char *path = strncmp(value, "ns:", 3) == 0 ? value + 3 : value;
    bool none = strcmp(value, "none") == 0;
    (void)option;
    run->namespaces.join_count = 0;
    run->namespaces.create &= ~SCRATCH_NS_NET;
    run->namespaces.create |= none ? SCRATCH_NS_NET : 0;
    if (none || strcmp(value, "host") == 0)
        return 0;
    if (!strchr(path, '/'))
        return usage_error(err, value, "none, host, or a path such as /run/netns/NAME",
                           "not a network");
    run->join = (struct scratch_namespace_join){SCRATCH_NS_NET, -1, path};
    run->namespaces.join_count = 1;
    return 0;
}

static int take_userns(const struct option *option, void *target, const char *value,
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

static int take_capabilities(const struct option *option, void *target, const char *value,
                             struct scratch_error *err)
{
    return value_capabilities(value, option_member(option, target), err);
}

/*
 * "no-new-privileges", "no-new-privileges=false", "seccomp=unconfined", "unmask=ALL" (podman's);
 * docker has ':' for '='.
 */
static int take_security(const struct option *option, void *target, const char *value,
                         struct scratch_error *err)
{
    static const char forms[] =
        "no-new-privileges, no-new-privileges=false, seccomp=unconfined, seccomp=default, "
        "mask=/a:/b, unmask=/a:/b or unmask=ALL";
    struct scratch_process_options *process = option_member(option, target);
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
    else if (setting && (strcmp(name, "mask") == 0 || strcmp(name, "unmask") == 0))
        return take_masks(target, *name == 'm', setting, err);
    else
        return usage_error(err, value, forms, "not one of the values that it takes");
    return 0;
}

/* ---- what to do ----------------------------------------------------------------------------- */

static int take_dry_run(const struct option *option, void *target, const char *value,
                        struct scratch_error *err)
{
    enum run_output *output = option_member(option, target);
    bool json = value && strcmp(value, "json") == 0;
    if (value && !json && strcmp(value, "text") != 0)
        return usage_error(err, value, "text or json", "not a format");
    *output = json ? RUN_SHOW_JSON : RUN_SHOW;
    return 0;
}

/* ---- the table ------------------------------------------------------------------------------ */

#define IN(member) offsetof(struct run, member)

const struct option run_options[] = {
    {.help = "Root file system"},
    {"overlay", 0, "DIR", "a lower directory; repeated, the first is topmost,\nROOTFS the lowest",
     take_overlay, 0},
    {"upper", 0, "DIR", "takes the writes to the layers below it", option_text, IN(rootfs.upper)},
    {"work", 0, "DIR", "an empty directory beside it", option_text, IN(rootfs.work)},
    {"read-only", 0, NULL, "nothing in the root itself can be written", option_flag,
     IN(rootfs.read_only)},
    {"volatile", 0, NULL, "writes go to memory, and are gone at the end", option_flag,
     IN(rootfs.throw_away)},
    {"read-only-tmpfs", 0, NULL, "with --read-only: /run, /tmp and /var/tmp can be,\nin memory",
     option_flag, IN(read_only_tmpfs)},
    {"volume", 'v', "SRC:DST[:OPTIONS]",
     "bind a directory or file of the host; ro, rw,\n"
     "rslave, noexec, U (its owner becomes the user\n"
     "inside), z or Z (label it for SELinux), ...",
     take_volume, 0},
    {"mount", 0, "type=TYPE,dst=DST,...",
     "the same in docker's and podman's words:\n"
     "type=bind,src=SRC,dst=DST,readonly; tmpfs, ...",
     take_mount, 0},
    {"tmpfs", 0, "DST[:OPTIONS]",
     "an empty directory in memory; size=64m, ...;\n"
     "tmpcopyup: with a copy of what is there",
     take_tmpfs, 0},
    {"device", 0, "HOST[:CONTAINER]", "a device node of the host", take_device, 0},

    {.help = "Command"},
    {"env", 'e', "NAME[=VALUE]", "a variable of its environment; without a value,\nas it is here",
     take_env, 0},
    {"workdir", 'w', "DIR", "where it begins (/)", option_text, IN(process.cwd)},
    {"user", 'u', "UID[:GID]", "who it is (0:0); without a group, that of the\nsame number",
     take_user, IN(process)},
    {"init", 0, "[=no]", "scratch-init is process 1, and reaps (yes)", option_flag,
     IN(process.init)},
    {"die-with-parent", 0, "[=no]", "it ends when scratchctl does (yes)", option_flag,
     IN(process.die_with_parent)},

    {.help = "Limits"},
    {"memory", 'm', "SIZE", "bytes, or with b, k, m, g or t: 64m", take_memory,
     IN(cgroup.memory_max)},
    {"pids-limit", 0, "N", "processes and threads; -1: no limit", take_pids, IN(cgroup.pids_max)},
    {"cpus", 0, "N", "processor time: 1.5", take_cpus, IN(cgroup)},
    {"cpuset-cpus", 0, "LIST", "processors to run on: 0-2,7", option_text, IN(cgroup.cpuset_cpus)},
    {"cpuset-mems", 0, "LIST", "memory nodes to use", option_text, IN(cgroup.cpuset_mems)},

    {.help = "Isolation"},
    {"hostname", 0, "NAME", "its host name (scratch)", option_text, IN(namespaces.hostname)},
    {"net", 0, "none|host|PATH",
     "a network of its own with nothing in it (none),\n"
     "the host's, or the one kept at a path",
     take_net, 0},
    {"userns", 0, "private|host",
     "a user namespace, where the caller is root;\n"
     "always private when the caller is not",
     take_userns, IN(namespaces)},
    {"cap-add", 0, "NAME", "a capability more: NET_ADMIN; ALL", take_capabilities,
     IN(capabilities.add)},
    {"cap-drop", 0, "NAME", "one less; ALL", take_capabilities, IN(capabilities.drop)},
    {"security-opt", 0, "OPTION",
     "no-new-privileges[=false], seccomp=unconfined,\n"
     "seccomp=default, mask=PATH:..., unmask=PATH:...,\n"
     "unmask=ALL (show all of /proc and /sys)",
     take_security, IN(process)},

    {.help = "See what is done"},
    {"explain", 0, NULL, "print each step to standard error, then run", option_flag, IN(explain)},
    {"dry-run", 0, "[=json]", "print each step, and run nothing", take_dry_run, IN(output)},
    {0},
};
