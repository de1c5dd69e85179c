/* SPDX-License-Identifier: MIT */
#include "cli/ps_table.h"
#include "cli/report.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The word of a line that is behind so many others, or NULL. */
static const char *word_at(const char *line, int column)
{
    const char *word = line + strspn(line, " ");
    while (column-- > 0 && *word) {
        word += strcspn(word, " \n");
        word += strspn(word, " ");
    }
    return *word && *word != '\n' ? word : NULL;
}

/* Which column is headed PID, or -1. */
static int find_pid(const char *header)
{
    const char *word;
    for (int column = 0; (word = word_at(header, column)); column++)
        if (strncmp(word, "PID", 3) == 0 && strchr(" \n", word[3]))
            return column;
    return -1;
}

static bool is_one_of(const char *line, int column, const pid_t *pids, size_t count)
{
    const char *word = word_at(line, column);
    long pid = word ? strtol(word, NULL, 10) : 0;
    for (size_t i = 0; i < count; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

static void print_some(FILE *in, const pid_t *pids, size_t count)
{
    char *line = NULL;
    size_t size = 0;
    int column = getline(&line, &size, in) > 0 ? find_pid(line) : -1;
    if (line)
        fputs(line, stdout);
    while (column >= 0 && getline(&line, &size, in) > 0)
        if (is_one_of(line, column, pids, count))
            fputs(line, stdout);
    free(line);
}

/* Its pid, or -errno. */
static pid_t spawn(char *const *options, int out)
{
    char name[] = "ps", usual[] = "-ef";
    char *argv[64] = {name, usual};
    posix_spawn_file_actions_t files;
    pid_t pid;
    for (size_t i = 0; i < 62 && options[i]; i++)
        argv[i + 1] = options[i];
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    int rc = posix_spawnp(&pid, name, &files, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    return rc ? -rc : pid;
}

bool ps_table(char *const *options, const pid_t *pids, size_t count)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    pid_t pid = spawn(options, ends[1]);
    close(ends[1]);
    FILE *in = pid < 0 ? NULL : fdopen(ends[0], "r");
    if (in) {
        print_some(in, pids, count);
        fclose(in);
    } else {
        close(ends[0]);
    }
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return pid > 0;
}
