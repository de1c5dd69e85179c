/* SPDX-License-Identifier: MIT */
/*
 * Step 5: layers. Many containers read one base, and each writes to a directory of its own.
 *
 *     step5_overlay LAYER[:LAYER...] UPPER WORK COMMAND [ARGUMENT...]         (as root)
 *
 * The first layer is the topmost. UPPER takes what is written; WORK is an empty
 * directory beside it.
 */
#include <fcntl.h>
#include <scratch/scratch.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct scratch_mount proc = {"proc", "/proc", "proc", "nosuid,nodev,noexec"};

/* On /mnt, of this mount namespace: nobody else's /mnt changes. */
static int lay_over(char *layers, const char *upper, const char *work, struct scratch_error *err)
{
    struct scratch_rootfs_options overlay = SCRATCH_ROOTFS_OPTIONS_INIT;
    const char *lowers[501]; /* overlayfs refuses more than 500 */
    for (char *l = strtok(layers, ":"); l && overlay.lower_count < 501; l = strtok(NULL, ":"))
        lowers[overlay.lower_count++] = l;
    overlay.lowers = lowers;
    overlay.upper = upper;
    overlay.work = work;
    return scratch_overlay_mount(&overlay, "/mnt", err);
}

static int run(char *argv[])
{
    struct scratch_error err;
    if (scratch_namespace_unshare_self(SCRATCH_NS_MNT, &err) < 0 ||
        lay_over(argv[1], argv[2], argv[3], &err) < 0 ||
        scratch_rootfs_pivot_self("/mnt", &err) < 0 ||
        scratch_mount_apply(AT_FDCWD, &proc, &err) < 0)
        return scratch_error_print(argv[0], &err), 1;
    fprintf(stderr, "running %s as process %d\n", argv[4], (int)getpid());
    execvp(argv[4], argv + 4);
    perror(argv[4]);
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
    if (argc < 5)
        return fprintf(stderr, "usage: %s LAYER[:LAYER...] UPPER WORK COMMAND\n", argv[0]), 2;
    if (scratch_namespace_unshare_self(SCRATCH_NS_UTS | SCRATCH_NS_PID, &err) < 0)
        return scratch_error_print(argv[0], &err), 1;
    pid_t child = fork();
    if (child < 0)
        return perror("fork"), 1;
    if (child == 0)
        _exit(run(argv));
    return wait_for(child);
}
