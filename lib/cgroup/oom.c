/* SPDX-License-Identifier: MIT */
/*
 * What died of its memory limit. The group counts how many; which process it was only the kernel's
 * log says, to those who may read it.
 */
#include "cgroup/oom.h"
#include "cgroup/figures.h"
#include "cgroup/layout.h"
#include <scratch/figures.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A record of /dev/kmsg is never longer (CONSOLE_EXT_LOG_MAX). */
#define RECORD 8192

/* What is looked for, and what has been found. */
struct search {
    const char *group; /* its path below the root of its hierarchy */
    uint64_t since;    /* microseconds of the log's own clock */
    uint64_t limit;    /* of whichever group the report that is being read is about */
    uint64_t kills;
    struct scratch_container_oom *oom;
};

/* "KEY=/system.slice/web.scope/x,…": this group, or one below it? */
static bool is_about(const struct search *s, const char *place, const char *end)
{
    const char *found = place ? strstr(place, s->group) : NULL;
    size_t length = strlen(s->group);
    return found && found < end && found[-1] == '/' && strchr(",/", found[length]);
}

/* "memory: usage 16384kB, limit 16384kB, failcnt 38" comes before the following. */
static void take_limit(struct search *s, const char *record)
{
    unsigned long long limit;
    const char *usage = strstr(record, ";memory: usage ");
    if (usage && sscanf(usage, ";memory: usage %*ukB, limit %llukB", &limit) == 1)
        s->limit = limit * 1024;
}

/* "oom-kill:…,oom_memcg=/web,task_memcg=/web/x,task=tail,pid=123,…" */
static void take_record(struct search *s, const char *record)
{
    char command[sizeof s->oom->command];
    int pid;
    const char *from = strstr(record, ",oom_memcg="), *place = strstr(record, ",task_memcg=");
    const char *task = strstr(record, ",task=");
    if (!strstr(record, "oom-kill:") || !place || !task || task < place ||
        !is_about(s, place, task))
        return;
    if (sscanf(task, ",task=%31[^,],pid=%d", command, &pid) != 2)
        return;
    memcpy(s->oom->command, command, sizeof command);
    s->oom->pid = pid;
    s->kills++;
    if (!from || !is_about(s, from, place))
        s->limit = SCRATCH_LIMIT_UNLIMITED;
}

/* "6,1234,16478180,-;text": the third is when. */
static void look_at(struct search *s, const char *record)
{
    unsigned long long when;
    if (sscanf(record, "%*u,%*u,%llu,", &when) != 1 || when < s->since)
        return;
    take_limit(s, record);
    take_record(s, record);
}

/* The last one counts. What has been overwritten meanwhile is EPIPE, and the next read goes on. */
static void read_log(struct search *s)
{
    char *record = malloc(RECORD);
    int fd = record ? open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
    ssize_t n = 0;
    while (fd >= 0 && ((n = read(fd, record, RECORD - 1)) > 0 || (n < 0 && errno == EPIPE))) {
        if (n < 0)
            continue;
        record[n] = '\0';
        look_at(s, record);
    }
    if (fd >= 0)
        close(fd);
    free(record);
}

/* The number that a group has under a key of one file, or of another version's other one. */
static uint64_t count(int groupfd, const char *v2_file, const char *v1_file, const char *key)
{
    char text[1024];
    if (figures_read(groupfd, v2_file, text, sizeof text) < 0 &&
        figures_read(groupfd, v1_file, text, sizeof text) < 0)
        return SCRATCH_FIGURE_UNKNOWN;
    return key ? figures_keyed(text, key) : strtoull(text, NULL, 10);
}

static bool find(int groupfd, struct scratch_container_oom *oom)
{
    uint64_t kills = count(groupfd, "memory.events", "memory.oom_control", "oom_kill");
    if (kills == SCRATCH_FIGURE_UNKNOWN || kills == 0)
        return false;
    oom->kills = kills;
    oom->limit = count(groupfd, "memory.max", "memory.limit_in_bytes", NULL);
    if (oom->limit == 0 || oom->limit >= (uint64_t)INT64_MAX - 65536) /* "max" */
        oom->limit = SCRATCH_LIMIT_UNLIMITED;
    return true;
}

uint64_t oom_count(const char *directory)
{
    int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct scratch_container_oom oom = {0};
    if (fd >= 0) {
        find(fd, &oom);
        close(fd);
    }
    return oom.kills;
}

/* A group's path below the root of memory's hierarchy, as the log has it; NULL: it is not there. */
static const char *path_below(const char *directory)
{
    struct cgroup_hierarchy memory;
    size_t mount = layout_find("memory", &memory) < 0 ? 0 : strlen(memory.mount);
    bool below = mount && strncmp(directory, memory.mount, mount) == 0 && directory[mount] == '/' &&
                 directory[mount + 1];
    return below ? directory + mount + 1 : NULL;
}

bool oom_of_group(int groupfd, struct scratch_container_oom *oom)
{
    char link[32], directory[PATH_MAX];
    *oom = (struct scratch_container_oom){0};
    if (!find(groupfd, oom))
        return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", groupfd);
    ssize_t n = readlink(link, directory, sizeof directory - 1);
    directory[n > 0 ? n : 0] = '\0';
    struct search s = {.group = path_below(directory), .oom = oom};
    if (s.group)
        read_log(&s);
    return true;
}

/* When it was by the log's clock, which begins with the machine's start. */
static uint64_t log_time(int64_t created)
{
    struct timespec now, up;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_MONOTONIC, &up);
    int64_t age = ((int64_t)now.tv_sec * 1000000000 + now.tv_nsec - created) / 1000;
    int64_t uptime = (int64_t)up.tv_sec * 1000000 + up.tv_nsec / 1000;
    return age < uptime ? (uint64_t)(uptime - age) : 0;
}

bool oom_of_log(const char *directory, int64_t created, struct scratch_container_oom *oom)
{
    size_t length = strlen(directory);
    *oom = (struct scratch_container_oom){0};
    struct search s = {
        .group = path_below(directory), .limit = SCRATCH_LIMIT_UNLIMITED, .oom = oom};
    bool scope = length > 6 && strcmp(directory + length - 6, ".scope") == 0;
    if (!s.group || !scope || access(directory, F_OK) == 0)
        return false;
    s.since = log_time(created);
    read_log(&s);
    oom->kills = s.kills;
    oom->limit = s.limit;
    return s.kills > 0;
}

void oom_find(const struct step_walk *w, struct scratch_container_oom *oom)
{
    for (uint32_t i = 0; i < w->plan->step_count; i++) {
        const struct step *step = step_at(w->plan, i);
        bool group = step->kind == STEP_CGROUP_SCOPE || step->kind == STEP_CGROUP_MAKE;
        int fd = group ? w->fd[step->fd[0]] : -1;
        if (fd >= 0 && oom_of_group(fd, oom))
            return;
    }
}
