/* SPDX-License-Identifier: MIT */
/*
 * Step 2: a host name of its own. One call before the fork: the child is born where its parent is.
 *
 *     step2_host_name COMMAND [ARGUMENT...]                                   (as root)
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
    if (scratch_namespace_unshare_self(SCRATCH_NS_UTS, &err) < 0)
        return scratch_error_print(argv[0], &err), 1;
    pid_t child = fork();
    if (child < 0)
        return perror("fork"), 1;
    if (child == 0)
        _exit(run(argv + 1));
    return wait_for(child);
}
