/* SPDX-License-Identifier: MIT */
#include "mount/compile.h"
#include "base/open.h"
#include "mount/copy.h"
#include "mount/direct.h"
#include "mount/idmap.h"
#include "mount/ready.h"
#include "mount/options.h"

#include <errno.h>
#include <limits.h>
#include <linux/mount.h>
#include <scratch/namespace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- what is given -------------------------------------------------------------------------- */

static bool is_type(const char *type)
{
    return type && *type && strcmp(type, "none") != 0;
}

static int check_target(struct builder *b, const char *target)
{
    if (!target || *target != '/')
        return error_set(b->err, EINVAL, "mount target", target,
                         "give an absolute path inside the root");
    if (target[strspn(target, "/")] == '\0')
        return error_because(b->err, EINVAL, "mount target", target,
                             "the root itself is not mounted over",
                             "give the root file system what shall be in \"/\"");
    return 0;
}

/* In the words of OCI a bind's type says nothing, and its source may be made by a hook yet. */
static int check_bind(struct builder *b, const struct scratch_mount *m,
                      const struct mount_options *o, bool oci)
{
    struct stat st;
    if (!oci && is_type(m->type) && strcmp(m->type, "bind") != 0)
        return error_because(b->err, EINVAL, "file system type", m->type,
                             "a bind shows what is there, and has no type",
                             "use \"none\", or leave out bind and rbind");
    if (o->data || o->copy_up)
        return error_because(b->err, EINVAL, "mount options", o->data ? o->data : "tmpcopyup",
                             "a bind has no options of a file system",
                             "leave them out: they are those of the mount that is bound");
    if (!m->source || !*m->source)
        return error_set(b->err, EINVAL, "source of a bind", m->source,
                         "give the directory or file to bind");
    if (!oci && !o->best_effort && stat(m->source, &st) < 0)
        return error_call(b->err, errno, "stat(2)", "source of a bind", m->source,
                          errno == ENOENT ? "make it first, or add the option nofail" : NULL);
    return 0;
}

static int check_type(struct builder *b, const struct scratch_mount *m,
                      const struct mount_options *o)
{
    if (!is_type(m->type))
        return error_set(b->err, EINVAL, "file system type", m->target,
                         "give a type, or bind or rbind among the options");
    if (o->idmap != IDMAP_UNSAID)
        return error_because(b->err, EINVAL, "mount options", "idmap",
                             "what is mounted inside has the container's ids already",
                             "leave it out, or bind what is mounted outside");
    if (o->own || o->label)
        return error_because(b->err, EINVAL, "mount options", m->target,
                             "U, z and Z are for what is bound", "leave them out");
    if (o->context && !mount_has_selinux()) /* the kernel would name no reason */
        return error_because(b->err, EINVAL, "mount options", o->data,
                             "SELinux, which labels are for, is not on in this kernel",
                             "leave out context, fscontext, defcontext and rootcontext");
    if (o->copy_up && strcmp(m->type, "tmpfs") != 0)
        return error_because(b->err, EINVAL, "mount options", m->target, "tmpcopyup is for a tmpfs",
                             "leave it out");
    return 0;
}

/* ---- steps ---------------------------------------------------------------------------------- */

void mount_put_propagation(struct builder *b, const char *target, uint64_t flags, uint8_t effort)
{
    uint32_t text = builder_text(b, target);
    struct step *step = builder_add(b, STEP_PROPAGATION, STEP_CONTAINER);
    step->text[0] = text;
    step->num[0] = flags;
    step->flags = effort;
}

/* True for a bind of "/" with all that is mounted below it. */
static bool takes_all(const struct scratch_mount *m, const struct mount_options *o)
{
    char *path = o->bind && o->recursive ? realpath(m->source, NULL) : NULL;
    bool all = path && strcmp(path, "/") == 0;
    free(path);
    return all;
}

