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
    struct scratch_device *devices; /* rootfs.device_count of them */
    bool read_only_tmpfs;
    const char **lowers;
    size_t lower_count;
    struct environment environment;
    struct capability_changes capabilities;
    enum run_output output;
    bool explain;
    struct scratch_spec spec; /* refers to all of them */
};

/* The table; its target is a struct run. */
extern const struct option run_options[];

/* The defaults of the command line, for at most that many arguments. */
void run_begin(struct run *run, size_t arguments);
void run_end(struct run *run);

/* Put together what the options and operands have said; run->spec is complete then. */
int run_assemble(struct run *run, const struct operands *operands, struct scratch_error *err);

/* run_mounts.c */
option_take take_volume, take_mount, take_tmpfs, take_device;

/* "mask" or "unmask" of --security-opt: paths with ':' between; ALL */
int take_masks(struct run *run, bool mask, const char *paths, struct scratch_error *err);

/* --read-only-tmpfs: where programs must be able to write. */
#define RUN_WRITABLE 3
int add_writable(struct run *run, struct scratch_error *err);

/*
 * Start a plan and stay with the container until it ends, handing signals on to it. Returns as
 * scratch_run().
 */
int foreground(const scratch_plan *plan, struct scratch_error *err);

#endif
