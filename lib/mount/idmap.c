/* SPDX-License-Identifier: MIT */
#include "mount/idmap.h"
#include "base/privilege.h"
#include "base/text.h"
#include "mount/options.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the plan ------------------------------------------------------------------------------- */

int mount_check_idmap(struct builder *b, const char *source, bool own)
{
    static const char what[] = "idmapped mount";
    if (!own && !b->user_namespace)
        return error_because(b->err, EINVAL, what, source,
                             "without a new user namespace all ids are what they are",
                             "make one (--userns=auto), or leave out idmap");
    if (!privilege_has(CAP_SYS_ADMIN))
        return error_because(b->err, EPERM, what, source,
                             "it needs CAP_SYS_ADMIN where the file system is mounted",
                             "run as root, or leave out idmap");
    return 0;
}

int mount_put_id_namespace(struct builder *b, const uint32_t ids[2])
{
    int slot = builder_fd(b, -1);
    if (slot < 0)
        return slot;
    struct step *step = builder_add(b, STEP_ID_NAMESPACE, STEP_HOST);
    step->text[0] = ids[0];
    step->text[1] = ids[1];
    step->fd[0] = (int16_t)slot;
    return slot;
}

/* The namespace with the container's map is made once for all of a start's mounts. */
static int put_namespace(struct builder *b)
{
    if (b->id_namespace >= 0)
        return b->id_namespace;
    b->id_namespace = builder_fd(b, -1);
    if (b->id_namespace < 0)
        return b->id_namespace;
    struct step *step = builder_add(b, STEP_ID_NAMESPACE, STEP_HOST);
    step->text[0] = b->map_text[0];
    step->text[1] = b->map_text[1];
    step->num[1] = b->auto_range ? b->uids.map[0].count : 0;
    step->fd[0] = (int16_t)b->id_namespace;
    return b->id_namespace;
}

int mount_put_idmap(struct builder *b, const struct idmap *idmap)
{
    int namespace = idmap->none     ? -1
                    : idmap->ids[0] ? mount_put_id_namespace(b, idmap->ids)
                                    : put_namespace(b);
    int slot = namespace < 0 && !idmap->none ? namespace : builder_fd(b, -1);
    if (slot < 0)
        return slot;
    struct step *step = builder_add(b, idmap->none ? STEP_OPEN_SOURCE : STEP_ID_MOUNT, STEP_HOST);
    step->text[0] = idmap->source;
    step->text[1] = idmap->second;
    step->num[0] = idmap->change.set;
    step->num[1] = idmap->change.recursive;
    step->num[2] = idmap->change.clear;
    step->num[3] = idmap->propagation ? idmap->propagation : MOUNT_PRIVATE;
    step->num[3] |= idmap->all ? MOUNT_REC : 0;
    step->num[4] = idmap->change.top_set;
    step->num[5] = idmap->change.top_clear;
    step->num[6] = idmap->change.anew;
    step->fd[0] = (int16_t)slot;
    step->fd[1] = (int16_t) namespace;
    step->flags = idmap->flags;
    return slot;
}

/* ---- the step ------------------------------------------------------------------------------- */

static int set_map(int mount, int namespace, bool all)
{
    const struct mount_attr attributes = {
        .attr_set = MOUNT_ATTR_IDMAP,
        .userns_fd = (uint64_t) namespace,
    };
    return sys_mount_setattr(mount, "", AT_EMPTY_PATH | (all ? AT_RECURSIVE : 0), &attributes);
}

static int set_propagation(int mount, uint64_t propagation, bool recursive)
{
    const struct mount_attr attributes = {.propagation = propagation & ~MOUNT_REC};
    return sys_mount_setattr(mount, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0),
                             &attributes);
}

/* A copy of one mount alone, to see whether it takes a map. */
static bool takes_map(const char *path, int namespace)
{
    int mount = sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    int rc = mount < 0 ? 0 : set_map(mount, namespace, false);
    if (mount >= 0)
        sys_close(mount);
    return rc == 0;
}

