/* SPDX-License-Identifier: MIT */
/*
 * scratchctl run: what its options say, as the parts of a spec.
 */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include <scratch/container.h>
#include <scratch/plan.h>
#include "cli/deadline.h"
#include "cli/oci.h"
#include "cli/environment.h"
#include "cli/limits.h"
#include "cli/options.h"
#include "cli/pool.h"
#include "cli/terminal.h"
#include "cli/values.h"

enum run_output {
    RUN_START,     /* start it */
    RUN_SHOW,      /* --dry-run */
    RUN_SHOW_JSON, /* --dry-run=json */
};

enum run_tty {
    RUN_TTY_UNSAID, /* at a terminal, it has one */
    RUN_TTY,        /* -t */
    RUN_NO_TTY,     /* -T */
};

struct run {
    struct pool pool;
    size_t room; /* the most options that there can be */
    struct scratch_namespace_options namespaces;
    struct scratch_namespace_join joins[8]; /* one of each type at most */
    struct scratch_rootfs_options rootfs;
    struct limits limits;
    struct scratch_process_options process;
    struct scratch_network_options network;
    struct scratch_network_host *hosts;
    const char **network_arguments;
    const char **dns;
    size_t dns_count;
    struct scratch_mount *mounts;
    size_t mount_count;
    struct scratch_device *devices; /* rootfs.device_count of them */
    bool read_only_tmpfs;
    const char **lowers;
    size_t lower_count;
    struct scratch_id_map *uid_map;
    struct scratch_id_map *gid_map;
    struct environment environment;
    struct capability_changes capabilities;
    enum run_tty tty;
    bool interactive; /* -i */
    struct scratch_terminal_options terminal;
    const char **sysctls;
    size_t sysctl_count;
    const char **groups;
    struct scratch_rlimit *rlimits;
    const char *entrypoint;
    int timeout;                            /* seconds; 0: none */
    struct scratch_landlock_rule *landlock; /* NULL: no rules */
    struct scratch_landlock_port *landlock_ports;
    struct oci_create oci;
    bool named, remove; /* --name, --rm */
    const char **labels;
    size_t label_count;
    struct scratch_keep_options keep;
    enum run_output output;
    bool explain;
    struct scratch_start_options start;
    struct scratch_spec spec; /* refers to all of them */
};

/* The table; its target is a struct run. */
extern const struct option run_options[];

/*
 * What its rows call: run_mounts.c, run_process.c, run_namespaces.c, run_network.c, run_security.c.
 */
option_take take_overlay, take_volume, take_tmpfs;
option_take take_name, take_env, take_env_file, take_umask, take_preserve_fds, take_rm;
option_take take_label;
option_take take_ulimit, take_oom_score, take_timeout, take_stop_signal;
option_take take_net, take_publish, take_dns, take_add_host;
option_take take_privileged, take_cgroup_parent, take_cgroup_manager;
option_take take_uts, take_pid, take_ipc, take_cgroupns, take_sysctl;
option_take take_capabilities, take_security, take_landlock;

/* A new namespace, or the one kept at a path, or else the host's. */
void run_choose_namespace(struct run *run, uint64_t type, bool private, const char *path);

/* run_network.c: before the options are read, and behind them. */
void run_network_begin(struct run *run);
void run_network_end(struct run *run);

/* run.c: start a plan, or show it; bundle.c: what a bundle says. Return the exit status. */
int run_plan(const scratch_plan *plan, const struct run *run);
int run_bundle(struct run *run, const char *id);

/* The defaults of the command line, for at most that many arguments. */
void run_begin(struct run *run, size_t arguments);
void run_end(struct run *run);

/* Put together what the options and operands have said; run->spec is complete then. */
int run_assemble(struct run *run, const struct operands *operands, struct scratch_error *err);

option_take take_tty, take_no_tty, take_dry_run;

/* Decide whether the command gets a terminal. */
int run_choose_terminal(struct run *run, struct scratch_error *err);
/* run_ids.c */
option_take take_user, take_group, take_userns, take_uid_map, take_gid_map;
void run_begin_ids(struct run *run);
void run_assemble_ids(struct run *run);
/* run_mounts.c */
option_take take_volume, take_mount, take_tmpfs, take_device;

/* "mask" or "unmask" of --security-opt: paths with ':' between; ALL */
int take_masks(struct run *run, bool mask, const char *paths, struct scratch_error *err);

/* --read-only-tmpfs: where programs must be able to write. */
#define RUN_WRITABLE 3
int add_writable(struct run *run, struct scratch_error *err);

/*
 * Start a plan and stay with the container until it ends, handing signals on to it; after so many
 * seconds, unless they are 0, end it. Returns as scratch_run().
 */
int foreground(const scratch_plan *plan, const struct run *run, struct scratch_error *err);

/* The same without staying: its id is printed. */
int detached(const scratch_plan *plan, const struct run *run, struct scratch_error *err);

/*
 * Stay with a container that has a terminal until it has ended and all has been shown: keys,
 * screen, size, stops, and the signals of a signalfd. What is done to the own terminal is taken
 * back.
 */
void attend(scratch_container *container, struct terminal *own, int signals, int notify,
            struct deadline *deadline);

#endif
