/* SPDX-License-Identifier: MIT */
#include "cgroup/compile.h"
#include "cgroup/above.h"
#include "cgroup/devices.h"
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
    size_t existing;       /* how much of it is there */
    int slot;
    int tasks; /* v1: the slot of the file to join it through; -1 */
};

struct group {
    struct builder *b;
    const struct scratch_cgroup_options *options;
    char above[PATH_MAX]; /* the group that it is made in, below the root; "" */
    const char *name;     /* its own, or NULL: from the id */
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

/* How much of a directory's path is there. */
static size_t existing_part(const struct directory *d)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", d->parent);
    while (strlen(path) > strlen(d->hierarchy.mount) && access(path, F_OK) < 0)
        *strrchr(path, '/') = '\0';
    return strlen(path);
}

/* Where its group is to be made must be the caller's to write; a limit is never left out. */
static int check_parent(struct group *g, const char *controller, struct directory *d)
{
    char cause[128], existing[PATH_MAX];
    d->existing = strlen(d->parent);
    if (faccessat(AT_FDCWD, d->parent, W_OK | X_OK, AT_EACCESS) == 0)
        return 0;
    int errnum = errno;
    if (errnum == ENOENT && g->options->path) {
        d->existing = existing_part(d);
        snprintf(existing, sizeof existing, "%.*s", (int)d->existing, d->parent);
        if (faccessat(AT_FDCWD, existing, W_OK | X_OK, AT_EACCESS) == 0)
            return 0;
        errnum = errno;
    }
    if (errnum == ENOENT)
        return error_because(g->b->err, ENOENT, "make a control group", d->parent,
                             "the group above it does not exist", "make it first");
    snprintf(cause, sizeof cause, "the hierarchy of the %s controller is not this user's to write",
             controller);
    return error_because(g->b->err, errnum, "make a control group", d->parent, cause,
                         "run as root, or in a group that was delegated to you, and name it as "
                         "the parent");
}

/* The next part of a path behind so many bytes of it, up to its '/'; NULL: that was all. */
static const char *next_part(const char *path, size_t at)
{
    if (!path[at])
        return NULL;
    const char *slash = strchr(path + at + 1, '/');
    return slash ? slash : path + strlen(path);
}

static uint32_t part_text(struct builder *b, const char *path, size_t length)
{
    char part[PATH_MAX];
    snprintf(part, sizeof part, "%.*s", (int)length, path);
    return builder_text(b, part);
}

/* The groups above that are not there. A cpuset is empty at first: v1 can copy the one above. */
static void put_above(struct builder *b, const struct directory *d)
{
    size_t at = d->existing;
    for (const char *end; (end = next_part(d->parent, at)); at = (size_t)(end - d->parent)) {
        uint32_t parent = part_text(b, d->parent, at);
        uint32_t name = part_text(b, d->parent + at + 1, (size_t)(end - d->parent) - at - 1);
        struct step *step = builder_add(b, STEP_CGROUP_ABOVE, STEP_HOST);
        step->text[0] = parent;
        step->text[1] = name;
        step->num[0] = d->hierarchy.version == 1 && strstr(d->hierarchy.mount, "cpuset");
    }
}

static void put_make(struct group *g, const struct directory *d)
{
    put_above(g->b, d);
    uint32_t parent = builder_text(g->b, d->parent);
    uint32_t name = g->name ? builder_text(g->b, g->name) : SLOT_TEXT(SLOT_ID);
    struct step *step = builder_add(g->b, STEP_CGROUP_MAKE, STEP_HOST);
    step->text[0] = parent;
    step->text[1] = name;
    step->fd[0] = (int16_t)d->slot;
    step->fd[1] = (int16_t)d->tasks;
    g->b->host_only |= UINT64_C(1) << d->slot;
    step->num[0] = g->name != NULL;
    step->num[1] = strlen(d->hierarchy.mount);
}

