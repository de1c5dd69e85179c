/* SPDX-License-Identifier: MIT */
#include "cgroup/compile.h"
#include "cgroup/layout.h"
#include "cgroup/libcgroup.h"
#include "cgroup/limits.h"
#include "cgroup/tree.h"
#include "base/lazy.h"
#include "step/self.h"
#include "step/undo.h"
#include "step/words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INSTALL "install it: Debian's package is libcgroup2"

/* A directory of the group, and the controllers that share it. */
struct member {
    struct cgroup_hierarchy hierarchy;
    int fd;
};

struct scratch_cgroup {
    char *path;
    struct member member[LAYOUT_CONTROLLERS]; /* by controller; fd -1: not in its hierarchy */
};

/* ---- make and open -------------------------------------------------------------------------- */

static int take_options(struct scratch_cgroup_options *options,
                        const struct scratch_cgroup_options *given, struct scratch_error *err)
{
    *options = (struct scratch_cgroup_options)SCRATCH_CGROUP_OPTIONS_INIT;
    if (given && (given->size < sizeof given->size || given->size > sizeof *options))
        return error_set(err, EINVAL, "cgroup options", NULL,
                         "begin with SCRATCH_CGROUP_OPTIONS_INIT of these headers");
    if (given)
        memcpy(options, given, given->size);
    return 0;
}

static bool is_file_name(const char *name)
{
    return name && *name && name[0] != '.' && !strchr(name, '/') && strlen(name) <= NAME_MAX;
}

int scratch_cgroup_create(const char *name, const struct scratch_cgroup_options *given,
                          scratch_cgroup **group, struct scratch_error *err)
{
    struct scratch_cgroup_options options;
    struct cgroup_join join;
    struct builder b;
    char path[PATH_MAX];
    *group = NULL;
    int rc = take_options(&options, given, err);
    if (rc < 0)
        return rc;
    if (!is_file_name(name))
        return error_set(err, EINVAL, "make a control group", name,
                         "give a file name, and the group above as the parent");
    builder_begin(&b, err);
    rc = cgroup_compile_make_all(&b, &options, &join);
    builder_slot(&b, SLOT_ID, name);
    rc = step_run_self(&b, rc, NULL);
    if (rc < 0)
        return rc;
    snprintf(path, sizeof path, "%s%s%s", options.parent ? options.parent : "",
             options.parent ? "/" : "", name);
    return scratch_cgroup_open(path, group, err);
}

int scratch_cgroup_open(const char *path, scratch_cgroup **result, struct scratch_error *err)
{
    scratch_cgroup *group = calloc(1, sizeof *group);
    int found = 0;
    *result = NULL;
    if (group)
        group->path = strdup(path);
    if (!group || !group->path) {
        free(group);
        return error_set(err, ENOMEM, "open a control group", path, NULL);
    }
    for (int i = 0; i < LAYOUT_CONTROLLERS; i++) {
        struct member *m = &group->member[i];
        char full[PATH_MAX];
        m->fd = -1;
        if (layout_find(layout_controllers[i], &m->hierarchy) < 0)
            continue;
        snprintf(full, sizeof full, "%s/%s", m->hierarchy.mount, path);
        m->fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        found += m->fd >= 0;
    }
    if (!found) {
        scratch_cgroup_free(group);
        return error_set(err, ENOENT, "open a control group", path,
                         "give its path below the roots of the hierarchies");
    }
    *result = group;
    return 0;
}

void scratch_cgroup_free(scratch_cgroup *group)
{
    if (!group)
        return;
    for (int i = 0; i < LAYOUT_CONTROLLERS; i++)
        if (group->member[i].fd >= 0)
            close(group->member[i].fd);
    free(group->path);
    free(group);
}

const char *scratch_cgroup_path(const scratch_cgroup *group)
{
    return group->path;
}

/* ---- use ------------------------------------------------------------------------------------ */

static const struct member *member_of(const scratch_cgroup *group, const char *controller)
{
    for (int i = 0; i < LAYOUT_CONTROLLERS; i++)
        if (strcmp(layout_controllers[i], controller) == 0 && group->member[i].fd >= 0)
            return &group->member[i];
    return NULL;
}

/* True when an earlier controller has the same directory (v2; "cpu,cpuacct"). */
static bool is_repeated(const scratch_cgroup *group, int index)
{
    for (int i = 0; i < index; i++)
        if (group->member[i].fd >= 0 &&
            strcmp(group->member[i].hierarchy.mount, group->member[index].hierarchy.mount) == 0)
            return true;
    return false;
}

static int put_setting(struct builder *b, const scratch_cgroup *group,
                       const struct cgroup_setting *s)
{
    const struct member *m = member_of(group, s->controller);
    if (!m)
        return error_because(b->err, ENOENT, "set a limit", s->controller,
                             "the group is not in this controller's hierarchy",
                             "make the group with such a limit");
    const char *file = m->hierarchy.version == 2 ? s->v2_file : s->v1_file;
    if (!file)
        return 0;
    int slot = builder_fd(b, fcntl(m->fd, F_DUPFD_CLOEXEC, 3));
    if (slot < 0)
        return slot;
    cgroup_put_set(b, slot, file, s->value);
    return 0;
}

