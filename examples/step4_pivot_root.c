/* SPDX-License-Identifier: MIT */
/*
 * Step 4 again, with pivot_root(2): the old root is not hidden, it is gone from the namespace. What
 * differs from step4_chroot.c is one word.
 *
 *     step4_pivot_root ROOT COMMAND [ARGUMENT...]                             (as root)
 */
#include <fcntl.h>
#include <scratch/scratch.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct scratch_mount proc = {"proc", "/proc", "proc", "nosuid,nodev,noexec"};

static int run(char *argv[])
{
    struct scratch_error err;
    if (scratch_namespace_unshare_self(SCRATCH_NS_MNT, &err) < 0 ||
        scratch_rootfs_pivot_self(argv[1], &err) < 0 ||
        scratch_mount_apply(AT_FDCWD, &proc, &err) < 0)
        return scratch_error_print(argv[0], &err), 1;
    fprintf(stderr, "running %s as process %d\n", argv[2], (int)getpid());
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 127;
}

static int wait_for(pid_t child)
{
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char *argv[])
{
    struct scratch_error err;
    if (argc < 3)
        return fprintf(stderr, "usage: %s ROOT COMMAND [ARGUMENT...]\n", argv[0]), 2;
    if (scratch_namespace_unshare_self(SCRATCH_NS_UTS | SCRATCH_NS_PID, &err) < 0)
        return scratch_error_print(argv[0], &err), 1;
    pid_t child = fork();
    if (child < 0)
        return perror("fork"), 1;
    if (child == 0)
        _exit(run(argv));
    return wait_for(child);
}
