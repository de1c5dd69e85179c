/* SPDX-License-Identifier: MIT */
/*
 * Those that are started by a call, in this process: the library, and the floor.
 */
#include "bench.h"

#include <stdio.h>
#include <string.h>

static int start_floor(const struct floor_options *options)
{
    int status = floor_start(options);
    if (status < 0)
        fprintf(stderr, "bench: floor: %s\n", strerror(-status));
    return status;
}

int library_start(struct bench *b, const struct contestant *contestant)
{
    struct scratch_error err;
    char text[SCRATCH_ERROR_LINE];
    scratch_container *container;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    if (contestant->call == CALL_FLOOR)
        return start_floor(&b->floor);
    options.in_place = contestant->in_place;
    int status = scratch_plan_start(b->plan[contestant->call], &options, &container, &err);
    if (status == 0) {
        status = scratch_container_wait(container, &err);
        scratch_container_free(container);
    }
    if (status < 0) {
        scratch_error_format(&err, text, sizeof text);
        fprintf(stderr, "bench: libscratch: %s\n", text);
    }
    return status;
}

/* ---- plans ---------------------------------------------------------------------------------- */

static int compile(const struct scratch_spec *spec, scratch_plan **plan)
{
    struct scratch_error err;
    char text[SCRATCH_ERROR_LINE];
    if (scratch_plan_compile(spec, plan, &err) == 0)
        return 0;
    scratch_error_format(&err, text, sizeof text);
    fprintf(stderr, "bench: libscratch: %s\n", text);
    return -1;
}

/* What a program that starts the same container many times would do. */
static int prepare_more(struct bench *b, const struct scratch_spec *given)
{
    struct scratch_spec spec = *given;
    struct scratch_rootfs_options rootfs = *spec.rootfs;
    struct scratch_namespace_options namespaces = *spec.namespaces;
    spec.rootfs = &rootfs;
    spec.namespaces = &namespaces;
    rootfs.prepared = true;
    if (compile(&spec, &b->plan[CALL_PREPARED]) < 0 ||
        scratch_namespace_pool_new(1, &b->pool, NULL) < 0)
        return -1;
    namespaces.pool = b->pool;
    return compile(&spec, &b->plan[CALL_POOLED]);
}

void contestants_rest(struct bench *b)
{
    if (b->pool)
        scratch_namespace_pool_fill(b->pool, NULL);
}

/* A minimal container has none of what makes it a safe one. */
static void be_minimal(struct scratch_spec *spec, struct scratch_namespace_options *namespaces,
                       struct scratch_rootfs_options *rootfs,
                       struct scratch_process_options *process)
{
    static const struct scratch_mount proc = {.type = "proc", .source = "proc", .target = "/proc"};
    namespaces->create = SCRATCH_NS_PID | SCRATCH_NS_MNT | SCRATCH_NS_UTS;
    rootfs->standard_mounts = false;
    spec->mounts = &proc;
    spec->mount_count = 1;
    process->capabilities = SCRATCH_CAP_ALL;
    process->new_privileges = true;
}

int library_prepare(struct bench *b)
{
    static const char *const argv[] = {"/nothing", NULL};
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_cgroup_options cgroup = SCRATCH_CGROUP_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;

    spec.namespaces = &namespaces;
    spec.rootfs = &rootfs;
    spec.cgroup = &cgroup;
    spec.process = &process;
    rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    rootfs.path = "root";
    if (b->variant == VARIANT_OVERLAY) {
        rootfs.kind = SCRATCH_ROOTFS_OVERLAY;
        rootfs.lowers = b->layers.lower;
        rootfs.lower_count = b->layers.count;
        rootfs.upper = "upper";
        rootfs.work = "work";
    }
    cgroup.parent = b->place.name;
    cgroup.pids_max = 100;
    process.argv = argv;
    if (b->variant != VARIANT_DEFAULT) {
        rootfs.mask_paths = false;
        process.init = false;
    }
    if (b->variant != VARIANT_DEFAULT && b->variant != VARIANT_SECCOMP)
        process.seccomp = SCRATCH_SECCOMP_NONE;
    if (b->variant == VARIANT_EXEC || b->settings.at_once > 1)
        return 0; /* no such thing here */
    if (b->variant == VARIANT_MIN)
        be_minimal(&spec, &namespaces, &rootfs, &process);
    int rc = compile(&spec, &b->plan[CALL_PLAN]);
    return rc == 0 && b->variant == VARIANT_FULL ? prepare_more(b, &spec) : rc;
}

void library_release(struct bench *b)
{
    for (enum call call = 0; call < CALL_COUNT; call++) {
        scratch_plan_free(b->plan[call]);
        b->plan[call] = NULL;
    }
    scratch_namespace_pool_free(b->pool);
    b->pool = NULL;
}
