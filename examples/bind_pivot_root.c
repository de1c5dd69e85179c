/* SPDX-License-Identifier: MIT */
/*
 * What scratch_rootfs_pivot_self() does, one system call after the other: a bind mount, because a
 * root has to be a mount; pivot_root(2); and letting go of the old root.
 *
 *     bind_pivot_root ROOT COMMAND [ARGUMENT...]                              (as root)
 */
#include <fcntl.h>
#include <scratch/scratch.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int pivot(void)
{
    if (chdir("/mnt") < 0)
        return perror("chdir"), -1;
    if (syscall(SYS_pivot_root, ".", ".") < 0) /* the old root now lies over the new one */
        return perror("pivot_root"), -1;
    if (umount2(".", MNT_DETACH) < 0) /* and here it goes */
        return perror("umount"), -1;
    return chdir("/");
}

/* In the new namespaces, as process 1; mounts are private by now. */
static int inside(void *argument)
{
    char **argv = argument;
    const struct scratch_mount bind = {argv[1], "/mnt", NULL, "rbind"};
    const struct scratch_mount proc = {"proc", "/proc", "proc", NULL};
    struct scratch_error err;
    int root = open("/", O_DIRECTORY | O_CLOEXEC);
    if (scratch_mount_apply(root, &bind, &err) < 0)
        return scratch_error_print(argv[0], &err), 125;
    close(root);
    if (pivot() < 0)
        return 125;
    if (scratch_mount_apply(AT_FDCWD, &proc, &err) < 0)
        return scratch_error_print(argv[0], &err), 125;
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 127;
}

int main(int argc, char *argv[])
{
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_error err;
    siginfo_t end = {0};
    if (argc < 3)
        return fprintf(stderr, "usage: %s ROOT COMMAND [ARGUMENT...]\n", argv[0]), 2;
    namespaces.create = SCRATCH_NS_UTS | SCRATCH_NS_PID | SCRATCH_NS_MNT;
    int pidfd = scratch_namespace_call(&namespaces, inside, argv, &err);
    if (pidfd < 0)
        return scratch_error_print(argv[0], &err), 1;
    waitid(P_PIDFD, (id_t)pidfd, &end, WEXITED);
    return end.si_code == CLD_EXITED ? end.si_status : 128 + end.si_status;
}
