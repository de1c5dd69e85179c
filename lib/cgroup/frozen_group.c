/* SPDX-License-Identifier: MIT */
#include "cgroup/frozen.h"
#include "base/file.h"
#include "cgroup/layout.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* "6:cpu,freezer:/group" is about the hierarchy of a controller? */
static const char *group_in(const char *line, const char *controller)
{
    const char *list = strchr(line, ':'), *end = list ? strchr(list + 1, ':') : NULL;
    size_t length = strlen(controller);
    for (const char *at = list; at && end && at < end; at = strpbrk(at + 1, ",:"))
        if (strncmp(at + 1, controller, length) == 0 && strchr(",:", at[1 + length]))
            return end + 1;
    return NULL;
}

static bool find_directory(pid_t pid, const char *mount, char *directory, size_t size)
{
    char path[32], line[PATH_MAX + 64];
    const char *group = NULL;
    snprintf(path, sizeof path, "/proc/%d/cgroup", (int)pid);
    FILE *in = fopen(path, "re");
    line[0] = '\0';
    while (in && !group && fgets(line, sizeof line, in))
        group = group_in(line, "freezer");
    if (in)
        fclose(in);
    line[strcspn(line, "\n")] = '\0';
    return group && snprintf(directory, size, "%s%s", mount, group) < (int)size;
}

static bool find_freezer(struct cgroup_hierarchy *freezer)
{
    return layout_find("freezer", freezer) == 0 && freezer->version == 1;
}

bool frozen_group_of(pid_t pid, char *directory, size_t size)
{
    struct cgroup_hierarchy freezer;
    if (!find_freezer(&freezer) || !find_directory(pid, freezer.mount, directory, size))
        return false;
    int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool frozen = fd >= 0 && frozen_is(fd);
    if (fd >= 0)
        close(fd);
    return frozen;
}

bool frozen_group_leave(pid_t pid)
{
    struct cgroup_hierarchy freezer;
    char text[16];
    snprintf(text, sizeof text, "%d", (int)pid);
    int top = find_freezer(&freezer) ? open(freezer.mount, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    bool left = top >= 0 && file_write(top, "cgroup.procs", text) == 0;
    if (top >= 0)
        close(top);
    return left;
}
