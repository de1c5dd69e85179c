/* SPDX-License-Identifier: MIT */
/*
 * Run in a container, it prints what a command has there, a line for each thing, in a form that
 * does not depend on the machine: SECURITY.md has what it should be.
 *
 * audit NAMESPACE...: the namespaces of whoever started it, as "net:[4026531840]"
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

extern char **environ;

static void print_fds(void)
{
    DIR *fds = opendir("/proc/self/fd");
    printf("fds");
    for (int fd = 0; fd < 1024; fd++)
        if (fd != dirfd(fds) && fcntl(fd, F_GETFD) >= 0)
            printf(" %d", fd);
    printf("\n");
    closedir(fds);
}

/* The lines of /proc/self/status that are about privileges. */
static void print_status(void)
{
    static const char *const names[] = {"Uid:",    "Gid:",    "Groups:", "CapInh:",     "CapPrm:",
                                        "CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:"};
    char line[1024];
    FILE *in = fopen("/proc/self/status", "r");
    while (in && fgets(line, sizeof line, in))
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (strncmp(line, names[i], strlen(names[i])) == 0) {
                line[strcspn(line, "\n")] = '\0';
                printf("%s", names[i]);
                for (char *word = strtok(line + strlen(names[i]), " \t"); word;
                     word = strtok(NULL, " \t"))
                    printf(" %s", word);
                printf("\n");
            }
    fclose(in);
}

static void print_namespaces(char **callers)
{
    static const char *const names[] = {"cgroup", "ipc",  "mnt",  "net",
                                        "pid",    "time", "user", "uts"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64], own[64];
        snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
        ssize_t n = readlink(path, own, sizeof own - 1);
        own[n > 0 ? n : 0] = '\0';
        char **caller = callers;
        while (*caller && strcmp(*caller, own) != 0)
            caller++;
        printf("namespace %s: %s\n", names[i], *caller ? "the caller's" : "its own");
    }
}

static void print_environment(void)
{
    for (char **variable = environ; *variable; variable++)
        if (strncmp(*variable, "TERM=", 5) != 0) /* the caller's */
            printf("environment %s\n", *variable);
}

/* Soft and hard limits: to be compared with the caller's. */
static void print_limits(void)
{
    for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
        struct rlimit limit;
        getrlimit(resource, &limit);
        printf("rlimit %d %llu %llu\n", resource, (unsigned long long)limit.rlim_cur,
               (unsigned long long)limit.rlim_max);
    }
}

/* "mount /proc: proc rw nosuid"; a part of a file system is a bind, whatever its type. */
static void print_mounts(void)
{
    char line[4096], root[1024], target[1024], options[256], type[64];
    FILE *in = fopen("/proc/self/mountinfo", "r");
    while (in && fgets(line, sizeof line, in)) {
        const char *rest = strstr(line, " - ");
        if (!rest || sscanf(line, "%*s %*s %*s %1023s %1023s %255s", root, target, options) != 3 ||
            sscanf(rest, " - %63s", type) != 1)
            continue;
        printf("mount %s: %s", target,
               strcmp(root, "/") == 0 && strcmp(target, "/") != 0 ? type : "bind");
        for (char *word = strtok(options, ","); word; word = strtok(NULL, ","))
            if (strcmp(word, "relatime") != 0)
                printf(" %s", word);
        printf("\n");
    }
    fclose(in);
}

int main(int argc, char **argv)
{
    (void)argc;
    print_fds();
    print_status();
    print_namespaces(argv + 1);
    print_environment();
    print_limits();
    print_mounts();
    return fflush(stdout) == 0 ? 0 : 1;
}
