/* SPDX-License-Identifier: MIT */
#include "cgroup/compile.h"
#include "cgroup/above.h"
#include "cgroup/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void cgroup_put_set(struct builder *b, int slot, const char *file, const char *value,
                    const struct cgroup_setting *other)
{
    uint32_t file_text = builder_text(b, file), value_text = builder_text(b, value);
    uint32_t other_file = other && other->other_file ? builder_text(b, other->other_file) : 0;
    uint32_t other_value = other_file ? builder_text(b, other->other_value) : 0;
    struct step *step = builder_add(b, STEP_CGROUP_SET, STEP_HOST);
    step->text[0] = file_text;
    step->text[1] = value_text;
    step->text[2] = other_file;
    step->text[3] = other_value;
    step->fd[0] = (int16_t)slot;
}

int cgroup_check_setting(struct builder *b, const struct cgroup_setting *s, int version)
{
    char subject[96];
    if (limits_file(s, version) || !s->only)
        return 0;
    const char *file = limits_file(s, 3 - version);
    snprintf(subject, sizeof subject, "%s", file ? file : "");
    return error_because(b->err, ENOTSUP, s->only, subject,
                         version == 1 ? "cgroup v1 has no such limit, and the controller is there"
                                      : "cgroup v2 has no such limit",
                         version == 1 ? "boot with systemd.unified_cgroup_hierarchy=1, or leave it "
                                        "out"
                                      : "leave it out");
}

/* True where v1 has all of a controller's files in its root too. */
static bool has_all_files(const char *controller)
{
    return strcmp(controller, "memory") == 0 || strcmp(controller, "cpu") == 0 ||
           strcmp(controller, "cpuset") == 0;
}

/* So what this kernel lacks is known before a start; of the others, and of v2, in it. */
static int check_file(struct group *g, const struct directory *d, const struct cgroup_setting *s,
                      const char *file)
{
    char path[PATH_MAX + 80], cause[128];
    snprintf(path, sizeof path, "%s/%s", d->hierarchy.mount, file);
    if (d->hierarchy.version != 1 || !has_all_files(s->controller) || access(path, F_OK) == 0)
        return 0;
    snprintf(path, sizeof path, "%s/%s", d->hierarchy.mount, s->other_file ? s->other_file : file);
    if (access(path, F_OK) == 0)
        return 0;
    snprintf(cause, sizeof cause, "this kernel's %s controller has no such file",
             layout_name(s->controller, 1));
    return error_because(g->b->err, ENOENT, "set a limit", file, cause, "leave that limit out");
}

static int put_setting(struct group *g, const struct cgroup_setting *s)
{
    const struct directory *d = directory_find(g, s->controller);
    if (!d)
        return g->failed;
    int rc = cgroup_check_setting(g->b, s, d->hierarchy.version);
    const char *file = limits_file(s, d->hierarchy.version);
    if (rc < 0 || !file)
        return rc;
    rc = check_file(g, d, s, file);
    if (rc == 0)
        rc = directory_enable(g, d, s->controller);
    if (rc < 0)
        return rc;
    cgroup_put_set(g->b, d->slot, file, s->value, s);
    return above_check(g->b, &d->hierarchy, d->parent, g->options, s);
}

/* ---- devices --------------------------------------------------------------------------------- */

static int put_rules(struct group *g)
{
    if (g->options->rule_count == 0)
        return 0;
    const struct directory *d = directory_find(g, "devices");
    return d ? cgroup_put_rules(g->b, d->hierarchy.version, d->slot, g->options) : g->failed;
}

/* ---- cpuset ---------------------------------------------------------------------------------- */

/*
 * A file of a group, or of the nearest above it that is there: others may remove one at any moment,
 * which is then made anew. The path becomes the file's; the value is "" where it is empty.
 */
static void read_nearest(char path[PATH_MAX + 32], size_t mount, const char *file, char value[256])
{
    ssize_t n = -1;
    for (size_t length = strlen(path); n < 0 && length >= mount;) {
        snprintf(path + length, PATH_MAX + 32 - length, "/%s", file);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        n = fd < 0 ? -1 : read(fd, value, 255);
        if (fd >= 0)
            close(fd);
        while (n < 0 && path[--length] != '/')
            continue;
    }
    value[n > 0 ? n : 0] = '\0';
    value[strcspn(value, "\n")] = '\0';
}

