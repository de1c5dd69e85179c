/* SPDX-License-Identifier: MIT */
#include "cgroup/layout.h"
#include "cgroup/libcgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#define ROOT "/sys/fs/cgroup"

const char *const layout_controllers[LAYOUT_CONTROLLERS] = {
    "memory",  "pids",    "cpu",  "cpuset", "cpuacct", "io",       "freezer",
    "devices", "hugetlb", "rdma", "misc",   "net_cls", "net_prio", "unified"};

static bool is_mounted(const char *path, unsigned long magic)
{
    struct statfs fs;
    return statfs(path, &fs) == 0 && (unsigned long)fs.f_type == magic;
}

const char *layout_name(const char *controller, int version)
{
    return version == 1 && strcmp(controller, "io") == 0 ? "blkio" : controller;
}

enum scratch_cgroup_layout layout_kind(void)
{
    if (is_mounted(ROOT, CGROUP2_SUPER_MAGIC))
        return SCRATCH_CGROUP_V2;
    bool v1 = false;
    for (int i = 0; i < LAYOUT_CONTROLLERS && !v1; i++) {
        char path[64];
        snprintf(path, sizeof path, ROOT "/%s", layout_name(layout_controllers[i], 1));
        v1 = is_mounted(path, CGROUP_SUPER_MAGIC);
    }
    if (!v1)
        return SCRATCH_CGROUP_NONE;
    return is_mounted(ROOT "/unified", CGROUP2_SUPER_MAGIC) ? SCRATCH_CGROUP_HYBRID
                                                            : SCRATCH_CGROUP_V1;
}

/* True when a word is in a file of words, such as cgroup.controllers. */
static bool file_has_word(const char *directory, const char *file, const char *word)
{
    char path[PATH_MAX], text[1024];
    snprintf(path, sizeof path, "%s/%s", directory, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return false;
    text[n] = '\0';
    char *rest = NULL;
    for (char *w = strtok_r(text, " \n", &rest); w; w = strtok_r(NULL, " \n", &rest))
        if (strcmp(w, word) == 0)
            return true;
    return false;
}

bool layout_enabled(const char *directory, const char *controller)
{
    return file_has_word(directory, "cgroup.subtree_control", controller);
}

bool layout_available(const char *directory, const char *controller)
{
    return file_has_word(directory, "cgroup.controllers", controller);
}

static int found(struct cgroup_hierarchy *hierarchy, int version, const char *mount)
{
    hierarchy->version = version;
    snprintf(hierarchy->mount, sizeof hierarchy->mount, "%s", mount);
    return 0;
}

bool layout_is_switched(const char *controller)
{
    static const char *const names[] = {"devices", "freezer", "cpuacct", "unified"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], controller) == 0)
            return false;
    return true;
}

static bool is_in_unified(const char *mount, const char *controller)
{
    return is_mounted(mount, CGROUP2_SUPER_MAGIC) &&
           (!layout_is_switched(controller) || layout_available(mount, controller));
}

/* Controllers that share a hierarchy have links to it: cpu → cpu,cpuacct. */
static void follow(char *path, size_t size)
{
    char target[32];
    ssize_t n = readlink(path, target, sizeof target);
    if (n > 0 && (size_t)n < sizeof target && !memchr(target, '/', (size_t)n))
        snprintf(path, size, ROOT "/%.*s", (int)n, target);
}

int layout_look(const char *controller, struct cgroup_hierarchy *hierarchy)
{
    char path[64];
    snprintf(path, sizeof path, ROOT "/%s", layout_name(controller, 1));
    if (is_mounted(path, CGROUP_SUPER_MAGIC)) {
        follow(path, sizeof path);
        return found(hierarchy, 1, path);
    }
    if (is_in_unified(ROOT, controller))
        return found(hierarchy, 2, ROOT);
    if (is_in_unified(ROOT "/unified", controller))
        return found(hierarchy, 2, ROOT "/unified");
    return -ENOENT;
}

int layout_find(const char *controller, struct cgroup_hierarchy *hierarchy)
{
    if (layout_look(controller, hierarchy) == 0)
        return 0;
    if (!layout_is_switched(controller) || is_mounted(ROOT, CGROUP2_SUPER_MAGIC))
        return -ENOENT;
    int rc = libcgroup_find(layout_name(controller, 1), hierarchy);
    return rc < 0 ? -ENOENT : 0;
}

int layout_all(struct cgroup_hierarchy hierarchy[], const char *controller[])
{
    int count = 0;
    for (int i = 0; i < LAYOUT_CONTROLLERS; i++) {
        bool seen = false;
        if (layout_look(layout_controllers[i], &hierarchy[count]) < 0)
            continue;
        for (int j = 0; j < count; j++)
            seen = seen || strcmp(hierarchy[j].mount, hierarchy[count].mount) == 0;
        controller[count] = layout_controllers[i];
        count += !seen;
    }
    return count;
}

int layout_group_of(pid_t pid, char *path, size_t size)
{
    char file[40] = "/proc/self/cgroup", line[PATH_MAX + 64];
    int rc = -ENOENT;
    if (pid)
        snprintf(file, sizeof file, "/proc/%d/cgroup", (int)pid);
    FILE *in = fopen(file, "re");
    while (in && rc == -ENOENT && fgets(line, sizeof line, in)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "0::/", 4) == 0)
            rc = snprintf(path, size, "%s", line + 4) < (int)size ? 0 : -ENAMETOOLONG;
    }
    if (in)
        fclose(in);
    return rc;
}

bool layout_is_below_root(const char *path)
{
    if (!path || !*path || *path == '/')
        return false;
    for (const char *part = path; part; part = strchr(part, '/')) {
        part += *part == '/';
        size_t length = strcspn(part, "/");
        if (length == 0 || strncmp(part, ".", length) == 0 || strncmp(part, "..", length) == 0)
            return false;
    }
    return true;
}
