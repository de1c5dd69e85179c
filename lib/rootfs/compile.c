/* SPDX-License-Identifier: MIT */
#include "rootfs/compile.h"
#include "rootfs/host.h"
#include "rootfs/overlay.h"

#include <errno.h>
#include <scratch/namespace.h>
#include <sys/stat.h>

static int check_directory(struct builder *b, const char *what, const char *path)
{
    struct stat st;
    if (!path || !*path)
        return error_set(b->err, EINVAL, what, NULL, "name a directory");
    if (stat(path, &st) < 0)
        return error_call(b->err, errno, "stat(2)", what, path,
                          errno == ENOENT ? "see that the directory exists" : NULL);
    if (!S_ISDIR(st.st_mode))
        return error_set(b->err, ENOTDIR, what, path, "unpack an archive into a directory first");
    return 0;
}

static int check_overlay(struct builder *b, const struct scratch_rootfs_options *o)
{
    if (o->lower_count == 0)
        return error_set(b->err, EINVAL, "overlay", NULL, "name at least one lower directory");
    if (o->lower_count > OVERLAY_LOWERS_MAX)
        return error_because(b->err, E2BIG, "overlay", NULL, "more than 500 lower directories",
                             "merge some of them");
    if (!o->upper != !o->work)
        return error_set(b->err, EINVAL, "overlay", o->upper ? o->upper : o->work,
                         "upper and work go together: both, or none for a throw-away layer");
    for (size_t i = 0; i < o->lower_count; i++) {
        int rc = check_directory(b, "lower directory", o->lowers[i]);
        if (rc < 0)
            return rc;
    }
    int rc = o->upper ? check_directory(b, "upper directory", o->upper) : 0;
    if (rc == 0 && o->work)
        rc = check_directory(b, "work directory", o->work);
    return rc;
}

bool rootfs_has_upper(const struct scratch_rootfs_options *o)
{
    return o->kind == SCRATCH_ROOTFS_HOST || o->kind == SCRATCH_ROOTFS_OVERLAY || o->throw_away;
}

int rootfs_compile_host(struct builder *b, const struct scratch_rootfs_options *o)
{
    if (o->kind != SCRATCH_ROOTFS_OVERLAY || !o->upper)
        return 0;
    int slot = builder_fd(b, -1);
    if (slot < 0)
        return slot;
    builder_slot(b, SLOT_UPPER, o->upper);
    builder_slot(b, SLOT_WORK, o->work);
    struct step *step = builder_add(b, STEP_LOCK_UPPER, STEP_HOST);
    step->text[0] = SLOT_TEXT(SLOT_UPPER);
    step->fd[0] = (int16_t)slot;
    return 0;
}

static void put_layers(struct builder *b, const struct scratch_rootfs_options *o)
{
    builder_add(b, STEP_LAYERS, STEP_CONTAINER)->num[0] = o->tmpfs_size;
}

static void put_overlay(struct builder *b, const struct scratch_rootfs_options *o,
                        const char *const *lowers, size_t count)
{
    bool given = o->kind == SCRATCH_ROOTFS_OVERLAY && o->upper;
    if (!given)
        put_layers(b, o);
    uint32_t list = builder_list(b, lowers, count);
    struct step *step = builder_add(b, STEP_ROOT_OVERLAY, STEP_CONTAINER);
    step->text[0] = list;
    step->text[1] = given ? SLOT_TEXT(SLOT_UPPER) : 0;
    step->text[2] = given ? SLOT_TEXT(SLOT_WORK) : 0;
    step->num[0] = (given ? 0 : OVERLAY_THROW_AWAY) | (b->user_namespace ? OVERLAY_USER : 0);
}

static int put_host(struct builder *b, const struct scratch_rootfs_options *o)
{
    static const char *const root[] = {"/"};
    if (!b->user_namespace) {
        put_overlay(b, o, root, 1);
        return 0;
    }
    put_layers(b, o);
    return rootfs_compile_composed(b);
}

int rootfs_compile_root(struct builder *b, const struct scratch_rootfs_options *o)
{
    if (o->kind != SCRATCH_ROOTFS_UNCHANGED || b->namespaces & SCRATCH_NS_MNT) {
        uint32_t root = builder_text(b, "/");
        struct step *step = builder_add(b, STEP_PROPAGATION, STEP_CONTAINER);
        step->text[0] = root;
        step->num[0] = ROOTFS_RPRIVATE;
    }
    if (o->kind == SCRATCH_ROOTFS_UNCHANGED)
        return 0;
    if (!(b->namespaces & SCRATCH_NS_MNT))
        return error_set(b->err, EINVAL, "root file system", o->path,
                         "it needs a new mount namespace: add SCRATCH_NS_MNT to create");
    if (o->kind == SCRATCH_ROOTFS_HOST)
        return put_host(b, o);
    if (o->kind == SCRATCH_ROOTFS_OVERLAY) {
        int rc = check_overlay(b, o);
        if (rc == 0)
            put_overlay(b, o, o->lowers, o->lower_count);
        return rc;
    }
    int rc = check_directory(b, "root file system", o->path);
    if (rc < 0)
        return rc;
    if (o->throw_away) {
        put_overlay(b, o, &o->path, 1);
        return 0;
    }
    uint32_t path = builder_text(b, o->path);
    builder_add(b, STEP_ROOT_BIND, STEP_CONTAINER)->text[0] = path;
    return 0;
}

int rootfs_compile_enter(struct builder *b, const struct scratch_rootfs_options *o)
{
    if (o->kind == SCRATCH_ROOTFS_UNCHANGED)
        return 0;
    if (o->read_only)
        builder_add(b, STEP_ROOT_READ_ONLY, STEP_CONTAINER);
    bool pivot = o->enter == SCRATCH_ROOTFS_PIVOT;
    builder_add(b, pivot ? STEP_PIVOT_ROOT : STEP_CHROOT, STEP_CONTAINER);
    return 0;
}