/*
 * In v1 a new cpuset is empty, and nothing can join it until both its files are filled: what the
 * spec leaves open is taken from the group above. (v2 inherits.)
 */
static int fill_cpuset(struct group *g, const char *file)
{
    char path[PATH_MAX + 32], value[256];
    const struct directory *d = directory_find(g, "cpuset");
    if (!d || d->hierarchy.version == 2)
        return d ? 0 : g->failed;
    snprintf(path, sizeof path, "%.*s", (int)d->existing, d->parent);
    read_nearest(path, strlen(d->hierarchy.mount), file, value);
    if (!*value)
        return error_because(g->b->err, EINVAL, "set a limit", path, "the group above has none",
                             "fill it first");
    cgroup_put_set(g->b, d->slot, file, value, NULL);
    return 0;
}

static bool is_in(const struct group *g, const char *controller)
{
    struct cgroup_hierarchy hierarchy;
    bool there = false;
    if (layout_look(controller, &hierarchy) < 0 || hierarchy.version != 1)
        return false;
    for (int i = 0; i < g->count; i++)
        there = there || strcmp(g->directory[i].hierarchy.mount, hierarchy.mount) == 0;
    return there;
}

static int put_cpuset(struct group *g)
{
    int rc = 0;
    bool filled = g->options->everywhere && is_in(g, "cpuset");
    if (!g->options->cpuset_cpus && !g->options->cpuset_mems && !filled)
        return 0;
    if (!g->options->cpuset_cpus)
        rc = fill_cpuset(g, "cpuset.cpus");
    if (rc == 0 && !g->options->cpuset_mems)
        rc = fill_cpuset(g, "cpuset.mems");
    return rc;
}

/* ---- what is there for more than a limit ------------------------------------------------------
 */