int cgroup_path_of(const struct step_walk *w, const struct step *make, char *path, size_t size)
{
    const char *parent = step_text(w, make->text[0]) + make->num[1];
    parent += *parent == '/';
    return snprintf(path, size, "%s%s%s", parent, *parent ? "/" : "", step_text(w, make->text[1]));
}

/* v1 is joined by writing to a file of its own directory, v2 by the clone. */
static struct directory *add_directory(struct group *g, const char *controller,
                                       const struct cgroup_hierarchy *hierarchy)
{
    struct directory *d = &g->directory[g->count];
    d->hierarchy = *hierarchy;
    int n = snprintf(d->parent, sizeof d->parent, "%s%s%s", hierarchy->mount, *g->above ? "/" : "",
                     g->above);
    if (n >= (int)sizeof d->parent)
        g->failed = error_set(g->b->err, ENAMETOOLONG, "make a control group", g->above, NULL);
    else
        g->failed = check_parent(g, controller, d);
    if (g->failed == 0)
        g->failed = d->slot = builder_fd(g->b, -1);
    d->tasks = -1;
    if (g->failed >= 0 && hierarchy->version == 1)
        g->failed = d->tasks = builder_fd(g->b, -1);
    if (g->failed < 0)
        return NULL;
    put_make(g, d);
    g->count++;
    return d;
}

/* The directory in a hierarchy, which is added the first time. NULL: g->failed says why. */
static struct directory *directory_in(struct group *g, const char *controller,
                                      const struct cgroup_hierarchy *hierarchy)
{
    for (int i = 0; i < g->count; i++)
        if (strcmp(g->directory[i].hierarchy.mount, hierarchy->mount) == 0)
            return &g->directory[i];
    return add_directory(g, controller, hierarchy);
}

/* The directory for a controller. */
static struct directory *find_directory(struct group *g, const char *controller)
{
    struct cgroup_hierarchy hierarchy;
    if (layout_find(controller, &hierarchy) < 0) {
        g->failed = missing(g->b, controller);
        return NULL;
    }
    return directory_in(g, controller, &hierarchy);
}

static int not_delegated(struct builder *b, const char *controller, const char *directory)
{
    char cause[128];
    snprintf(cause, sizeof cause, "the %s controller is not delegated to this group", controller);
    return error_because(b->err, EACCES, "set a limit", directory, cause,
                         "have it added to cgroup.subtree_control of the groups above: "
                         "Delegate=yes in systemd's unit");
}

int cgroup_put_enable(struct builder *b, const char *mount, const char *parent,
                      const char *controller)
{
    char text[64];
    const char *end = parent + strlen(mount);
    snprintf(text, sizeof text, "+%s", controller);
    for (size_t at; end; end = next_part(parent, at)) {
        char part[PATH_MAX];
        at = (size_t)(end - parent);
        snprintf(part, sizeof part, "%.*s", (int)at, parent);
        bool there = access(part, F_OK) == 0;
        if (there && layout_enabled(part, controller))
            continue;
        if (there && faccessat(AT_FDCWD, part, W_OK, AT_EACCESS) < 0)
            return not_delegated(b, controller, part);
        uint32_t directory = builder_text(b, part), value = builder_text(b, text);
        struct step *step = builder_add(b, STEP_CGROUP_ENABLE, STEP_HOST);
        step->text[0] = directory;
        step->text[1] = value;
    }
    return 0;
}

/* On v2 a group has the files of a controller only when each group above hands it down. */
static int put_enable(struct group *g, const struct directory *d, const char *controller)
{
    if (!layout_is_switched(controller))
        return 0;
    return d->hierarchy.version == 2
               ? cgroup_put_enable(g->b, d->hierarchy.mount, d->parent, controller)
               : 0;
}

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
    snprintf(path, sizeof path, "%.*s/%s", (int)d->existing, d->parent, file);
    if (d->hierarchy.version != 1 || !has_all_files(s->controller) || access(path, F_OK) == 0)
        return 0;
    snprintf(path, sizeof path, "%.*s/%s", (int)d->existing, d->parent,
             s->other_file ? s->other_file : file);
    if (access(path, F_OK) == 0)
        return 0;
    snprintf(cause, sizeof cause, "this kernel's %s controller has no such file",
             layout_name(s->controller, 1));
    return error_because(g->b->err, ENOENT, "set a limit", file, cause, "leave that limit out");
}