/* As with other runtimes, a bundle's words for a bind are all that it shall have. */
static uint64_t bind_flags(const struct builder *b, const struct mount_list *list,
                           const struct scratch_mount *m, const struct mount_options *o)
{
    uint64_t flags = o->recursive ? BIND_TREE : 0;
    if (list->oci)
        flags |= BIND_OCI | (o->named ? BIND_ANEW : 0);
    return mount_is_opened(b, list, m, o) ? flags | BIND_UNLOCKED : flags;
}

/*
 * The root of a user namespace may not set a map on what is the host's file system: it takes hold
 * of the source, which is there by then, and the caller does it.
 */
static int put_mapped_by_caller(struct builder *b, uint32_t source, uint32_t inside,
                                const struct mount_options *o)
{
    int slot = mount_take_id_namespace(b);
    uint8_t flags = o->best_effort ? STEP_BEST_EFFORT : 0;
    struct step *step = builder_add(b, STEP_TREE, STEP_CONTAINER);
    step->text[0] = source;
    step->text[1] = inside;
    step->num[0] = !o->recursive;
    step->fd[0] = (int16_t)slot;
    step->flags = flags;
    builder_add(b, STEP_MEET, STEP_CONTAINER);
    step = builder_add(b, STEP_ID_SOURCE, STEP_HOST);
    step->text[0] = source;
    step->num[0] = o->recursive && o->idmap_tree;
    step->fd[0] = (int16_t)slot;
    step->flags = flags;
    return slot;
}

static void put_bind(struct builder *b, const struct mount_list *list,
                     const struct scratch_mount *m, const struct mount_options *o)
{
    uint32_t source = builder_text(b, m->source), target = builder_text(b, m->target);
    uint32_t inside = list->oci ? builder_text(b, mount_below_root(list, m)) : 0;
    bool by_caller = b->user_namespace && mount_is_mapped_inside(b, list, m, o);
    int mapped = by_caller ? put_mapped_by_caller(b, source, inside, o) : -1;
    struct step *step = builder_add(b, STEP_BIND, STEP_CONTAINER);
    step->text[0] = source;
    step->text[1] = target;
    step->text[2] = inside;
    step->num[0] = o->set;
    step->num[1] = list->make || o->make ? ROOT_MAKE_DIRECTORY : ROOT_MAKE_NOTHING;
    step->num[2] = bind_flags(b, list, m, o);
    step->num[3] = o->clear;
    step->num[4] = o->top_set;
    step->num[5] = o->top_clear;
    step->flags = o->best_effort ? STEP_BEST_EFFORT : 0;
    if (mapped >= 0)
        step->fd[1] = (int16_t)mapped;
    else if (mount_is_mapped_inside(b, list, m, o))
        step->num[6] = (uint64_t)(mount_take_id_namespace(b) + 1) |
                       (o->recursive && o->idmap_tree ? BIND_MAPS_ALL : 0);
    else if (mount_is_idmapped(b, o))
        step->fd[0] = (int16_t)mount_take_idmapped(b);
    else if (mount_is_opened(b, list, m, o))
        step->fd[1] = (int16_t)mount_take_opened(b);
    else if (b->tree >= 0 && takes_all(m, o)) /* as mount_compile_trees() did */
        step->fd[1] = (int16_t)b->tree++;
}

static bool has_word(const struct mount_options *o, const char *word)
{
    for (const char *at = o->data; at && (at = strstr(at, word)); at++)
        if (at == o->data || at[-1] == ',')
            return true;
    return false;
}

/*
 * The tmpfs looks as the directory does that it covers, unless it is said how it shall look. Where
 * nothing is copied up that is its mode alone, as with other OCI runtimes.
 */
static uint64_t copy_flags(const struct mount_options *o)
{
    bool mode = has_word(o, "mode=");
    if (!o->copy_up)
        return o->keep_mode && !mode ? MOUNT_COPY_MODE : 0;
    return mode || has_word(o, "uid=") || has_word(o, "gid=") ? MOUNT_COPY_UP
                                                              : MOUNT_COPY_UP | MOUNT_COPY_TOP;
}

