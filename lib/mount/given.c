/* SPDX-License-Identifier: MIT */
/*
 * Device nodes of the host's that a container is given.
 */
#include "base/open.h"
#include "mount/compile.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* How its nodes come to be. */
struct giving {
    struct builder *b;
    bool standard; /* /dev is the container's own */
    bool make;     /* what is missing in the root may be made */
    size_t count;  /* of a directory: how many there were */
};

static int check_place(struct builder *b, const char *target)
{
    if (*target == '/' && target[strlen(target) - 1] != '/')
        return 0;
    return error_set(b->err, EINVAL, "place of a device", target,
                     "give an absolute path inside the root, such as /dev/fuse");
}

static void put_device(struct giving *g, const char *source, const char *target)
{
    struct builder *b = g->b;
    bool own = g->standard && strncmp(target, "/dev/", 5) == 0;
    uint32_t source_text = builder_text(b, source), target_text = builder_text(b, target);
    struct step *step = builder_add(b, STEP_DEVICE, STEP_CONTAINER);
    step->text[0] = source_text;
    step->text[1] = target_text;
    step->num[0] = b->user_namespace || b->nested || !(own || g->make);
    step->num[1] = own || g->make ? ROOT_MAKE_FILE : ROOT_MAKE_NOTHING;
    g->count++;
}

/* ---- all that are in a directory ------------------------------------------------------------- */

static int put_below(struct giving *g, const char *source, const char *target);

/* Links are left out: what they lead to is there by its own name, or elsewhere. */
static int put_entry(struct giving *g, const char *source, const char *target)
{
    struct stat st;
    if (lstat(source, &st) < 0) /* it has been unplugged meanwhile */
        return 0;
    if (S_ISDIR(st.st_mode))
        return put_below(g, source, target);
    if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
        put_device(g, source, target);
    return 0;
}

static int put_named(struct giving *g, const char *source, const char *target, const char *name)
{
    char *from = NULL, *to = NULL;
    int rc = -ENOMEM;
    if (asprintf(&from, "%s/%s", source, name) < 0)
        from = NULL;
    if (asprintf(&to, "%s/%s", target, name) < 0)
        to = NULL;
    if (from && to)
        rc = put_entry(g, from, to);
    else
        error_set(g->b->err, ENOMEM, "device", source, NULL);
    free(from);
    free(to);
    return rc;
}

static int put_below(struct giving *g, const char *source, const char *target)
{
    struct dirent **entries;
    int rc = 0, count = scandir(source, &entries, NULL, alphasort);
    if (count < 0)
        return error_call(g->b->err, errno, "scandir(3)", "directory of devices", source, NULL);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        if (rc == 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
            rc = put_named(g, source, target, name);
        free(entries[i]);
    }
    free(entries);
    return rc;
}

static int put_directory(struct giving *g, const char *source, const char *target)
{
    g->count = 0;
    int rc = put_below(g, source, target);
    if (rc == 0 && g->count == 0)
        rc = error_because(g->b->err, ENODEV, "directory of devices", source,
                           "there is no device node in it",
                           "files and directories are bound with a mount");
    return rc;
}

/* ---- one, or a directory --------------------------------------------------------------------- */

/* A node that is given by its number. */
static int put_node(struct builder *b, const struct scratch_device *d)
{
    if (!d->target || *d->target != '/' || d->target[strlen(d->target) - 1] == '/')
        return error_set(b->err, EINVAL, "place of a device", d->target,
                         "give an absolute path inside the root, such as /dev/fuse");
    uint32_t target = builder_text(b, d->target);
    struct step *step = builder_add(b, STEP_NODE, STEP_CONTAINER);
    step->fd[0] = (int16_t)mount_take_made_node(b, d);
    step->text[0] = target;
    step->num[0] = d->mode;
    step->num[1] = (uint64_t)d->major << 32 | d->minor;
    step->num[2] = d->uid;
    step->num[3] = d->gid;
    step->num[4] = !S_ISFIFO(d->mode) && (b->user_namespace || b->nested);
    return 0;
}

static int put_given(struct giving *g, const struct scratch_device *d)
{
    struct builder *b = g->b;
    struct stat st;
    const char *target = d->target ? d->target : d->source;
    if (d->mode)
        return put_node(b, d);
    if (!d->source || !*d->source)
        return error_set(b->err, EINVAL, "device", d->source, "name a device node of the host");
    if (stat(d->source, &st) < 0)
        return error_call(b->err, errno, "stat(2)", "device", d->source,
                          errno == ENOENT ? "name a device node of the host" : NULL);
    int rc = check_place(b, target);
    if (rc < 0)
        return rc;
    b->relative = b->relative || *d->source != '/';
    if (S_ISDIR(st.st_mode))
        return put_directory(g, d->source, target);
    if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
        return error_because(b->err, ENODEV, "device", d->source, "it is no device node",
                             "files and directories are bound with a mount");
    put_device(g, d->source, target);
    return 0;
}

int mount_compile_devices(struct builder *b, const struct scratch_rootfs_options *o, bool make)
{
    struct giving giving = {b, o->standard_mounts, make, 0};
    int rc = 0;
    for (size_t i = 0; i < o->device_count && rc == 0; i++)
        rc = put_given(&giving, &o->devices[i]);
    return rc;
}