static int put_setting(struct group *g, const struct cgroup_setting *s)
{
    const struct directory *d = find_directory(g, s->controller);
    if (!d)
        return g->failed;
    int rc = cgroup_check_setting(g->b, s, d->hierarchy.version);
    const char *file = limits_file(s, d->hierarchy.version);
    if (rc < 0 || !file)
        return rc;
    rc = check_file(g, d, s, file);
    if (rc == 0)
        rc = put_enable(g, d, s->controller);
    if (rc < 0)
        return rc;
    cgroup_put_set(g->b, d->slot, file, s->value, s);
    return above_check(g->b, &d->hierarchy, d->parent, g->options, s);
}

/* ---- devices --------------------------------------------------------------------------------- */

static int put_rules_v1(struct builder *b, int slot, const struct scratch_cgroup_options *o)
{
    char text[DEVICES_RULE];
    int rc = devices_check_v1(o, b->err);
    if (rc < 0)
        return rc;
    if (o->rules[0].type != 'a')
        cgroup_put_set(b, slot, "devices.deny", "a", NULL);
    for (size_t i = 0; i < o->rule_count; i++) {
        devices_write_rule(text, &o->rules[i]);
        cgroup_put_set(b, slot, o->rules[i].allow ? "devices.allow" : "devices.deny",
                       o->rules[i].type == 'a' ? "a" : text, NULL);
    }
    return 0;
}

/* "deny a *:* rwm; allow c 1:3 rwm" */
static uint32_t rules_text(struct builder *b, const struct scratch_cgroup_options *o)
{
    char rule[DEVICES_RULE];
    size_t room = o->rule_count * (DEVICES_RULE + 8) + 1, at = 0;
    char *text = calloc(1, room);
    for (size_t i = 0; text && i < o->rule_count; i++) {
        devices_write_rule(rule, &o->rules[i]);
        at += (size_t)snprintf(text + at, room - at, "%s%s %s", i ? "; " : "",
                               o->rules[i].allow ? "allow" : "deny", rule);
    }
    uint32_t offset = builder_text(b, text ? text : "");
    free(text);
    return offset;
}

static int put_rules_v2(struct builder *b, int slot, const struct scratch_cgroup_options *o)
{
    struct bpf_insn *program;
    int length = devices_program(o, &program);
    if (length < 0)
        return error_set(b->err, -length, "make the program for device rules", NULL, NULL);
    uint32_t rules = rules_text(b, o);
    uint32_t data = block_put(&b->block, program, (size_t)length * sizeof *program);
    free(program);
    struct step *step = builder_add(b, STEP_CGROUP_DEVICES, STEP_HOST);
    step->text[0] = rules;
    step->text[1] = data;
    step->num[0] = (uint64_t)length;
    step->fd[0] = (int16_t)slot;
    return 0;
}

int cgroup_put_rules(struct builder *b, int version, int slot,
                     const struct scratch_cgroup_options *o)
{
    return version == 1 ? put_rules_v1(b, slot, o) : put_rules_v2(b, slot, o);
}

static int put_rules(struct group *g)
{
    if (g->options->rule_count == 0)
        return 0;
    const struct directory *d = find_directory(g, "devices");
    return d ? cgroup_put_rules(g->b, d->hierarchy.version, d->slot, g->options) : g->failed;
}

