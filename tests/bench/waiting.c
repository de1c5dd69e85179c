/* SPDX-License-Identifier: MIT */
/*
 * What stays in memory beside a container: the program that waits for it.
 */
#include "bench.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define COMMAND       "nothing\n"

struct waiting {
    pid_t starter, command;
};

/* The first line of a process's file that begins like this; false when there is none. */
static bool read_line(pid_t pid, const char *file, const char *begin, char line[256])
{
    char path[64];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    FILE *in = fopen(path, "re");
    while (in && !found && fgets(line, 256, in))
        found = strncmp(line, begin, strlen(begin)) == 0;
    if (in)
        fclose(in);
    return found;
}

static pid_t parent_of(pid_t pid)
{
    char line[256];
    return read_line(pid, "status", "PPid:", line) ? (pid_t)strtol(line + 5, NULL, 10) : 0;
}

static bool is_below(pid_t pid, pid_t above)
{
    while (pid > 1 && pid != above)
        pid = parent_of(pid);
    return pid == above;
}

/* The container's command, below the program that has started it; 0: it is not there (yet). */
static pid_t find_command(pid_t starter)
{
    char line[256];
    pid_t found = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && !found && (entry = readdir(proc));) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 0 && read_line(pid, "comm", COMMAND, line) && is_below(pid, starter))
            found = pid;
    }
    if (proc)
        closedir(proc);
    return found;
}

static pid_t wait_for_command(pid_t starter)
{
    pid_t command = 0;
    for (int i = 0; i < 1000 && !command; i++) {
        usleep(10000);
        command = find_command(starter);
    }
    usleep(30000); /* what is left to do after the start is done */
    return command;
}

/*
 * The start's own arguments, for a command that stays: behind the command, or in a bundle of its
 * own, whose container has an id of its own.
 */
static void make_it_stay(const struct entry *entry, enum variant variant, char *id, char **argv)
{
    bool bundle = strcmp(entry->argv[1], "--root") == 0;
    char ends[BUNDLE_NAME];
    size_t n = 0;
    bundle_name(ends, variant, 0);
    for (; entry->argv[n]; n++)
        argv[n] = strcmp(entry->argv[n], ends) == 0 ? (char *)"stay" : entry->argv[n];
    if (bundle)
        argv[n - 1] = id;
    else
        argv[n++] = (char *)"stay";
    argv[n] = NULL;
}

static unsigned start_all(const struct bench *b, const struct entry *entry, unsigned count,
                          struct waiting *all)
{
    unsigned started = 0;
    for (; started < count; started++) {
        char *argv[LENGTH(entry->argv) + 1], id[48];
        struct waiting *w = &all[started];
        snprintf(id, sizeof id, "libscratch-bench-%u", started);
        make_it_stay(entry, b->variant, id, argv);
        w->starter = entry_spawn(entry, argv);
        w->command = w->starter < 0 ? 0 : wait_for_command(w->starter);
        if (!w->command)
            break;
    }
    return started;
}

static void end(const struct waiting *w)
{
    if (w->command > 0)
        kill(w->command, SIGKILL);
    if (w->starter > 0)
        waitpid(w->starter, NULL, 0);
}

unsigned waiting_kb(const struct bench *b, const struct entry *entry)
{
    struct waiting all[WAITING_MAX] = {{0, 0}};
    unsigned count = strcmp(entry->contestant->name, "floor") == 0 ? 1 : b->settings.waiting;
    unsigned long kb = 0;
    char line[256];
    if (b->variant != VARIANT_FULL || !entry->contestant->program || !entry->argv[1])
        return 0;
    unsigned started = start_all(b, entry, count, all);
    for (unsigned i = 0; i < started; i++)
        kb += read_line(all[i].starter, "smaps_rollup", "Pss:", line) ? strtoul(line + 4, NULL, 10)
                                                                      : 0;
    for (unsigned i = 0; i < count; i++)
        end(&all[i]);
    return started == count ? (unsigned)(kb / count) : 0;
}
