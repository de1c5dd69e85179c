/* SPDX-License-Identifier: MIT */
#include "cgroup/handle.h"
#include "cgroup/compile.h"
#include "cgroup/frozen.h"
#include "cgroup/libcgroup.h"
#include "cgroup/limits.h"
#include "base/lazy.h"
#include "step/self.h"
#include "step/undo.h"
#include "step/words.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INSTALL "install it: Debian's package is libcgroup2"

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

/* Open it in each hierarchy that has it. Returns in how many. */
static int open_members(scratch_cgroup *group)
{
    const char *controller[LAYOUT_CONTROLLERS + 1];
    struct cgroup_hierarchy hierarchy[LAYOUT_CONTROLLERS + 1];
    int count = layout_all(hierarchy, controller);
    for (int i = 0; i < count; i++) {
        struct cgroup_member *m = &group->member[group->count];
        char full[PATH_MAX];
        snprintf(full, sizeof full, "%s/%s", hierarchy[i].mount, group->path);
        m->hierarchy = hierarchy[i];
        m->controller = controller[i];
        m->fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        group->count += m->fd >= 0;
    }
    return group->count;
}

int scratch_cgroup_open(const char *path, scratch_cgroup **result, struct scratch_error *err)
{
    scratch_cgroup *group = calloc(1, sizeof *group);
    *result = NULL;
    if (group)
        group->path = strdup(path);
    if (!group || !group->path) {
        free(group);
        return error_set(err, ENOMEM, "open a control group", path, NULL);
    }
    if (open_members(group) == 0) {
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
    for (int i = 0; i < group->count; i++)
        close(group->member[i].fd);
    free(group->path);
    free(group);
}

const char *scratch_cgroup_path(const scratch_cgroup *group)
{
    return group->path;
}

/* ---- use ------------------------------------------------------------------------------------ */

const struct cgroup_member *member_of(const scratch_cgroup *group, const char *controller)
{
    struct cgroup_hierarchy hierarchy;
    if (layout_find(controller, &hierarchy) < 0)
        return NULL;
    for (int i = 0; i < group->count; i++)
        if (strcmp(group->member[i].hierarchy.mount, hierarchy.mount) == 0)
            return &group->member[i];
    return NULL;
}

/* What is to be changed, and the slot that a member's directory has got. */
struct change {
    struct builder *b;
    const scratch_cgroup *group;
    const struct scratch_cgroup_options *options;
    int slot[LAYOUT_CONTROLLERS]; /* by member; 0: none yet, else one more than its number */
};

static int slot_of(struct change *c, const struct cgroup_member *m)
{
    int *slot = &c->slot[m - c->group->member];
    if (*slot == 0) {
        int fd = builder_fd(c->b, fcntl(m->fd, F_DUPFD_CLOEXEC, 3));
        if (fd < 0)
            return fd;
        *slot = fd + 1;
    }
    return *slot - 1;
}

static const struct cgroup_member *find_member(struct change *c, const char *controller)
{
    const struct cgroup_member *m = member_of(c->group, controller);
    if (!m)
        error_because(c->b->err, ENOENT, "set a limit", controller,
                      "the group is not in this controller's hierarchy",
                      "make the group with such a limit");
    return m;
}

/* On v2 it may have been made before anyone wanted this controller. */
static int enable(struct change *c, const struct cgroup_member *m, const char *controller)
{
    char parent[PATH_MAX];
    if (m->hierarchy.version != 2 || faccessat(m->fd, "cgroup.freeze", F_OK, 0) < 0)
        return 0;
    snprintf(parent, sizeof parent, "%s/%s", m->hierarchy.mount, c->group->path);
    if (layout_available(parent, controller))
        return 0;
    *strrchr(parent, '/') = '\0';
    return cgroup_put_enable(c->b, m->hierarchy.mount, parent, controller);
}

static int put_setting(struct change *c, const struct cgroup_setting *s)
{
    const struct cgroup_member *m = find_member(c, s->controller);
    int rc = m ? cgroup_check_setting(c->b, s, m->hierarchy.version) : -ENOENT;
    const char *file = rc < 0 ? NULL : limits_file(s, m->hierarchy.version);
    if (!file)
        return rc;
    rc = slot_of(c, m);
    if (rc >= 0 && layout_is_switched(s->controller))
        rc = enable(c, m, s->controller) < 0 ? -EACCES : rc;
    if (rc < 0)
        return rc;
    cgroup_put_set(c->b, rc, file, s->value, s);
    return 0;
}

static int put_rules(struct change *c)
{
    if (c->options->rule_count == 0)
        return 0;
    const struct cgroup_member *m = find_member(c, "devices");
    int slot = m ? slot_of(c, m) : -ENOENT;
    if (slot < 0)
        return slot;
    return cgroup_put_rules(c->b, m->hierarchy.version, slot, c->options);
}

static int read_line(int groupfd, const char *file, char *value, size_t size)
{
    int fd = openat(groupfd, file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n = read(fd, value, size - 1);
    int rc = n < 0 ? -errno : 0;
    close(fd);
    value[n > 0 ? n : 0] = '\0';
    value[strcspn(value, "\n")] = '\0';
    return rc < 0 ? rc : (int)strlen(value);
}

/* What is not given of quota and period stays as it is. */
static void keep_quota(const scratch_cgroup *group, struct scratch_cgroup_options *o)
{
    const struct cgroup_member *m = member_of(group, "cpu");
    char quota[32] = "", period[32] = "";
    if (!m || (o->cpu_quota != SCRATCH_LIMIT_NONE) == (o->cpu_period != 0))
        return;
    if (m->hierarchy.version == 2) {
        read_line(m->fd, "cpu.max", quota, sizeof quota);
        snprintf(period, sizeof period, "%s", quota + strcspn(quota, " "));
    } else {
        read_line(m->fd, "cpu.cfs_quota_us", quota, sizeof quota);
        read_line(m->fd, "cpu.cfs_period_us", period, sizeof period);
    }
    if (o->cpu_period == 0)
        o->cpu_period = strtoull(period, NULL, 10);
    else if (*quota >= '0' && *quota <= '9')
        o->cpu_quota = strtoull(quota, NULL, 10);
}

/* Memory without a limit has none together with swap, either, which v1 would not take. */
static void lift_swap(const scratch_cgroup *group, struct scratch_cgroup_options *o)
{
    const struct cgroup_member *m = member_of(group, "memory");
    if (!m || o->memory_max != SCRATCH_LIMIT_UNLIMITED || o->memory_swap != SCRATCH_LIMIT_NONE)
        return;
    const char *file =
        m->hierarchy.version == 1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max";
    if (faccessat(m->fd, file, F_OK, 0) == 0)
        o->memory_swap = SCRATCH_LIMIT_UNLIMITED;
}

static void swap(struct cgroup_setting *a, struct cgroup_setting *b)
{
    struct cgroup_setting first = *a;
    *a = *b;
    *b = first;
}

static struct cgroup_setting *setting_of(struct cgroup_setting *settings, int count,
                                         const char *v1_file)
{
    for (int i = 0; i < count; i++)
        if (strcmp(settings[i].v1_file, v1_file) == 0)
            return &settings[i];
    return NULL;
}

/* v1 has a limit above for the two between, too: a time that becomes less goes before its period.
 */
static void order_times(struct change *c, struct cgroup_setting *settings, int count,
                        const char *period_file, const char *time_file)
{
    char now[32] = "";
    const struct cgroup_member *m = member_of(c->group, "cpu");
    struct cgroup_setting *period = setting_of(settings, count, period_file),
                          *time = setting_of(settings, count, time_file);
    if (!m || m->hierarchy.version != 1 || !period || !time || *time->value == '-')
        return;
    read_line(m->fd, time_file, now, sizeof now);
    if (*now == '-' || strtoull(time->value, NULL, 10) < strtoull(now, NULL, 10))
        swap(period, time);
}

/* v1 wants the memory not above memory and swap at any time: raise the latter first. */
static void order_memory(struct change *c, struct cgroup_setting *settings, int count)
{
    char now[32] = "";
    const struct cgroup_member *m = member_of(c->group, "memory");
    struct cgroup_setting *memory = setting_of(settings, count, "memory.limit_in_bytes"),
                          *total = setting_of(settings, count, "memory.memsw.limit_in_bytes");
    if (!m || m->hierarchy.version != 1 || !memory || !total || total < memory)
        return;
    bool known = read_line(m->fd, "memory.memsw.limit_in_bytes", now, sizeof now) > 0;
    if (strcmp(memory->value, "-1") == 0 ||
        (known && strtoull(memory->value, NULL, 10) > strtoull(now, NULL, 10)))
        swap(memory, total);
}

static int put_settings(struct change *c)
{
    struct cgroup_setting *settings;
    int count = limits_settings(c->options, &settings, c->b->err);
    int rc = count < 0 ? count : 0;
    order_memory(c, settings, count);
    order_times(c, settings, count, "cpu.cfs_period_us", "cpu.cfs_quota_us");
    order_times(c, settings, count, "cpu.rt_period_us", "cpu.rt_runtime_us");
    for (int i = 0; i < count && rc == 0; i++)
        rc = put_setting(c, &settings[i]);
    free(settings);
    return rc < 0 ? rc : put_rules(c);
}

static uint64_t used(const struct cgroup_member *m, const char *file)
{
    char text[32] = "";
    read_line(m->fd, file, text, sizeof text);
    return strtoull(text, NULL, 10);
}

static int reject(const char *what, uint64_t limit, uint64_t used, struct scratch_error *err)
{
    char cause[128];
    snprintf(cause, sizeof cause, "rejecting %s limit %" PRIu64 ", of which %" PRIu64 " are used",
             what, limit, used);
    return error_because(err, EBUSY, "set a limit", "memory", cause,
                         "give more, or leave out the check");
}

/* v1 refuses it by itself; v2 reclaims what it can, and then kills. */
static int check_memory(const scratch_cgroup *group, const struct scratch_cgroup_options *o,
                        struct scratch_error *err)
{
    const struct cgroup_member *m = member_of(group, "memory");
    if (!o->memory_check || !m || m->hierarchy.version != 2)
        return 0;
    uint64_t memory = used(m, "memory.current"), swap = used(m, "memory.swap.current");
    bool limited = o->memory_max < SCRATCH_LIMIT_UNLIMITED;
    if (limited && o->memory_swap < SCRATCH_LIMIT_UNLIMITED &&
        o->memory_max + o->memory_swap < memory + swap)
        return reject("memory+swap", o->memory_max + o->memory_swap, memory + swap, err);
    return limited && o->memory_max < memory ? reject("memory", o->memory_max, memory, err) : 0;
}

int scratch_cgroup_set(scratch_cgroup *group, const struct scratch_cgroup_options *given,
                       struct scratch_error *err)
{
    struct scratch_cgroup_options options;
    struct builder b;
    int rc = take_options(&options, given, err);
    if (rc != 0)
        return rc;
    rc = check_memory(group, &options, err);
    if (rc < 0)
        return rc;
    keep_quota(group, &options);
    lift_swap(group, &options);
    builder_begin(&b, err);
    struct change change = {.b = &b, .group = group, .options = &options};
    return step_run_self(&b, put_settings(&change), NULL);
}

/* "memory.max" is the memory controller's; "cgroup.procs" is in every directory. */
static const char *controller_of(const scratch_cgroup *group, const char *file)
{
    for (int i = 0; i < LAYOUT_CONTROLLERS; i++) {
        const char *controller = layout_controllers[i];
        size_t n = strlen(layout_name(controller, 1)), v2 = strlen(controller);
        bool is_its = (strncmp(file, layout_name(controller, 1), n) == 0 && file[n] == '.') ||
                      (strncmp(file, controller, v2) == 0 && file[v2] == '.');
        const struct cgroup_member *m = is_its ? member_of(group, controller) : NULL;
        if (m)
            return m->controller;
    }
    return group->member[0].controller;
}

/* libcgroup knows a hierarchy by its controllers, of which v2's may have none. */
static int group_read(const scratch_cgroup *group, const char *controller, const char *file,
                      char *value, size_t size)
{
    const struct cgroup_member *m = member_of(group, controller);
    int rc = m->hierarchy.version == 1
                 ? libcgroup_read(layout_name(controller, 1), group->path, file, value, size)
                 : -ENOTSUP;
    return rc == -ENOTSUP ? read_line(m->fd, file, value, size) : rc;
}

int scratch_cgroup_read(const scratch_cgroup *group, const char *file, char *value, size_t size,
                        struct scratch_error *err)
{
    if (strchr(file, '/') || size == 0)
        return error_set(err, EINVAL, "read a control group", file, "give a file's name");
    int rc = group_read(group, controller_of(group, file), file, value, size);
    if (rc == -ENOSYS)
        return lazy_missing(err, "read a control group", file, "libcgroup", INSTALL);
    return rc < 0 ? error_set(err, -rc, "read a control group", file, NULL) : rc;
}

static int put_join(struct builder *b, const struct cgroup_member *m)
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
    for (int i = 0; i < group->count && rc == 0; i++)
        if (frozen_is(group->member[i].fd))
            rc = error_because(err, EBUSY, "join a control group", group->path,
                               "it, or a group above it, is frozen", "thaw it first");
    for (int i = 0; i < group->count && rc == 0; i++)
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
    rc = scratch_cgroup_remove(group, err);
    scratch_cgroup_free(group);
    return rc;
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
    if (rc == -ENOTSUP)
        return error_because(err, ENOTSUP, "find the control groups' controllers", NULL,
                             "one mount hides another one of control groups",
                             "unmount what was mounted first");
    return rc < 0 ? error_set(err, -rc, "find the control groups' controllers", NULL, NULL) : 0;
}
