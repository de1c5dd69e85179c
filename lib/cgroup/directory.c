/* SPDX-License-Identifier: MIT */
#include "cgroup/directory.h"

#include <errno.h>
#include <linux/capability.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the place ------------------------------------------------------------------------------- */

int directory_place(struct group *g)
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

static int missing(struct builder *b, const char *controller)
{
    return error_because(b->err, ENOENT, "set a limit", controller,
                         "this controller is in no hierarchy of this machine",
                         "see /proc/cgroups, cgroup.controllers, and the kernel's command line");
}

/* How much of a directory's path is there; whether groups can be made in it: 0 or an errno. */
static int find_existing(struct directory *d)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", d->parent);
    while (strlen(path) > strlen(d->hierarchy.mount) && access(path, F_OK) < 0)
        *strrchr(path, '/') = '\0';
    d->existing = strlen(path);
    return faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

/* Where its group is to be made must be the caller's to write; a limit is never left out. */
static int check_parent(struct group *g, const char *controller, struct directory *d)
{
    char cause[128];
    d->existing = strlen(d->parent);
    if (!*g->above && builder_has(g->b, CAP_DAC_OVERRIDE) && !g->b->nested)
        return 0;
    if (faccessat(AT_FDCWD, d->parent, W_OK | X_OK, AT_EACCESS) == 0)
        return 0;
    int errnum = errno;
    if (errnum == ENOENT && g->options->path)
        errnum = find_existing(d);
    if (errnum == 0)
        return 0;
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
    step->num[2] = d->hierarchy.version == 2 || strstr(d->hierarchy.mount, "freezer");
}

int cgroup_path_of(const struct step_walk *w, const struct step *make, char *path, size_t size)
{
    const char *parent = step_text(w, make->text[0]) + make->num[1];
    parent += *parent == '/';
    return snprintf(path, size, "%s%s%s", parent, *parent ? "/" : "", step_text(w, make->text[1]));
}

static int name_parent(struct group *g, struct directory *d)
{
    int n = asprintf(&d->parent, "%s%s%s", d->hierarchy.mount, *g->above ? "/" : "", g->above);
    if (n >= 0 && n < PATH_MAX)
        return 0;
    int errnum = n < 0 ? ENOMEM : ENAMETOOLONG;
    if (n < 0)
        d->parent = NULL;
    error_set(g->b->err, errnum, "make a control group", g->above, NULL);
    return -errnum;
}

/* v1 is joined by writing to a file of its own directory, v2 by the clone. */
static struct directory *add_directory(struct group *g, const char *controller,
                                       const struct cgroup_hierarchy *hierarchy)
{
    struct directory *d = &g->directory[g->count];
    d->hierarchy = *hierarchy;
    g->failed = name_parent(g, d);
    if (g->failed == 0)
        g->failed = check_parent(g, controller, d);
    d->tasks = -1;
    if (g->failed == 0 && hierarchy->version == 1)
        g->failed = d->tasks = builder_fd(g->b, -1); /* it is carried, and so comes first */
    if (g->failed >= 0)
        g->failed = d->slot = builder_fd(g->b, -1);
    if (g->failed < 0) {
        free(d->parent);
        return NULL;
    }
    put_make(g, d);
    g->count++;
    return d;
}

void directory_free(struct group *g)
{
    for (int i = 0; i < g->count; i++)
        free(g->directory[i].parent);
}

struct directory *directory_in(struct group *g, const char *controller,
                               const struct cgroup_hierarchy *hierarchy)
{
    for (int i = 0; i < g->count; i++)
        if (strcmp(g->directory[i].hierarchy.mount, hierarchy->mount) == 0)
            return &g->directory[i];
    return add_directory(g, controller, hierarchy);
}

struct directory *directory_find(struct group *g, const char *controller)
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

int directory_enable(struct group *g, const struct directory *d, const char *controller)
{
    if (d->hierarchy.version != 2 || !layout_is_switched(controller))
        return 0;
    return cgroup_put_enable(g->b, d->hierarchy.mount, d->parent, controller);
}