/* "ID PARENT MAJOR:MINOR ROOT TARGET OPTIONS [TAG...] - TYPE SOURCE OPTIONS" */
static bool read_mount(const char *line, char *target, char *type)
{
    const char *dash = strstr(line, " - ");
    return sscanf(line, "%*d %*d %*s %*s %4095s", target) == 1 && dash &&
           sscanf(dash, " - %63s", type) == 1;
}

static bool is_below(const char *target, const char *path)
{
    size_t length = strcmp(path, "/") == 0 ? 0 : strlen(path);
    return strncmp(target, path, length) == 0 && target[length] == '/';
}

/* True where a path is on a mount. */
static bool is_on(const char *path, const char *target)
{
    return strcmp(target, "/") == 0 || strcmp(path, target) == 0 || is_below(path, target);
}

/* Say which file system takes no map: that of the path itself, or one that is mounted below it. */
static void say_which(struct step_walk *w, const char *given, int namespace, bool recursive)
{
    char path[PATH_MAX], target[PATH_MAX], type[64], own[64] = "", *line = NULL;
    bool itself = !takes_map(given, namespace);
    size_t size = 0, longest = 0; /* the mount that a path is on has the longest target */
    if (!w->said || !realpath(given, path))
        return;
    FILE *in = fopen("/proc/self/mountinfo", "re");
    w->said[0] = '\0';
    while (in && getline(&line, &size, in) > 0) {
        if (!read_mount(line, target, type))
            continue;
        if (itself && is_on(path, target) && strlen(target) >= longest) {
            snprintf(own, sizeof own, "%s", type);
            longest = strlen(target);
        }
        if (!itself && recursive && is_below(target, path) && !takes_map(target, namespace)) {
            error_print(w->said, STEP_SAID, "%s, on '%s',", type, target);
            break;
        }
    }
    if (itself && *own)
        error_print(w->said, STEP_SAID, "%s", own);
    free(line);
    if (in)
        fclose(in);
}

/* The directory that both paths are in, or the one path. */
static int find_source(const struct step_walk *w, const struct step *step, char *path, size_t size)
{
    const char *source = step_text(w, step->text[0]), *second = step_text(w, step->text[1]);
    if (!source)
        return -EINVAL;
    size_t length = second ? text_common_directory(source, second) : strlen(source);
    if (length >= size)
        return -ENAMETOOLONG;
    snprintf(path, size, "%.*s", length ? (int)length : 1, length ? source : ".");
    return 0;
}

/* The container has made it, and waits: its own files are seen at /proc/PID/fd. */
int mount_id_source_step(struct step_walk *w, const struct step *step)
{
    char path[64];
    int slot = step->fd[0];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", w->child, STEP_FD_FIRST + slot);
    int mount = open(path, O_PATH | O_CLOEXEC);
    if (mount < 0)
        return step_detail(w, DETAIL_SOURCE, -errno);
    int rc = set_map(mount, w->fd[slot], step->num[0]);
    close(mount);
    return step_detail(w, DETAIL_IDMAP, rc);
}

int mount_idmap_step(struct step_walk *w, const struct step *step)
{
    const struct mount_change change = {.set = step->num[0],
                                        .clear = step->num[2],
                                        .recursive = step->num[1],
                                        .top_set = step->num[4],
                                        .top_clear = step->num[5],
                                        .anew = step->num[6]};
    char path[PATH_MAX];
    int rc = find_source(w, step, path, sizeof path);
    int mount = rc < 0 ? rc : mount_copy(w, AT_FDCWD, path, change.recursive);
    if (mount < 0)
        return mount;
    int namespace = step->fd[1] < 0 ? -1 : w->fd[step->fd[1]];
    rc = step_detail(w, DETAIL_ATTRIBUTES, mount_attributes(mount, &change));
    if (rc == 0)
        rc = set_propagation(mount, step->num[3], change.recursive);
    if (rc == 0 && step->fd[1] >= 0) {
        bool all = step->num[3] & MOUNT_REC;
        rc = set_map(mount, namespace, all);
        step_detail(w, DETAIL_IDMAP, rc);
        if (rc == -EINVAL)
            say_which(w, path, namespace, all);
    }
    if (rc < 0) {
        sys_close(mount);
        return rc;
    }
    w->fd[step->fd[0]] = mount;
    return 0;
}
