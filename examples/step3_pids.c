/* SPDX-License-Identifier: MIT */
/*
 * Step 3: process numbers of its own. A process keeps its number for life, so unshare alone changes
 * nothing for the one that calls it: its next child is the first process of the new namespace.
 *
 *     step3_pids COMMAND [ARGUMENT...]                                        (as root)
 */
#include <scratch/scratch.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int run(char *argv[])
{
    fprintf(stderr, "running %s as process %d\n", argv[0], (int)getpid());
    execvp(argv[0], argv);
    perror(argv[0]);
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
    if (argc < 2)
        return fprintf(stderr, "usage: %s COMMAND [ARGUMENT...]\n", argv[0]), 2;
    fprintf(stderr, "before unshare: process %d\n", (int)getpid());
    if (scratch_namespace_unshare_self(SCRATCH_NS_UTS | SCRATCH_NS_PID, &err) < 0)
        return scratch_error_print(argv[0], &err), 1;
    fprintf(stderr, "after unshare:  process %d\n", (int)getpid());
    pid_t child = fork();
    if (child < 0)
        return perror("fork"), 1;
    if (child == 0)
        _exit(run(argv + 1));
    return wait_for(child);
}