/* "copy-symlink": of a source that is a link, the container gets the link. */
static bool put_link(struct builder *b, const struct scratch_mount *m,
                     const struct mount_options *o)
{
    char text[PATH_MAX];
    ssize_t n = o->copy_link ? readlink(m->source, text, sizeof text - 1) : -1;
    if (n < 0)
        return false;
    text[n] = '\0';
    uint32_t link = builder_text(b, text), target = builder_text(b, m->target);
    struct step *step = builder_add(b, STEP_LINK, STEP_CONTAINER);
    step->text[0] = link;
    step->text[1] = target;
    step->num[0] = 1;
    return true;
}

/* As mount(8): "ro" is said of the mount and of the file system, which may be on a read-only
 * device.
 */
static uint32_t put_data(struct builder *b, const struct mount_options *o, const char *type)
{
    char *text = NULL;
    bool read_only = (o->set | o->top_set) & MOUNT_ATTR_RDONLY && !o->filled_first;
    bool shared = strncmp(type, "cgroup", 6) == 0; /* the file system is the whole machine's */
    if (!read_only || shared || copy_flags(o) /* it is yet to be written to */)
        return builder_text(b, o->data);
    if (asprintf(&text, "ro%s%s", o->data ? "," : "", o->data ? o->data : "") < 0) {
        b->block.failed = -ENOMEM;
        return 0;
    }
    uint32_t offset = builder_text(b, text);
    free(text);
    return offset;
}

static void put_mount(struct builder *b, const struct scratch_mount *m,
                      const struct mount_options *o, bool make)
{
    uint32_t source = builder_text(b, m->source && *m->source ? m->source : m->type);
    uint32_t target = builder_text(b, m->target), type = builder_text(b, m->type);
    uint32_t data = put_data(b, o, m->type);
    struct step *step = builder_add(b, STEP_MOUNT, STEP_CONTAINER);
    step->text[0] = source;
    step->text[1] = target;
    step->text[2] = type;
    step->text[3] = data;
    step->num[0] = o->set | o->top_set;
    if (o->filled_first)
        step->num[0] &= ~(uint64_t)MOUNT_ATTR_RDONLY;
    step->num[1] = make || o->make ? ROOT_MAKE_DIRECTORY : ROOT_MAKE_NOTHING;
    step->num[2] = copy_flags(o);
    step->num[4] = o->filled_first;
    step->num[5] = mount_no_link(m->type);
    step->num[6] = true;
    step->flags = o->best_effort ? STEP_BEST_EFFORT : 0;
}

void mount_compile_filled(struct builder *b)
{
    for (uint32_t i = 0, count = b->step_count; i < count; i++) {
        if (b->steps[i].kind != STEP_MOUNT || !b->steps[i].num[4])
            continue;
        uint32_t target = b->steps[i].text[1];
        struct step *step = builder_add(b, STEP_REMOUNT, STEP_CONTAINER);
        step->text[0] = target;
        step->num[0] = MOUNT_ATTR_RDONLY;
    }
}

static void put_remount(struct builder *b, const struct scratch_mount *m,
                        const struct mount_options *o)
{
    uint32_t target = builder_text(b, m->target);
    struct step *step = builder_add(b, STEP_REMOUNT, STEP_CONTAINER);
    step->text[0] = target;
    step->num[0] = o->top_set;
    step->num[1] = o->top_clear;
}

static int check(struct builder *b, const struct scratch_mount *m, const struct mount_options *o,
                 bool oci)
{
    int rc = check_target(b, m->target);
    if (rc == 0 && o->remount)
        return 0;
    if (rc == 0)
        rc = o->bind ? check_bind(b, m, o, oci) : check_type(b, m, o);
    return rc;
}

/* A new one is for who owns the network namespace: in another's, all of the host's is there. */
static bool is_hosts_sysfs(const struct builder *b, const struct scratch_mount *m)
{
    return strcmp(m->type, "sysfs") == 0 && b->user_namespace &&
           !((b->namespaces | b->joined) & SCRATCH_NS_NET);
}

