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

const char *const layout_controllers[LAYOUT_CONTROLLERS] = {"memory", "pids", "cpu", "cpuset"};

static bool is_mounted(const char *path, unsigned long magic)
{
    struct statfs fs;
    return statfs(path, &fs) == 0 && (unsigned long)fs.f_type == magic;
}

enum scratch_cgroup_layout layout_kind(void)
{
    if (is_mounted(ROOT, CGROUP2_SUPER_MAGIC))
        return SCRATCH_CGROUP_V2;
    bool v1 = false;
    for (int i = 0; i < LAYOUT_CONTROLLERS && !v1; i++) {
        char path[64];
        snprintf(path, sizeof path, ROOT "/%s", layout_controllers[i]);
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

static int found(struct cgroup_hierarchy *hierarchy, int version, const char *mount)
{
    hierarchy->version = version;
    snprintf(hierarchy->mount, sizeof hierarchy->mount, "%s", mount);
    return 0;
}

int layout_find(const char *controller, struct cgroup_hierarchy *hierarchy)
{
    char path[64];
    snprintf(path, sizeof path, ROOT "/%s", controller);
    if (is_mounted(path, CGROUP_SUPER_MAGIC))
        return found(hierarchy, 1, path);
    if (is_mounted(ROOT, CGROUP2_SUPER_MAGIC))
        return file_has_word(ROOT, "cgroup.controllers", controller) ? found(hierarchy, 2, ROOT)
                                                                     : -ENOENT;
    return libcgroup_find(controller, hierarchy);
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
