/* SPDX-License-Identifier: MIT */
#include "cgroup/compile.h"
#include "cgroup/above.h"
#include "cgroup/layout.h"
#include "cgroup/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A directory of the group: in v1 one for each hierarchy, in v2 one. */
struct directory {
    struct cgroup_hierarchy hierarchy;
    char parent[PATH_MAX]; /* the mount, and below it the group that the spec names */
    int slot;
    int tasks; /* v1: the slot of the file to join it through; -1 */
};

struct group {
    struct builder *b;
    const struct scratch_cgroup_options *options;
    struct directory *directory;
    int count;
    int failed; /* why there is no directory: -errno, with the builder's error filled */
};

static int missing(struct builder *b, const char *controller)
{
    return error_because(b->err, ENOENT, "set a limit", controller,
                         "this controller is in no hierarchy of this machine",
                         "see /proc/cgroups, cgroup.controllers, and the kernel's command line");
}

/* Where its group is to be made must be the caller's to write; a limit is never left out. */
static int check_parent(struct builder *b, const char *controller, const char *parent)
{
    if (faccessat(AT_FDCWD, parent, W_OK | X_OK, AT_EACCESS) == 0)
        return 0;
    int errnum = errno;
    if (errnum == ENOENT)
        return error_because(b->err, ENOENT, "make a control group", parent,
                             "the group above it does not exist", "make it first");
    char cause[128];
    snprintf(cause, sizeof cause, "the hierarchy of the %s controller is not this user's to write",
             controller);
    return error_because(b->err, errnum, "make a control group", parent, cause,
                         "run as root, or in a group that was delegated to you, and name it as "
                         "the parent");
}

static void put_make(struct builder *b, const struct directory *d)
{
    uint32_t parent = builder_text(b, d->parent);
    struct step *step = builder_add(b, STEP_CGROUP_MAKE, STEP_HOST);
    step->text[0] = parent;
    step->text[1] = SLOT_TEXT(SLOT_ID);
    step->fd[0] = (int16_t)d->slot;
    step->fd[1] = (int16_t)d->tasks;
    b->host_only |= UINT64_C(1) << d->slot;
}

/* v1 is joined by writing to a file of its own directory, v2 by the clone. */
static struct directory *add_directory(struct group *g, const char *controller,
                                       const struct cgroup_hierarchy *hierarchy)
{
    struct directory *d = &g->directory[g->count];
    const char *below = g->options->parent;
    d->hierarchy = *hierarchy;
    snprintf(d->parent, sizeof d->parent, "%s%s%s", hierarchy->mount, below ? "/" : "",
             below ? below : "");
    g->failed = check_parent(g->b, controller, d->parent);
    if (g->failed == 0)
        g->failed = d->slot = builder_fd(g->b, -1);
    d->tasks = -1;
    if (g->failed >= 0 && hierarchy->version == 1)
        g->failed = d->tasks = builder_fd(g->b, -1);
    if (g->failed < 0)
        return NULL;
    put_make(g->b, d);
    g->count++;
    return d;
}

/* The directory for a controller, which is added the first time. NULL: g->failed says why. */
static struct directory *find_directory(struct group *g, const char *controller)
{
    struct cgroup_hierarchy hierarchy;
    if (layout_find(controller, &hierarchy) < 0) {
        g->failed = missing(g->b, controller);
        return NULL;
    }
    for (int i = 0; i < g->count; i++)
        if (strcmp(g->directory[i].hierarchy.mount, hierarchy.mount) == 0)
            return &g->directory[i];
    return add_directory(g, controller, &hierarchy);
}

/* On v2 a group has the files of a controller only when the group above hands it down. */
static void put_enable(struct builder *b, const struct directory *d, const char *controller)
{
    char text[64];
    if (layout_enabled(d->parent, controller))
        return;
    snprintf(text, sizeof text, "+%s", controller);
    uint32_t parent = builder_text(b, d->parent), value = builder_text(b, text);
    struct step *step = builder_add(b, STEP_CGROUP_ENABLE, STEP_HOST);
    step->text[0] = parent;
    step->text[1] = value;
}

void cgroup_put_set(struct builder *b, int slot, const char *file, const char *value)
{
    uint32_t file_text = builder_text(b, file), value_text = builder_text(b, value);
    struct step *step = builder_add(b, STEP_CGROUP_SET, STEP_HOST);
    step->text[0] = file_text;
    step->text[1] = value_text;
    step->fd[0] = (int16_t)slot;
}

