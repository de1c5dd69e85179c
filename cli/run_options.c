/* SPDX-License-Identifier: MIT */
#include "cli/run.h"
#include "cli/report.h"

#include <string.h>

/* ---- what to do ------------------------------------------------------------------------------ */

int take_dry_run(const struct option *option, void *target, const char *value,
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
    {"shm-size", 0, "SIZE", "what /dev/shm may hold (64m)", take_memory, IN(rootfs.shm_size)},
    {"tmpfs", 0, "DST[:OPTIONS]",
     "an empty directory in memory; size=64m, ...;\n"
     "tmpcopyup: with a copy of what is there",
     take_tmpfs, 0},
    {"device", 0, "HOST[:CONTAINER][:rwm]",
     "a device node of the host, or a directory of them;\n"
     "to read, write, mknod(2)",
     take_device, 0},

    {.help = "Command"},
    {"name", 0, "NAME", "the container's name, which no other may have", take_name, 0},
    {"label", 'l', "NAME[=VALUE]", "what inspect shows, and ps --filter looks for", take_label, 0},
    {"annotation", 0, "NAME=VALUE", "the same", take_label, 0},
    {"env", 'e', "NAME[=VALUE]", "a variable of its environment; without a value,\nas it is here",
     take_env, 0},
    {"env-file", 0, "FILE", "variables, one a line; --env goes before them", take_env_file, 0},
    {"entrypoint", 0, "PROGRAM", "run this, with COMMAND as its arguments", option_text,
     IN(entrypoint)},
    {"workdir", 'w', "DIR", "where it begins (/)", option_text, IN(process.cwd)},
    {"user", 'u', "USER[:GROUP]",
     "who it is (0:0): names or numbers, looked up in\n"
     "the root's /etc/passwd and /etc/group",
     take_user, 0},
    {"group-add", 0, "GROUP", "a supplementary group more", take_group, 0},
    {"umask", 0, "MODE", "permissions that new files do not get (022)", take_umask,
     IN(process.umask)},
    {"preserve-fds", 0, "N", "hand over N open files, from number 3 on", take_preserve_fds, 0},
    {"init", 0, "[=no]", "scratch-init is process 1, and reaps (yes)", option_flag,
     IN(process.init)},
    {"die-with-parent", 0, "[=no]", "it ends when scratchctl does (yes)", option_flag,
     IN(process.die_with_parent)},
    {"timeout", 0, "SECONDS", "kill it when it still runs then", take_timeout, IN(timeout)},
    {"stop-signal", 0, "SIGNAL", "what stop asks it to end with (TERM)", take_stop_signal, 0},
    {"rm", 0, "[=yes]", "leave nothing behind: it is always so", take_rm, 0},

    {"interactive", 'i', "[=no]", "with -t: standard input is its keyboard", option_flag,
     IN(interactive)},
    {"tty", 't', "[=no]",
     "a terminal of its own; -i -t is what a command\n"
     "has that is started at a terminal",
     take_tty, 0},
    {"no-tty", 'T', NULL, "no terminal, even at one", take_no_tty, 0},

    {.help = "Limits"},
    LIMIT_OPTIONS(IN(limits)),
    {"cgroup-parent", 0, "GROUP",
     "the control group that its own is made in: a path\nbelow the root of the hierarchies",
     take_cgroup_parent, IN(limits.cgroup)},
    {"cgroup-manager", 0, "cgroupfs|systemd", "who makes its control group (cgroupfs)",
     take_cgroup_manager, IN(limits.cgroup)},
    {"ulimit", 0, "NAME=SOFT[:HARD]",
     "a limit of each process: nofile, nproc, core, ...;\n-1: none", take_ulimit, 0},
    {"oom-score-adj", 0, "N",
     "-1000 to 1000: the higher, the sooner it is killed\nwhen memory runs out", take_oom_score,
     IN(process.oom_score_adj)},

    {.help = "Isolation"},
    {"hostname", 'h', "NAME", "its host name (scratch)", option_text, IN(namespaces.hostname)},
    {"domainname", 0, "NAME", "its NIS domain name", option_text, IN(namespaces.domainname)},
    {"uts", 0, "private|host|ns:PATH", "whose host name it has", take_uts, 0},
    {"pid", 0, "private|host|ns:PATH", "whose processes it sees", take_pid, 0},
    {"ipc", 0, "private|host|ns:PATH", "whose shared memory and message queues", take_ipc, 0},
    {"cgroupns", 0, "private|host|ns:PATH", "where its control groups begin", take_cgroupns, 0},
    {"sysctl", 0, "NAME=VALUE",
     "a setting of its namespaces: net.*, kernel.shm*,\n"
     "kernel.msg*, kernel.sem, fs.mqueue.*",
     take_sysctl, 0},
    {"userns", 0, "private|auto|keep-id|host",
     "private: a user namespace, as there always is\n"
     "when the caller is not root; auto: with ids of\n"
     "its own, whose files keep their owners on disk\n"
     "(auto:size=N: so many of them);\n"
     "keep-id: with the caller's own number; or host",
     take_userns, 0},
    {"uidmap", 0, "CONTAINER:HOST[:SIZE]", "users that there are in its user namespace",
     take_uid_map, 0},
    {"gidmap", 0, "CONTAINER:HOST[:SIZE]", "groups; one of the two stands for both", take_gid_map,
     0},
    {"cap-add", 0, "CAP", "a capability more: NET_ADMIN; ALL", take_capabilities,
     IN(capabilities.add)},
    {"cap-drop", 0, "CAP", "one less; ALL", take_capabilities, IN(capabilities.drop)},
    {"privileged", 0, NULL,
     "all capabilities, devices and system calls:\nroot in it is root of the machine",
     take_privileged, 0},
    {"security-opt", 0, "OPTION",
     "no-new-privileges[=false], mask=PATH:...,\n"
     "unmask=PATH:... or ALL (show /proc and /sys),\n"
     "seccomp=default|unconfined|FILE (a profile in\n"
     "JSON), apparmor=PROFILE, label=type:TYPE (SELinux;\n"
     "user, role, level, disable)",
     take_security, IN(process)},
    {"landlock", 0, "PATH:rwx",
     "refuse to read, write, execute any file but\n"
     "below PATH; bind=PORT, connect=PORT: any TCP port\n"
     "but this; best-effort: what this kernel can",
     take_landlock, 0},

    {.help = "Network"},
    {"net", 0, "none|host|pasta|slirp4netns|PATH",
     "none: one of its own with nothing in it (the\n"
     "default); host: the host's; a path: the one kept\n"
     "there; pasta or slirp4netns: one of its own, which\n"
     "that program connects (NAME:ARGUMENT,... for it)",
     take_net, 0},
    {"network", 0, "none|host|pasta|slirp4netns|PATH", "the same", take_net, 0},
    {"publish", 'p', "PORT:PORT[/udp]",
     "a port of the host that leads to one inside;\nIP:PORT:PORT for one address of the host;\n"
     "8000-8010:9000-9010 for a range",
     take_publish, 0},
    {"dns", 0, "IP", "a name server, in place of the host's", take_dns, 0},
    {"add-host", 0, "NAME:IP", "a line more in /etc/hosts", take_add_host, 0},

    {.help = "Bundles: run ID, without a command"},
    {"bundle", 'b', "DIR", "where config.json is (.)", option_text, IN(oci.bundle.bundle)},
    {"config", 'f', "FILE", "the configuration (config.json of the bundle)", option_text,
     IN(oci.bundle.config)},
    {"no-pivot", 0, NULL, "chroot(2) in place of pivot_root(2)", option_flag,
     IN(oci.bundle.no_pivot)},
    {"no-new-keyring", 0, NULL, "the caller's session keyring", option_flag,
     IN(oci.no_new_keyring)},
    {"detach", 'd', NULL, "do not wait for it", option_flag, IN(oci.detach)},
    {"console-socket", 0, "SOCKET", "who gets the terminal listens there", option_text,
     IN(oci.console_socket)},
    {"pidfd-socket", 0, "SOCKET", "who gets its pidfd listens there", option_text,
     IN(oci.pidfd_socket)},
    {"pid-file", 0, "FILE", "its first process's id is written there", option_text,
     IN(oci.pid_file)},
    {"keep", 0, NULL, "remember it when it has ended, until it is deleted", option_flag,
     IN(oci.keep)},

    {.help = "See what is done"},
    {"explain", 0, NULL, "print each step to standard error, then run", option_flag, IN(explain)},
    {"dry-run", 0, "[=json]", "print each step, and run nothing", take_dry_run, IN(output)},
    {0},
};
