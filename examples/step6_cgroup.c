/* SPDX-License-Identifier: MIT */
/*
 * Step 6: limits. 20 processes, 64 MiB and half a processor, for all in the container together; and
 * a second group around it, so that a mistake in the first could not take the machine down.
 *
 *     step6_cgroup LAYER[:LAYER...] UPPER WORK COMMAND [ARGUMENT...]          (as root)
 */
#include <fcntl.h>
#include <scratch/scratch.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct scratch_mount proc = {"proc", "/proc", "proc", "nosuid,nodev,noexec"};

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

static int make_groups(scratch_cgroup **group, struct scratch_error *err)
{
    struct scratch_cgroup_options limits = SCRATCH_CGROUP_OPTIONS_INIT;
    limits.pids_max = 40;
    limits.memory_max = 64 << 20;
    limits.cpu_quota = 50000; /* microseconds in each tenth of a second */
    int rc = scratch_cgroup_create("tutorial", &limits, group, err);
    scratch_cgroup_free(*group);
    limits.parent = "tutorial";
    limits.pids_max = 20;
    return rc < 0 ? rc : scratch_cgroup_create("inner", &limits, group, err);
}

static int run(const scratch_cgroup *group, char *argv[])
{
    struct scratch_error err;
    if (scratch_cgroup_join_self(group, &err) < 0 ||
        scratch_namespace_unshare_self(SCRATCH_NS_MNT, &err) < 0 ||
        lay_over(argv[1], argv[2], argv[3], &err) < 0 ||
        scratch_rootfs_pivot_self("/mnt", &err) < 0 ||
        scratch_mount_apply(AT_FDCWD, &proc, &err) < 0)
        return scratch_error_print(argv[0], &err), 1;
    execvp(argv[4], argv + 4);
    perror(argv[4]);
    return 127;
}

int main(int argc, char *argv[])
{
    struct scratch_error err;
    scratch_cgroup *group;
    char peak[64] = "20, the limit: this kernel does not count";
    int status = 0;
    if (argc < 5)
        return fprintf(stderr, "usage: %s LAYER[:LAYER...] UPPER WORK COMMAND\n", argv[0]), 2;
    if (scratch_namespace_unshare_self(SCRATCH_NS_UTS | SCRATCH_NS_PID, &err) < 0 ||
        make_groups(&group, &err) < 0) {
        scratch_error_print(argv[0], &err);
        scratch_cgroup_delete("tutorial", NULL); /* also what a killed one has left */
        return 1;
    }
    pid_t child = fork();
    if (child == 0)
        _exit(run(group, argv));
    waitpid(child, &status, 0);
    scratch_cgroup_read(group, "pids.peak", peak, sizeof peak, NULL);
    fprintf(stderr, "most processes at once: %s\n", peak);
    scratch_cgroup_free(group);
    if (scratch_cgroup_delete("tutorial", &err) < 0)
        scratch_error_print(argv[0], &err);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
