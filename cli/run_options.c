/* SPDX-License-Identifier: MIT */
#include "cli/run.h"
#include "cli/report.h"

#include <string.h>

/* ---- what to do ------------------------------------------------------------------------------ */

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

/* ---- the table ------------------------------------------------------------------------------- */

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
    {"volume", 'v', "SRC:DST[:OPTIONS]", "bind a directory or file of the host; ro, rw, ...",
     take_volume, 0},
    {"tmpfs", 0, "DST[:OPTIONS]", "an empty directory in memory; size=64m, ...", take_tmpfs, 0},

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
     "no-new-privileges[=false], unmask=ALL (show all of\n"
     "/proc), seccomp=default|unconfined|FILE (a profile\n"
     "in JSON), apparmor=PROFILE, label=type:TYPE\n"
     "(SELinux; user, role, level, disable)",
     take_security, IN(process)},
    {"landlock", 0, "PATH:rwx",
     "refuse to read, write, execute any file but\n"
     "below PATH; bind=PORT, connect=PORT: any TCP port\n"
     "but this; best-effort: what this kernel can",
     take_landlock, 0},

    {.help = "See what is done"},
    {"explain", 0, NULL, "print each step to standard error, then run", option_flag, IN(explain)},
    {"dry-run", 0, "[=json]", "print each step, and run nothing", take_dry_run, IN(output)},
    {0},
};
