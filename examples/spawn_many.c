/* SPDX-License-Identifier: MIT */
/*
 * One plan, started a thousand times. What is slow was done when it was compiled; what is left is
 * mostly the making of namespaces, and a pool has some ready:  spawn_many [HOW-MANY]  (as anybody)
 */
#include <linux/sched.h>
#include <scratch/scratch.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The least that it can be: a process in new namespaces, which ends. */
static int bare(void)
{
    int namespaces = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET;
    long pid = syscall(SYS_clone, namespaces | (geteuid() ? CLONE_NEWUSER : 0) | SIGCHLD, 0);
    if (pid == 0)
        _exit(0);
    return pid < 0 || waitpid((pid_t)pid, NULL, 0) < 0 ? perror("clone(2)"), 1 : 0;
}

static int contained(const scratch_plan *plan)
{
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    scratch_container *container;
    struct scratch_error err;
    options.in_place = true; /* where there is no init, as posix_spawn(3) does it */
    if (scratch_plan_start(plan, &options, &container, &err) < 0 ||
        scratch_container_wait(container, &err) < 0)
        return scratch_error_print("spawn_many", &err), 1;
    scratch_container_free(container);
    return 0;
}

/* Without a plan, bare. The pool is filled before the clock runs: nobody waits for it. */
static int many(int count, const char *what, const scratch_plan *plan, scratch_namespace_pool *pool)
{
    double seconds = 0;
    for (int i = 0; i < count; i++) {
        struct timespec from, to;
        if (pool)
            scratch_namespace_pool_fill(pool, NULL);
        clock_gettime(CLOCK_MONOTONIC, &from);
        if (plan ? contained(plan) : bare())
            return 1;
        clock_gettime(CLOCK_MONOTONIC, &to);
        seconds += (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    }
    printf("%d %s in %.2f seconds: %.0f a second\n", count, what, seconds, count / seconds);
    return 0;
}

int main(int argc, char *argv[])
{
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_error err;
    scratch_namespace_pool *pool = NULL; /* of the host's user namespace, which is root's */
    int count = argc > 1 ? atoi(argv[1]) : 1000;
    if (count < 1)
        return fprintf(stderr, "usage: %s [HOW-MANY]\n", argv[0]), 2;
    scratch_seal_self(argv, NULL); /* or nothing is started in place */
    int rc = many(count, "bare processes", NULL, NULL);
    process.argv = (const char *const[]){"true", NULL};
    spec.process = &process;
    spec.namespaces = &namespaces;
    rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    rootfs.path = "/";
    rootfs.read_only = rootfs.prepared = true;
    for (int with = 0; with <= (geteuid() == 0) && rc == 0; with++) {
        scratch_plan *plan;
        if (with && scratch_namespace_pool_new(1, &pool, &err) < 0)
            return scratch_error_print(argv[0], &err), 1;
        namespaces.pool = pool;
        process.init = !with;
        spec.rootfs = with ? &rootfs : NULL; /* mounted once, for all of them */
        if (scratch_plan_compile(&spec, &plan, &err) < 0)
            return scratch_error_print(argv[0], &err), 1;
        rc = many(count, with ? "in place, with all of it ready" : "containers", plan,
                  with ? pool : NULL);
        scratch_plan_free(plan);
    }
    scratch_namespace_pool_free(pool);
    return rc;
}