int scratch_cgroup_set(scratch_cgroup *group, const struct scratch_cgroup_options *given,
                       struct scratch_error *err)
{
    struct scratch_cgroup_options options;
    struct cgroup_setting settings[CGROUP_SETTINGS_MAX];
    struct builder b;
    int rc = take_options(&options, given, err);
    if (rc != 0)
        return rc;
    int count = limits_settings(&options, settings, err);
    if (count < 0)
        return count;
    builder_begin(&b, err);
    for (int i = 0; i < count && rc == 0; i++)
        rc = put_setting(&b, group, &settings[i]);
    if (rc < 0) {
        builder_free(&b);
        return rc;
    }
    return step_run_self(&b, 0, NULL);
}

/* "memory.max" is the memory controller's; "cgroup.procs" is in every directory. */
static const char *controller_of(const scratch_cgroup *group, const char *file)
{
    for (int i = 0; i < LAYOUT_CONTROLLERS; i++) {
        size_t n = strlen(layout_controllers[i]);
        if (strncmp(file, layout_controllers[i], n) == 0 && file[n] == '.')
            return layout_controllers[i];
    }
    for (int i = 0; i < LAYOUT_CONTROLLERS; i++)
        if (group->member[i].fd >= 0)
            return layout_controllers[i];
    return layout_controllers[0];
}

int scratch_cgroup_read(const scratch_cgroup *group, const char *file, char *value, size_t size,
                        struct scratch_error *err)
{
    if (strchr(file, '/') || size == 0)
        return error_set(err, EINVAL, "read a control group", file, "give a file's name");
    int rc = libcgroup_read(controller_of(group, file), group->path, file, value, size);
    if (rc == -ENOSYS)
        return lazy_missing(err, "read a control group", file, "libcgroup", INSTALL);
    return rc < 0 ? error_set(err, -rc, "read a control group", file, NULL) : rc;
}

static int by_number(const void *a, const void *b)
{
    const pid_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Append one directory's processes to a list that grows. */
static int gather(const char *controller, const char *path, pid_t **all, size_t *count)
{
    pid_t *some, *more;
    size_t n;
    int rc = libcgroup_processes(controller, path, &some, &n);
    if (rc < 0)
        return rc;
    more = realloc(*all, (*count + n + 1) * sizeof *more);
    if (more) {
        *all = more;
        if (n)
            memcpy(more + *count, some, n * sizeof *some);
        *count += n;
    }
    free(some);
    return more ? 0 : -ENOMEM;
}

int scratch_cgroup_processes(const scratch_cgroup *group, pid_t *pids, size_t *count,
                             struct scratch_error *err)
{
    pid_t *all = NULL;
    size_t n = 0, unique = 0;
    int rc = 0;
    for (int i = 0; i < LAYOUT_CONTROLLERS && rc == 0; i++)
        if (group->member[i].fd >= 0 && !is_repeated(group, i))
            rc = gather(layout_controllers[i], group->path, &all, &n);
    if (rc < 0) {
        free(all);
        return error_set(err, -rc, "list a control group's processes", group->path, NULL);
    }
    qsort(all, n, sizeof *all, by_number);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && all[i] == all[i - 1])
            continue;
        if (pids && unique < *count)
            pids[unique] = all[i];
        unique++;
    }
    free(all);
    *count = unique;
    return 0;
}

static int put_join(struct builder *b, const struct member *m)
{
    const char *file = m->hierarchy.version == 2 ? "cgroup.procs" : "tasks";
    int fd = openat(m->fd, file, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return error_call(b->err, errno, "open(2)", "join a control group", file, NULL);
    int slot = builder_fd(b, fd);
    if (slot >= 0)
        cgroup_put_join(b, STEP_HOST, slot);
    return slot < 0 ? slot : 0;
}

int scratch_cgroup_join_self(const scratch_cgroup *group, struct scratch_error *err)
{
    struct builder b;
    int rc = 0;
    builder_begin(&b, err);
    for (int i = 0; i < LAYOUT_CONTROLLERS && rc == 0; i++)
        if (group->member[i].fd >= 0 && !is_repeated(group, i))
            rc = put_join(&b, &group->member[i]);
    return step_run_self(&b, rc, NULL);
}

/* ---- by path -------------------------------------------------------------------------------- */

int scratch_cgroup_delete(const char *path, struct scratch_error *err)
{
    scratch_cgroup *group;
    if (!layout_is_below_root(path))
        return error_set(err, EINVAL, "remove a control group", path,
                         "give its path below the roots of the hierarchies, without . or ..");
    int rc = scratch_cgroup_open(path, &group, err);
    if (!group)
        return rc;
    for (int i = 0; i < LAYOUT_CONTROLLERS && rc == 0; i++)
        if (group->member[i].fd >= 0 && tree_has_processes(group->member[i].fd))
            rc = -EBUSY;
    for (int i = 0; i < LAYOUT_CONTROLLERS && rc == 0; i++)
        if (group->member[i].fd >= 0 && !is_repeated(group, i))
            rc = libcgroup_delete(layout_controllers[i], path);
    scratch_cgroup_free(group);
    if (rc < 0)
        return error_set(err, -rc, "remove a control group", path,
                         rc == -EBUSY ? "there are processes in it: end them, or move them" : NULL);
    return 0;
}

int scratch_cgroup_discover(enum scratch_cgroup_layout *layout,
                            struct scratch_cgroup_controller *controllers, size_t *count,
                            struct scratch_error *err)
{
    if (layout)
        *layout = layout_kind();
    if (!count)
        return 0;
    int rc = libcgroup_list(controllers, count);
    if (rc == -ENOSYS)
        return lazy_missing(err, "find the control groups' controllers", NULL, "libcgroup",
                            INSTALL);
    return rc < 0 ? error_set(err, -rc, "find the control groups' controllers", NULL, NULL) : 0;
}
