/* SPDX-License-Identifier: MIT */
#include "cli/run.h"
#include "cli/globals.h"
#include "cli/report.h"

#include <stdio.h>
#include <string.h>

void run_begin(struct run *run, size_t arguments)
{
    *run = (struct run){
        .room = arguments + 1,
        .namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT,
        .rootfs = SCRATCH_ROOTFS_OPTIONS_INIT,
        .process = SCRATCH_PROCESS_OPTIONS_INIT,
        .terminal = SCRATCH_TERMINAL_OPTIONS_INIT,
        .keep = SCRATCH_KEEP_OPTIONS_INIT,
        .spec = SCRATCH_SPEC_INIT,
        .start = SCRATCH_START_OPTIONS_INIT,
        .oci = {.bundle = SCRATCH_OCI_OPTIONS_INIT},
    };
    run->mounts = pool_take(&run->pool, run->room + RUN_WRITABLE, sizeof *run->mounts);
    limits_begin(&run->limits, &run->pool, run->room);
    run->devices = pool_take(&run->pool, run->room, sizeof *run->devices);
    run->lowers = pool_take(&run->pool, run->room, sizeof *run->lowers);
    run->labels = pool_take(&run->pool, run->room + 1, sizeof *run->labels);
    run->groups = pool_take(&run->pool, run->room, sizeof *run->groups);
    run->process.rlimits = run->rlimits = pool_take(&run->pool, run->room, sizeof *run->rlimits);
    run->sysctls = pool_take(&run->pool, run->room + 1, sizeof *run->sysctls);
    run_begin_ids(run);
    run->namespaces.join = run->joins;
    run_network_begin(run);
    /* A container whose starter was killed could not be reached by anybody. */
    run->process.die_with_parent = true;
}

void run_end(struct run *run)
{
    pool_free(&run->pool);
}

/* What is wrong with the command line as a whole. */
static int wrong(struct scratch_error *err, const char *what, const char *subject, const char *hint,
                 const char *cause)
{
    int rc = usage_error(err, subject, hint, "%s", cause);
    snprintf(err->what, sizeof err->what, "%s", what);
    return rc;
}

/* docker's: what is behind "--" are the arguments of that program then. */
static const char *const *with_entrypoint(struct run *run, char **command)
{
    size_t count = 0;
    if (!run->entrypoint)
        return (const char *const *)command;
    while (command[count])
        count++;
    const char **argv = pool_take(&run->pool, count + 2, sizeof *argv);
    argv[0] = run->entrypoint;
    memcpy(argv + 1, command, count * sizeof *argv);
    return argv;
}

static int take_operands(struct run *run, const struct operands *operands,
                         struct scratch_error *err)
{
    static const char form[] = "write: scratchctl run [options] [ROOTFS] -- COMMAND [ARG...]";
    if (!operands->command)
        return wrong(err, "command", operands->count ? operands->operand[0] : NULL, form,
                     "there is no '--' before it");
    if (!operands->command[0] && !run->entrypoint)
        return wrong(err, "command", NULL, form, "there is none behind '--'");
    if (operands->count > 1)
        return wrong(err, "root file system", operands->operand[1], form,
                     "there is one already; the command begins behind '--'");
    run->process.argv = with_entrypoint(run, operands->command);
    run->rootfs.path = operands->count ? operands->operand[0] : NULL;
    return 0;
}

/* The host's tree, a directory, or layers, with ROOTFS as the lowest of them. */
static int choose_root(struct run *run, struct scratch_error *err)
{
    struct scratch_rootfs_options *root = &run->rootfs;
    bool upper = root->upper || root->work;
    if (upper && root->throw_away)
        return wrong(err, "option --volatile", NULL, "leave out one of the two",
                     "--upper says where writes are kept");
    if (upper && !root->path && run->lower_count == 0)
        return wrong(err, "option --upper", root->upper, "give ROOTFS or --overlay DIR as well",
                     "there is no layer below it");
    if (!upper && run->lower_count == 0) {
        root->kind = root->path ? SCRATCH_ROOTFS_DIRECTORY : SCRATCH_ROOTFS_HOST;
        return 0;
    }
    if (root->path)
        run->lowers[run->lower_count++] = root->path;
    root->kind = SCRATCH_ROOTFS_OVERLAY;
    root->lowers = run->lowers;
    root->lower_count = run->lower_count;
    return 0;
}

/* Who is named, labelled, or left alone, is asked about: by ps, exec, stop. */
static void assemble_keep(struct run *run)
{
    bool detach = run->oci.detach;
    if (!run->named && !run->label_count && !detach)
        return;
    run->keep.annotations = run->labels;
    run->keep.root = globals.root;
    run->keep.log = detach;
    run->keep.remove = !detach || run->remove;
    run->limits.cgroup.managed = true;
    run->spec.keep = &run->keep;
    if (detach)
        run->process.die_with_parent = false;
}

/* A new group has no limits to begin with: to ask for none takes no group, which not all may make.
 */
static void forget_no_limits(struct scratch_cgroup_options *o)
{
    uint64_t *const limits[] = {&o->memory_max, &o->pids_max};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (*limits[i] == SCRATCH_LIMIT_UNLIMITED)
            *limits[i] = SCRATCH_LIMIT_NONE;
}

int run_assemble(struct run *run, const struct operands *operands, struct scratch_error *err)
{
    int rc = take_operands(run, operands, err);
    if (rc == 0)
        rc = choose_root(run, err);
    if (rc == 0 &&
        (rc = capabilities_resolve(&run->capabilities, &run->process.capabilities, err)) < 0)
        snprintf(err->what, sizeof err->what, "capabilities");
    if (rc == 0)
        rc = limits_end(&run->limits, err);
    forget_no_limits(&run->limits.cgroup);
    if (rc == 0 && run->read_only_tmpfs)
        rc = add_writable(run, err);
    if (rc == 0)
        rc = run_choose_terminal(run, err);
    assemble_keep(run);
    if (run->namespaces.create & SCRATCH_NS_UTS && !run->namespaces.hostname)
        run->namespaces.hostname = "scratch";
    run->namespaces.sysctl = run->sysctls;
    run_assemble_ids(run);
    run->process.env = environment_list(&run->environment, &run->pool);
    run->rootfs.devices = run->devices;
    run->spec.namespaces = &run->namespaces;
    run->spec.rootfs = &run->rootfs;
    run->spec.mounts = run->mounts;
    run->spec.mount_count = run->mount_count;
    run->spec.cgroup = &run->limits.cgroup;
    run->spec.process = &run->process;
    run_network_end(run);
    return rc;
}
