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
#include <unistd.h>

/* A record of /dev/kmsg is never longer (CONSOLE_EXT_LOG_MAX). */
#define RECORD 8192

/* "oom-kill:…,task_memcg=/libscratch-web/x,task=tail,pid=123,…" of this group, or below it? */
static void take_record(const char *record, const char *group, struct scratch_container_oom *oom)
{
    char command[sizeof oom->command];
    int pid;
    const char *place = strstr(record, ",task_memcg="), *task = strstr(record, ",task=");
    if (!strstr(record, "oom-kill:") || !place || !task || task < place)
        return;
    const char *found = strstr(place, group);
    size_t length = strlen(group);
    if (!found || found >= task || found[-1] != '/' ||
        (found[length] != ',' && found[length] != '/'))
        return;
    if (sscanf(task, ",task=%31[^,],pid=%d", command, &pid) == 2) {
        memcpy(oom->command, command, sizeof command);
        oom->pid = pid;
    }
}

/* The last one counts. What has been overwritten meanwhile is EPIPE, and the next read goes on. */
static void read_log(const char *group, struct scratch_container_oom *oom)
{
    char *record = malloc(RECORD);
    int fd = record ? open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
    ssize_t n = 0;
    while (fd >= 0 && ((n = read(fd, record, RECORD - 1)) > 0 || (n < 0 && errno == EPIPE))) {
        if (n < 0)
            continue;
        record[n] = '\0';
        take_record(record, group, oom);
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

/* Its path below the root of its hierarchy, as the log has it; false: it is not to be had. */
static bool find_path(int groupfd, char *path, size_t size)
{
    struct cgroup_hierarchy memory;
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", groupfd);
    ssize_t n = layout_find("memory", &memory) < 0 ? -1 : readlink(link, path, size - 1);
    path[n > 0 ? n : 0] = '\0';
    size_t mount = n > 0 ? strlen(memory.mount) : 0;
    if (n <= 0 || strncmp(path, memory.mount, mount) != 0 || path[mount] != '/')
        return false;
    memmove(path, path + mount + 1, (size_t)n - mount);
    return *path != '\0';
}

bool oom_of_group(int groupfd, struct scratch_container_oom *oom)
{
    char group[PATH_MAX];
    *oom = (struct scratch_container_oom){0};
    if (!find(groupfd, oom))
        return false;
    if (find_path(groupfd, group, sizeof group))
        read_log(group, oom);
    return true;
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