static int put_setting(struct group *g, const struct cgroup_setting *s)
{
    const struct directory *d = find_directory(g, s->controller);
    if (!d)
        return g->failed;
    const char *file = d->hierarchy.version == 2 ? s->v2_file : s->v1_file;
    if (!file)
        return 0;
    if (d->hierarchy.version == 2)
        put_enable(g->b, d, s->controller);
    cgroup_put_set(g->b, d->slot, file, s->value);
    return above_check(g->b, &d->hierarchy, d->parent, g->options, s);
}

/*
 * In v1 a new cpuset is empty, and nothing can join it until both its files are filled: what the
 * spec leaves open is taken from the group above. (v2 inherits.)
 */
static int fill_cpuset(struct group *g, const char *file)
{
    char path[PATH_MAX + 32], value[256] = "";
    const struct directory *d = find_directory(g, "cpuset");
    if (!d || d->hierarchy.version == 2)
        return d ? 0 : g->failed;
    snprintf(path, sizeof path, "%s/%s", d->parent, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, value, sizeof value - 1);
    if (fd >= 0)
        close(fd);
    value[n > 0 ? n : 0] = '\0';
    value[strcspn(value, "\n")] = '\0';
    if (!*value)
        return error_because(g->b->err, EINVAL, "set a limit", path, "the group above has none",
                             "fill it first");
    cgroup_put_set(g->b, d->slot, file, value);
    return 0;
}

static int put_cpuset(struct group *g)
{
    int rc = 0;
    if (!g->options->cpuset_cpus && !g->options->cpuset_mems)
        return 0;
    if (!g->options->cpuset_cpus)
        rc = fill_cpuset(g, "cpuset.cpus");
    if (rc == 0 && !g->options->cpuset_mems)
        rc = fill_cpuset(g, "cpuset.mems");
    return rc;
}

/* Without a limit, those that a limit may be set in later; never a cpuset, which would bind. */
static int put_all(struct group *g)
{
    static const char *const controllers[] = {"memory", "pids", "cpu"};
    for (size_t i = 0; i < sizeof controllers / sizeof *controllers; i++) {
        const struct directory *d = find_directory(g, controllers[i]);
        if (!d)
            return g->failed;
        if (d->hierarchy.version == 2)
            put_enable(g->b, d, controllers[i]);
    }
    return 0;
}

/*
 * Without a limit one directory is enough: pids is what every kernel has. Below a parent that was
 * named, it is one for each controller, so that the parent's limits hold.
 */
static int put_unlimited(struct group *g)
{
    static const char *const controllers[] = {"pids", "memory", "cpu"};
    size_t count = g->options->parent ? sizeof controllers / sizeof *controllers : 1;
    for (size_t i = 0; i < count; i++)
        if (!find_directory(g, controllers[i]))
            return g->failed;
    return 0;
}

static int put_group(struct group *g)
{
    struct cgroup_setting settings[CGROUP_SETTINGS_MAX];
    int count = limits_settings(g->options, settings, g->b->err);
    int rc = count < 0 ? count : 0;
    for (int i = 0; i < count && rc == 0; i++)
        rc = put_setting(g, &settings[i]);
    if (rc == 0)
        rc = put_cpuset(g);
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
        g->b->unshared_later = g->b->namespaces & CLONE_NEWCGROUP;
}

static int compile(struct builder *b, const struct scratch_cgroup_options *options, bool all,
                   struct cgroup_join *join)
{
    struct group g = {.b = b, .options = options};
    if (options->parent && !layout_is_below_root(options->parent))
        return error_set(b->err, EINVAL, "control group above", options->parent,
                         "give its path below the root of the hierarchies, without . or ..");
    join->clone_into = -1;
    join->slot_count = 0;
    g.directory = calloc(CGROUP_DIRECTORIES_MAX, sizeof *g.directory);
    if (!g.directory)
        return error_set(b->err, ENOMEM, "make a control group", NULL, NULL);
    int rc = put_group(&g);
    if (rc == 0 && all && g.count == 0)
        rc = put_all(&g);
    if (rc == 0)
        put_join(&g, join);
    free(g.directory);
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
    for (int i = 0; i < join->slot_count; i++)
        cgroup_put_join(b, STEP_CONTAINER, join->slot[i]);
    if (b->unshared_later)
        builder_add(b, STEP_UNSHARE, STEP_CONTAINER)->num[0] = b->unshared_later;
    return 0;
}