/* Without a limit, those that a limit may be set in later; never a cpuset, which would bind. */
static int put_all(struct group *g)
{
    static const char *const controllers[] = {"memory", "pids", "cpu"};
    for (size_t i = 0; i < sizeof controllers / sizeof *controllers; i++) {
        const struct directory *d = directory_find(g, controllers[i]);
        int rc = d ? directory_enable(g, d, controllers[i]) : g->failed;
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Where the caller may not, or the machine cannot, there is simply less to be had. */
static void put_managed(struct group *g, const char *controller,
                        const struct cgroup_hierarchy *hierarchy)
{
    struct scratch_error *err = g->b->err;
    uint32_t steps = g->b->step_count;
    g->b->err = NULL;
    const struct directory *d = directory_in(g, controller, hierarchy);
    if (d)
        directory_enable(g, d, controller);
    for (; steps < g->b->step_count; steps++)
        if (g->b->steps[steps].kind == STEP_CGROUP_ENABLE)
            g->b->steps[steps].flags |= STEP_BEST_EFFORT;
    g->b->err = err;
    g->failed = 0;
}

/*
 * Freezing, killing, figures and events. The v2 hierarchy of a hybrid machine does most of it,
 * without any controllers; where there is none, v1 has two hierarchies for it.
 */
static void put_all_managed(struct group *g)
{
    static const char *const controllers[] = {"memory",  "pids",    "cpu",    "io",
                                              "unified", "freezer", "cpuacct"};
    struct cgroup_hierarchy hierarchy;
    bool unified = false;
    for (size_t i = 0; i < sizeof controllers / sizeof *controllers && !unified; i++) {
        if (layout_look(controllers[i], &hierarchy) < 0)
            continue;
        put_managed(g, controllers[i], &hierarchy);
        unified = strcmp(controllers[i], "unified") == 0;
    }
}

/* Nobody can join an empty cpuset. */
static bool can_be_filled(const struct group *g, const struct cgroup_hierarchy *hierarchy)
{
    char path[PATH_MAX + 32], value[256];
    if (snprintf(path, PATH_MAX, "%s/%s", hierarchy->mount, g->above) >= PATH_MAX)
        return false;
    read_nearest(path, strlen(hierarchy->mount), "cpuset.cpus", value);
    return *value;
}

/* The v2 hierarchy of a hybrid machine has no more than what v1 leaves over. */
static void put_everywhere(struct group *g)
{
    struct cgroup_hierarchy hierarchy;
    bool v2 = layout_kind() == SCRATCH_CGROUP_V2;
    for (int i = 0; i < LAYOUT_CONTROLLERS; i++) {
        const char *name = layout_controllers[i];
        if (layout_look(name, &hierarchy) < 0 || (hierarchy.version != 1 && !v2))
            continue;
        if (v2 || strcmp(name, "cpuset") != 0 || can_be_filled(g, &hierarchy))
            put_managed(g, name, &hierarchy);
    }
}

/*
 * Without a limit one directory is enough: pids is what every kernel has. Below a parent that was
 * named, it is one for each controller, so that the parent's limits hold.
 */
static int put_unlimited(struct group *g)
{
    static const char *const controllers[] = {"pids", "memory", "cpu"};
    size_t count = *g->above ? sizeof controllers / sizeof *controllers : 1;
    for (size_t i = 0; i < count; i++)
        if (!directory_find(g, controllers[i]))
            return g->failed;
    return 0;
}

static int put_group(struct group *g)
{
    struct cgroup_setting *settings;
    int count = limits_settings(g->options, &settings, g->b->err);
    int rc = count < 0 ? count : 0;
    for (int i = 0; i < count && rc == 0; i++)
        rc = put_setting(g, &settings[i]);
    free(settings);
    if (rc == 0 && g->options->everywhere)
        put_everywhere(g);
    if (rc == 0)
        rc = put_cpuset(g);
    if (rc == 0)
        rc = put_rules(g);
    if (rc == 0 && g->options->managed)
        put_all_managed(g);
    if (rc == 0 && g->count == 0 && g->options->always)
        rc = put_unlimited(g);
    return rc;
}

void cgroup_put_join(struct builder *b, enum step_side side, int slot)
{
    builder_add(b, STEP_CGROUP_JOIN, side)->fd[0] = (int16_t)slot;
}

static void put_join(const struct group *g, struct cgroup_join *join)
{
    for (int i = 0; i < g->count; i++) {
        const struct directory *d = &g->directory[i];
        if (d->hierarchy.version == 2)
            join->clone_into = d->slot;
        else
            join->slot[join->slot_count++] = d->tasks;
    }
    /* A cgroup namespace begins at its maker's group: on v1 that is joined after the clone. */
    if (join->slot_count > 0)
        g->b->unshared_later = g->b->namespaces & ~g->b->behind_join & CLONE_NEWCGROUP;
}

static int compile(struct builder *b, const struct scratch_cgroup_options *options, bool all,
                   struct cgroup_join *join)
{
    struct group g = {.b = b, .options = options};
    join->clone_into = -1;
    join->slot_count = 0;
    join->scope = NULL;
    if (options->driver == SCRATCH_CGROUP_SYSTEMD) {
        if (all)
            return error_set(b->err, ENOTSUP, "make a control group", NULL,
                             "a scope of systemd is made for a container's process alone");
        join->scope = options;
        b->unshared_later = b->namespaces & ~b->behind_join & CLONE_NEWCGROUP;
        return 0;
    }
    int rc = directory_place(&g);
    if (rc < 0)
        return rc;
    rc = put_group(&g);
    if (rc == 0 && all && g.count == 0) {
        rc = put_all(&g);
        if (rc == 0)
            put_all_managed(&g);
    }
    if (rc == 0)
        put_join(&g, join);
    directory_free(&g);
    return rc;
}

int cgroup_compile_make(struct builder *b, const struct scratch_cgroup_options *options,
                        struct cgroup_join *join)
{
    return compile(b, options, false, join);
}

int cgroup_compile_make_all(struct builder *b, const struct scratch_cgroup_options *options,
                            struct cgroup_join *join)
{
    return compile(b, options, true, join);
}

int cgroup_compile_join(struct builder *b, const struct cgroup_join *join)
{
    int rc = join->scope ? scope_compile(b, join->scope) : 0;
    if (rc < 0)
        return rc;
    for (int i = 0; i < join->slot_count; i++)
        cgroup_put_join(b, STEP_CONTAINER, join->slot[i]);
    if (b->unshared_later)
        builder_add(b, STEP_UNSHARE, STEP_CONTAINER)->num[0] = b->unshared_later;
    return 0;
}
