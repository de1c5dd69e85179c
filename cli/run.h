/* SPDX-License-Identifier: MIT */
/*
 * scratchctl run: what its options say, as the parts of a spec.
 */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include <scratch/plan.h>
#include "cli/environment.h"
#include "cli/options.h"
#include "cli/pool.h"
#include "cli/values.h"

enum run_output {
    RUN_START,     /* start it */
    RUN_SHOW,      /* --dry-run */
    RUN_SHOW_JSON, /* --dry-run=json */
};

struct run {
    struct pool pool;
    size_t room; /* the most options that there can be */
    struct scratch_namespace_options namespaces;
    struct scratch_namespace_join join;
    struct scratch_rootfs_options rootfs;
    struct scratch_cgroup_options cgroup;
    struct scratch_process_options process;
    struct scratch_mount *mounts;
    size_t mount_count;
    const char **lowers;
    size_t lower_count;
    struct environment environment;
    struct capability_changes capabilities;
    struct scratch_landlock_rule *landlock; /* NULL: no rules */
    struct scratch_landlock_port *landlock_ports;
    enum run_output output;
    bool explain;
    struct scratch_spec spec; /* refers to all of them */
};

/* The table; its target is a struct run. */
extern const struct option run_options[];

/* What its rows call: run_mounts.c, run_process.c, run_network.c, run_security.c. */
option_take take_overlay, take_volume, take_tmpfs;
option_take take_env, take_user, take_memory, take_pids, take_cpus;
option_take take_net;
option_take take_userns, take_capabilities, take_security, take_landlock;

/* The defaults of the command line, for at most that many arguments. */
void run_begin(struct run *run, size_t arguments);
void run_end(struct run *run);

/* Put together what the options and operands have said; run->spec is complete then. */
int run_assemble(struct run *run, const struct operands *operands, struct scratch_error *err);

/*
 * Start a plan and stay with the container until it ends, handing signals on to it. Returns as
 * scratch_run().
 */
int foreground(const scratch_plan *plan, struct scratch_error *err);

#endif
