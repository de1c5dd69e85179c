/* SPDX-License-Identifier: MIT */
/*
 * A minimal container with a control group of its own, and a look at the group from the host.
 */
#ifndef TEST_CGROUP_GROUP_H
#define TEST_CGROUP_GROUP_H

#include "cgroup/layout.h"
#include "plan/minimal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEEDS_ROOT()                                                                               \
    do {                                                                                           \
        if (geteuid() != 0)                                                                        \
            TEST_SKIP("making control groups needs root");                                         \
    } while (0)

struct limited {
    struct minimal minimal;
    struct scratch_cgroup_options cgroup;
    struct scratch_start_options start;
    char id[64];
};

/* No two programs that run at once have the same id. */
static inline void limited_begin(struct limited *l, const char *script)
{
    minimal_shell(&l->minimal, script);
    l->minimal.namespaces.create |= SCRATCH_NS_CGROUP;
    l->cgroup = (struct scratch_cgroup_options)SCRATCH_CGROUP_OPTIONS_INIT;
    l->minimal.spec.cgroup = &l->cgroup;
    l->start = (struct scratch_start_options)SCRATCH_START_OPTIONS_INIT;
    snprintf(l->id, sizeof l->id, "test-%d", (int)getpid());
    l->start.id = l->id;
}

static inline scratch_container *limited_start(struct limited *l)
{
    struct scratch_error err;
    scratch_container *c = NULL;
    scratch_plan *plan = minimal_compile(&l->minimal);
    TEST_OK(scratch_plan_start(plan, &l->start, &c, &err), &err);
    scratch_plan_free(plan);
    return c;
}

/* The path of something in a group; false where the machine has no such controller. */
static inline bool group_path(char path[PATH_MAX], const char *controller, const char *group,
                              const char *file)
{
    struct cgroup_hierarchy hierarchy;
    if (layout_find(controller, &hierarchy) < 0)
        return false;
    snprintf(path, PATH_MAX, "%s/%s/%s", hierarchy.mount, group, file);
    return true;
}

/* Those that the tests set limits of. */
#define LIMITED_CONTROLLERS 4
static const char *const limited_controllers[LIMITED_CONTROLLERS] = {"memory", "pids", "cpu",
                                                                     "cpuset"};

/* In how many controllers' hierarchies a group is. */
static inline int group_count(const char *group)
{
    char path[PATH_MAX];
    int count = 0;
    for (int i = 0; i < LIMITED_CONTROLLERS; i++)
        count += group_path(path, limited_controllers[i], group, "") && access(path, F_OK) == 0;
    return count;
}

static inline int limited_count(const struct limited *l)
{
    char group[128];
    snprintf(group, sizeof group, "libscratch-%s", l->id);
    return group_count(group);
}

/* The first line of a file of a container's group; "" where there is none. */
static inline const char *limited_read(const struct limited *l, const char *controller,
                                       const char *file)
{
    static char line[256];
    char path[PATH_MAX], group[128];
    line[0] = '\0';
    snprintf(group, sizeof group, "libscratch-%s", l->id);
    FILE *in = group_path(path, controller, group, file) ? fopen(path, "re") : NULL;
    if (!in || !fgets(line, sizeof line, in))
        line[0] = '\0';
    if (in)
        fclose(in);
    line[strcspn(line, "\n")] = '\0';
    return line;
}

static inline int controller_version(const char *controller)
{
    struct cgroup_hierarchy hierarchy;
    return layout_find(controller, &hierarchy) < 0 ? 0 : hierarchy.version;
}

static inline int write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
    int rc = n < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return rc;
}

#endif