static void put_hosts_sysfs(struct builder *b, const struct scratch_mount *m,
                            const struct mount_options *o, bool make)
{
    uint32_t source = builder_text(b, "/sys"), target = builder_text(b, m->target);
    struct step *step = builder_add(b, STEP_BIND, STEP_CONTAINER);
    step->text[0] = source;
    step->text[1] = target;
    step->num[0] = o->set | o->top_set;
    step->num[1] = make || o->make ? ROOT_MAKE_DIRECTORY : ROOT_MAKE_NOTHING;
    step->num[2] = BIND_TREE;
    step->flags = o->best_effort ? STEP_BEST_EFFORT : 0;
}

static void put_one(struct builder *b, const struct mount_list *list, const struct scratch_mount *m,
                    const struct mount_options *o)
{
    if (o->bind ? *m->source != '/' : !o->remount && !mount_is_of_nothing(m->type))
        b->relative = true;
    if (o->remount)
        put_remount(b, m, o);
    else if (o->bind && put_link(b, m, o))
        return;
    else if (o->bind)
        put_bind(b, list, m, o);
    else if (is_hosts_sysfs(b, m))
        put_hosts_sysfs(b, m, o, list->make);
    else
        put_mount(b, m, o, list->make);
    if (o->propagation)
        mount_put_propagation(b, m->target, o->propagation, o->best_effort ? STEP_BEST_EFFORT : 0);
}

int mount_compile_one(struct builder *b, const struct scratch_mount *mount)
{
    static const struct mount_list alone = {0};
    struct mount_options options;
    int rc = mount_options_read(mount->options, &options, b->err);
    if (rc == 0)
        rc = check(b, mount, &options, false);
    if (rc == 0 && mount_is_idmapped(b, &options))
        rc = mount_check_idmap(b, mount->source, false);
    if (rc == 0 && (options.own || options.label))
        rc = error_because(b->err, EINVAL, "mount options", mount->target,
                           "U, z and Z are for a container's mounts",
                           "leave them out, and use chown(1) or chcon(1)");
    if (rc == 0)
        put_one(b, &alone, mount, &options);
    mount_options_free(&options);
    return rc;
}

/* ---- all of a spec -------------------------------------------------------------------------- */

/*
 * The host's tree is made private at first. A bind that shall follow the host's mounts needs it to
 * be a slave instead; then all that is not asked to follow has to be made private by name.
 */
static void follow_host(struct builder *b, const struct mount_list *list)
{
    struct step *host = NULL;
    bool new_root = false;
    for (uint32_t i = 0; i < b->step_count; i++) {
        struct step *step = &b->steps[i];
        if (step->kind == STEP_PROPAGATION && !host)
            host = step;
        new_root = new_root || step->kind == STEP_ROOT_BIND || step->kind == STEP_ROOT_OVERLAY ||
                   step->kind == STEP_ROOT_COMPOSE;
    }
    if (host && !list->tied)
        host->num[0] = MOUNT_SLAVE | MOUNT_REC;
    if (new_root && !list->tied)
        mount_put_propagation(b, "/", MOUNT_PRIVATE | MOUNT_REC, 0);
}

static int read_one(struct builder *b, const struct mount_list *list, const struct scratch_mount *m,
                    struct mount_options *options)
{
    if (!list->oci)
        return mount_options_read(m->options, options, b->err);
    int rc = mount_options_read_oci(m->options, options, b->err);
    options->keep_mode = m->type && strcmp(m->type, "tmpfs") == 0;
    if (m->type && strcmp(m->type, "bind") == 0)
        options->bind = true;
    if (options->bind)
        mount_options_bind_oci(options);
    return rc;
}

/* Read the options of all; *follow: one of them shall follow the host's mounts. */
static int read_all(struct builder *b, const struct mount_list *list, struct mount_options *options,
                    bool *follow)
{
    int rc = 0;
    *follow = false;
    for (size_t i = 0; i < list->count && rc == 0; i++) {
        rc = read_one(b, list, &list->mount[i], &options[i]);
        if (rc == 0)
            rc = check(b, &list->mount[i], &options[i], list->oci);
        *follow = *follow || (options[i].bind && options[i].propagation & MOUNT_SLAVE);
    }
    return rc;
}

