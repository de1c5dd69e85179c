/* SPDX-License-Identifier: MIT */
/*
 * The container of a conference talk: three namespaces, a chroot, and a group that may have 20
 * processes, in one function that a child calls.
 *
 *     namespaces_chroot_pids ROOT COMMAND [ARGUMENT...]                       (as root)
 */
#include <fcntl.h>
#include <scratch/scratch.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct scratch_mount proc = {"proc", "/proc", "proc", NULL};

struct container {
    scratch_cgroup *group;
    char **argv;
};

/* In the new namespaces, as process 1. */
static int inside(void *argument)
{
    const struct container *c = argument;
    struct scratch_error err;
    if (scratch_cgroup_join_self(c->group, &err) < 0 ||
        scratch_rootfs_chroot_self(c->argv[1], &err) < 0 ||
        scratch_mount_apply(AT_FDCWD, &proc, &err) < 0)
        return scratch_error_print(c->argv[0], &err), 125;
    execvp(c->argv[2], c->argv + 2);
    perror(c->argv[2]);
    return 127;
}

int main(int argc, char *argv[])
{
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_cgroup_options limits = SCRATCH_CGROUP_OPTIONS_INIT;
    struct container c = {NULL, argv};
    struct scratch_error err;
    siginfo_t end = {0};
    if (argc < 3)
        return fprintf(stderr, "usage: %s ROOT COMMAND [ARGUMENT...]\n", argv[0]), 2;
    namespaces.create = SCRATCH_NS_UTS | SCRATCH_NS_PID | SCRATCH_NS_MNT;
    namespaces.hostname = "container";
    limits.pids_max = 20;
    if (scratch_cgroup_create("talk", &limits, &c.group, &err) < 0) {
        scratch_error_print(argv[0], &err);
        scratch_cgroup_delete("talk", NULL); /* what a killed one has left */
        return 1;
    }
    int pidfd = scratch_namespace_call(&namespaces, inside, &c, &err);
    if (pidfd < 0)
        scratch_error_print(argv[0], &err);
    else
        waitid(P_PIDFD, (id_t)pidfd, &end, WEXITED);
    scratch_cgroup_free(c.group);
    if (scratch_cgroup_delete("talk", &err) < 0)
        scratch_error_print(argv[0], &err);
    return pidfd < 0 ? 1 : end.si_code == CLD_EXITED ? end.si_status : 128 + end.si_status;
}