/* ---- cpuset ---------------------------------------------------------------------------------- */

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
    snprintf(path, sizeof path, "%.*s/%s", (int)d->existing, d->parent, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, value, sizeof value - 1);
    if (fd >= 0)
        close(fd);
    value[n > 0 ? n : 0] = '\0';
    value[strcspn(value, "\n")] = '\0';
    if (!*value)
        return error_because(g->b->err, EINVAL, "set a limit", path, "the group above has none",
                             "fill it first");
    cgroup_put_set(g->b, d->slot, file, value, NULL);
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

/* ---- what is there for more than a limit ------------------------------------------------------
 */

/* Without a limit, those that a limit may be set in later; never a cpuset, which would bind. */
static int put_all(struct group *g)
{
    static const char *const controllers[] = {"memory", "pids", "cpu"};
    for (size_t i = 0; i < sizeof controllers / sizeof *controllers; i++) {
        const struct directory *d = find_directory(g, controllers[i]);
        int rc = d ? put_enable(g, d, controllers[i]) : g->failed;
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Where the caller may not, or the machine cannot, there is simply less to be had. */
static void put_managed(struct group *g, const char *controller)
{
    struct cgroup_hierarchy hierarchy;
    struct scratch_error *err = g->b->err;
    uint32_t steps = g->b->step_count;
    if (layout_look(controller, &hierarchy) < 0)
        return;
    g->b->err = NULL;
    const struct directory *d = directory_in(g, controller, &hierarchy);
    if (d)
        put_enable(g, d, controller);
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
    static const char *const controllers[] = {"memory", "pids", "cpu", "io", "unified"};
    struct cgroup_hierarchy hierarchy;
    for (size_t i = 0; i < sizeof controllers / sizeof *controllers; i++)
        put_managed(g, controllers[i]);
    if (layout_look("unified", &hierarchy) == 0)
        return;
    put_managed(g, "freezer");
    put_managed(g, "cpuacct");
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
        if (!find_directory(g, controllers[i]))
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
        g->b->unshared_later = g->b->namespaces & CLONE_NEWCGROUP;
}

/* Where it is made, and its name: what the path says, or the parent. */
static int place(struct group *g)
{
    const char *path = g->options->path, *above = g->options->parent;
    if (path)
        path += strspn(path, "/");
    const char *slash = path ? strrchr(path, '/') : NULL;
    if ((path && !layout_is_below_root(path)) || (above && !layout_is_below_root(above)))
        return error_set(g->b->err, EINVAL, path ? "control group" : "control group above",
                         path ? path : above,
                         "give its path below the root of the hierarchies, without . or ..");
    if (path && strlen(path) >= sizeof g->above)
        return error_set(g->b->err, ENAMETOOLONG, "control group", path, NULL);
    g->name = !path ? NULL : slash ? slash + 1 : path;
    if (path)
        snprintf(g->above, sizeof g->above, "%.*s", slash ? (int)(slash - path) : 0, path);
    else
        snprintf(g->above, sizeof g->above, "%s", above ? above : "");
    return 0;
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
        b->unshared_later = b->namespaces & CLONE_NEWCGROUP;
        return 0;
    }
    int rc = place(&g);
    if (rc < 0)
        return rc;
    g.directory = calloc(CGROUP_DIRECTORIES_MAX, sizeof *g.directory);
    if (!g.directory)
        return error_set(b->err, ENOMEM, "make a control group", NULL, NULL);
    rc = put_group(&g);
    if (rc == 0 && all && g.count == 0) {
        rc = put_all(&g);
        if (rc == 0)
            put_all_managed(&g);
    }
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
    int rc = join->scope ? scope_compile(b, join->scope) : 0;
    if (rc < 0)
        return rc;
    for (int i = 0; i < join->slot_count; i++)
        cgroup_put_join(b, STEP_CONTAINER, join->slot[i]);
    if (b->unshared_later)
        builder_add(b, STEP_UNSHARE, STEP_CONTAINER)->num[0] = b->unshared_later;
    return 0;
}
