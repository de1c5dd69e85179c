/* SPDX-License-Identifier: MIT */
/*
 * Step 1: no isolation. A container begins as what a shell makes of every command: a child process.
 *
 *     step1_no_isolation COMMAND [ARGUMENT...]
 */
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
    if (argc < 2)
        return fprintf(stderr, "usage: %s COMMAND [ARGUMENT...]\n", argv[0]), 2;
    pid_t child = fork();
    if (child < 0)
        return perror("fork"), 1;
    if (child == 0)
        _exit(run(argv + 1));
    return wait_for(child);
}