/* What is to be mounted in a tmpfs, or put into it as into a /dev, finds no place in it before. */
static bool waits_for_others(const struct scratch_mount *m, const struct mount_options *o)
{
    return !o->bind && !o->remount && (o->set | o->top_set) & MOUNT_ATTR_RDONLY &&
           strcmp(m->type, "tmpfs") == 0;
}

static int put_mounts(struct builder *b, const struct mount_list *list,
                      struct mount_options *options)
{
    bool follow;
    int rc = read_all(b, list, options, &follow);
    if (rc == 0 && follow)
        follow_host(b, list);
    for (size_t i = 0; i < list->count && rc == 0; i++) {
        options[i].filled_first = list->oci && waits_for_others(&list->mount[i], &options[i]);
        if ((follow || list->tied) && options[i].bind && !options[i].propagation)
            options[i].propagation = MOUNT_PRIVATE | MOUNT_REC;
        rc = mount_put_sources(b, list, &list->mount[i], &options[i], STEP_CONTAINER);
        if (rc == 0)
            put_one(b, list, &list->mount[i], &options[i]);
    }
    return rc;
}

static int put_host(struct builder *b, const struct mount_list *list, struct mount_options *options)
{
    bool follow;
    int rc = read_all(b, list, options, &follow);
    for (size_t i = 0; i < list->count && rc == 0; i++) {
        rc = mount_put_sources(b, list, &list->mount[i], &options[i], STEP_HOST);
        if (rc == 0)
            rc = mount_put_ready(b, list, &list->mount[i], &options[i]);
    }
    return rc;
}

static int put_trees(struct builder *b, const struct mount_list *list,
                     struct mount_options *options)
{
    bool follow;
    int rc = read_all(b, list, options, &follow);
    for (size_t i = 0; i < list->count && rc == 0; i++) {
        if (mount_is_idmapped(b, &options[i]) ||
            mount_is_opened(b, list, &list->mount[i], &options[i]) ||
            !takes_all(&list->mount[i], &options[i]))
            continue;
        int slot = builder_fd(b, -1);
        if (slot < 0)
            return slot;
        b->tree = b->tree < 0 ? slot : b->tree;
        uint32_t source = builder_text(b, list->mount[i].source);
        struct step *step = builder_add(b, STEP_TREE, STEP_CONTAINER);
        step->text[0] = source;
        step->fd[0] = (int16_t)slot;
        step->flags = options[i].best_effort ? STEP_BEST_EFFORT : 0;
    }
    return rc;
}

typedef int put_all(struct builder *b, const struct mount_list *list,
                    struct mount_options *options);

static int with_options(struct builder *b, const struct mount_list *list, put_all *put)
{
    if (list->count == 0)
        return 0;
    struct mount_options *options = calloc(list->count, sizeof *options);
    if (!options)
        return error_set(b->err, ENOMEM, "mounts", NULL, NULL);
    int rc = put(b, list, options);
    for (size_t i = 0; i < list->count; i++)
        mount_options_free(&options[i]);
    free(options);
    return rc;
}

static int check_namespace(struct builder *b, const struct mount_list *list)
{
    if (list->count == 0 || (b->namespaces | b->joined) & SCRATCH_NS_MNT)
        return 0;
    return error_set(b->err, EINVAL, "mounts", list->mount[0].target,
                     "they need a new mount namespace: add SCRATCH_NS_MNT to create");
}

int mount_compile_sources(struct builder *b, const struct mount_list *list)
{
    int rc = check_namespace(b, list);
    return rc < 0 ? rc : with_options(b, list, put_host);
}

int mount_compile_trees(struct builder *b, const struct mount_list *list)
{
    return with_options(b, list, put_trees);
}

int mount_compile(struct builder *b, const struct mount_list *list)
{
    return with_options(b, list, put_mounts);
}
