/* SPDX-License-Identifier: MIT */
/*
 * Step 7: all of it, as one thing. A spec says what is wanted; a plan is the list of steps that it
 * takes; a start walks them. What the six programs before did by hand is in there, and what they
 * left out: capabilities, a system call filter, devices, a network namespace, an init that reaps.
 *
 *     step7_all_together ROOT COMMAND [ARGUMENT...]                           (as anybody)
 */
#include <scratch/scratch.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_cgroup_options limits = SCRATCH_CGROUP_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_error err;
    scratch_plan *plan = NULL;
    scratch_container *container = NULL;
    if (argc < 3)
        return fprintf(stderr, "usage: %s ROOT COMMAND [ARGUMENT...]\n", argv[0]), 2;

    namespaces.hostname = "demo";
    rootfs.kind = SCRATCH_ROOTFS_OVERLAY;
    rootfs.lowers = (const char *const[]){argv[1]};
    rootfs.lower_count = 1;
    limits.pids_max = 20;
    process.argv = (const char *const *)argv + 2;
    spec.namespaces = &namespaces;
    spec.rootfs = &rootfs;
    spec.cgroup = geteuid() == 0 ? &limits : NULL; /* groups are root's to give away */
    spec.process = &process;

    int status = scratch_plan_compile(&spec, &plan, &err);
    if (status == 0)
        status = scratch_plan_start(plan, NULL, &container, &err);
    if (status == 0)
        status = scratch_container_wait(container, &err);
    if (status < 0)
        scratch_error_print(argv[0], &err);
    scratch_container_free(container);
    scratch_plan_free(plan);
    return status < 0 ? 125 : status;
}
