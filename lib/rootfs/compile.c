/* SPDX-License-Identifier: MIT */
#include "rootfs/compile.h"
#include "mount/options.h"
#include "base/privilege.h"
#include "mount/idmap.h"
#include "rootfs/diagnose.h"
#include "rootfs/host.h"
#include "rootfs/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <scratch/namespace.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const host_root[] = {"/"};

/* What would be passed over: nothing is done to the caller's own root, and one kind has an upper.
 */
static const char *cannot_be(const struct scratch_rootfs_options *o)
{
    bool written = o->read_only || o->throw_away || o->idmap || o->propagation;
    bool devices = o->device_count || o->host_devices || o->default_devices;
    bool unchanged = o->kind == SCRATCH_ROOTFS_UNCHANGED;
    if (unchanged && (written || devices || o->masked_paths || o->read_only_paths))
        return "the caller's own root is taken as it is, and something of it shall be another";
    if (o->kind != SCRATCH_ROOTFS_OVERLAY && (o->upper || o->work))
        return "upper and work are an overlay's";
    return NULL;
}

/* Why a container cannot be without a mount namespace of its own. */
static const char *cannot_leave(const struct builder *b, const struct scratch_rootfs_options *o)
{
    const char *word = o->propagation ? o->propagation : "";
    if (b->user_namespace)
        return "the root of a user namespace may not go back to the caller's";
    if (b->joined & SCRATCH_NS_MNT)
        return "one is joined, and would be left again";
    if (mount_propagation_flags(word, strlen(word)) & MOUNT_SHARED)
        return "a root that is mounted nowhere shares its mounts with nobody";
    return NULL;
}

static int check_options(struct builder *b, const struct scratch_rootfs_options *o)
{
    static const char what[] = "root file system";
    const char *cause = cannot_be(o);
    if (cause)
        return error_because(b->err, EINVAL, what, o->upper ? o->upper : o->path, cause,
                             "leave it out, or use another of enum scratch_rootfs_kind");
    if (o->enter > SCRATCH_ROOTFS_UNMOUNTED)
        return error_set(b->err, EINVAL, what, o->path,
                         "enter: use one of enum scratch_rootfs_enter");
    cause = o->enter == SCRATCH_ROOTFS_UNMOUNTED ? cannot_leave(b, o) : NULL;
    if (cause)
        return error_because(b->err, EINVAL, "mount namespace", o->path, cause,
                             "give the container a mount namespace of its own");
    return 0;
}

static int check_directory(struct builder *b, const char *what, const char *path)
{
    struct stat st;
    if (!path || !*path)
        return error_set(b->err, EINVAL, what, NULL, "name a directory");
    if (stat(path, &st) < 0)
        return error_call(b->err, errno, "stat(2)", what, path,
                          errno == ENOENT
                              ? "give a directory that exists; an image is unpacked into "
                                "one first"
                          : errno == EACCES ? "see that you may enter what it is in (`namei -l`)"
                                            : NULL);
    if (!S_ISDIR(st.st_mode))
        return error_set(b->err, ENOTDIR, what, path, "unpack an archive into a directory first");
    /* Later it would look as if nothing were in it. */
    bool everyone = (st.st_mode & 0111) == 0111;
    if (!everyone && faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 && errno == EACCES)
        return error_call(b->err, EACCES, "faccessat(2)", what, path,
                          "let others enter it (chmod o+rx), or be its owner or root");
    return 0;
}

/* An upper of the caller's belongs to SCRATCH_ROOTFS_OVERLAY; other kinds throw away. */
static struct layers layers_of(const struct builder *b, const struct scratch_rootfs_options *o)
{
    struct layers l = {host_root, 1, NULL, NULL, b->user_namespace || b->nested};
    if (o->kind == SCRATCH_ROOTFS_DIRECTORY) {
        l.lower = &o->path;
    } else if (o->kind == SCRATCH_ROOTFS_OVERLAY) {
        l.lower = o->lowers;
        l.count = o->lower_count;
        l.upper = o->upper;
        l.work = o->work;
    }
    return l;
}

bool rootfs_has_upper(const struct scratch_rootfs_options *o)
{
    return o->kind == SCRATCH_ROOTFS_HOST || o->kind == SCRATCH_ROOTFS_OVERLAY ||
           (o->kind == SCRATCH_ROOTFS_DIRECTORY && o->throw_away);
}

int rootfs_put_lock(struct builder *b, const char *upper, const char *work)
{
    int slot = builder_fd(b, -1);
    if (slot < 0)
        return slot;
    builder_slot(b, SLOT_UPPER, upper);
    builder_slot(b, SLOT_WORK, work);
    struct step *step = builder_add(b, STEP_LOCK_UPPER, STEP_HOST);
    step->text[0] = SLOT_TEXT(SLOT_UPPER);
    step->fd[0] = (int16_t)slot;
    return 0;
}

static int put_idmapped(struct builder *b, uint32_t source, uint32_t second, bool recursive)
{
    int slot = mount_put_idmap(b, &(struct idmap){.source = source,
                                                  .second = second,
                                                  .change = {.recursive = recursive},
                                                  .all = recursive});
    if (slot >= 0 && b->id_root < 0)
        b->id_root = slot;
    return slot < 0 ? slot : 0;
}

/* Mounts of the layers, each in a slot, and of the directory that upper and work are in. */
static int put_idmapped_layers(struct builder *b, const struct layers *l)
{
    int rc = 0;
    for (size_t i = 0; i < l->count && rc == 0; i++)
        rc = put_idmapped(b, builder_text(b, l->lower[i]), 0, false);
    if (rc == 0 && l->upper)
        rc = put_idmapped(b, SLOT_TEXT(SLOT_UPPER), SLOT_TEXT(SLOT_WORK), false);
    return rc;
}

static int compile_idmapped(struct builder *b, const struct scratch_rootfs_options *o)
{
    const struct layers layers = layers_of(b, o);
    int rc = mount_check_idmap(b, o->path, false);
    if (rc < 0)
        return rc;
    if (o->kind == SCRATCH_ROOTFS_DIRECTORY && !o->throw_away)
        return put_idmapped(b, builder_text(b, o->path), 0, true);
    rc = put_idmapped_layers(b, &layers);
    if (rc == 0 && o->kind == SCRATCH_ROOTFS_HOST)
        rc = rootfs_compile_idmapped_disks(b);
    return rc;
}

int rootfs_compile_host(struct builder *b, const struct scratch_rootfs_options *o)
{
    bool pair = o->kind == SCRATCH_ROOTFS_OVERLAY && o->upper && o->work;
    int rc = check_options(b, o);
    if (rc == 0 && pair)
        rc = rootfs_put_lock(b, o->upper, o->work);
    bool half = !pair && (o->upper || o->work); /* it is refused with the root */
    if (rc == 0 && !half && (o->idmap || b->auto_range) && o->kind != SCRATCH_ROOTFS_UNCHANGED)
        rc = compile_idmapped(b, o);
    return rc;
}

void rootfs_put_layers(struct builder *b, const struct scratch_rootfs_options *o)
{
    builder_add(b, STEP_LAYERS, STEP_CONTAINER)->num[0] = o->tmpfs_size;
}

void rootfs_put_overlay(struct builder *b, const struct layers *l, const char *target,
                        uint64_t flags)
{
    uint32_t list = builder_list(b, l->lower, l->count), at = builder_text(b, target);
    struct step *step = builder_add(b, STEP_ROOT_OVERLAY, STEP_CONTAINER);
    step->text[0] = list;
    step->text[1] = l->upper ? SLOT_TEXT(SLOT_UPPER) : 0;
    step->text[2] = l->upper ? SLOT_TEXT(SLOT_WORK) : 0;
    step->text[3] = at;
    step->num[0] = flags | (l->upper ? 0 : OVERLAY_THROW_AWAY) | (l->user ? OVERLAY_USER : 0);
    if (b->id_root < 0)
        return;
    step->fd[0] = (int16_t)b->id_root;
    step->fd[1] = (int16_t)(l->upper ? b->id_root + (int)l->count : -1);
}

/* Its mounts may still be wanted in it: read-only is made by the last step before it is entered. */
static void put_overlay(struct builder *b, const struct scratch_rootfs_options *o)
{
    struct layers layers = layers_of(b, o);
    if (!layers.upper || b->id_root >= 0) /* idmapped layers have to be attached somewhere */
        rootfs_put_layers(b, o);
    rootfs_put_overlay(b, &layers, "/", 0);
}

static int put_host(struct builder *b, const struct scratch_rootfs_options *o)
{
    if (b->id_root >= 0 || (!b->user_namespace && !b->nested)) {
        put_overlay(b, o);
        return rootfs_compile_disks(b);
    }
    rootfs_put_layers(b, o);
    return rootfs_compile_composed(b);
}

static int put_layered(struct builder *b, const struct scratch_rootfs_options *o)
{
    struct layers layers = layers_of(b, o);
    int rc = layers_exist(&layers, b->err);
    if (rc == 0)
        put_overlay(b, o);
    return rc;
}

static int put_directory(struct builder *b, const struct scratch_rootfs_options *o)
{
    int rc = check_directory(b, "root file system", o->path);
    if (rc < 0)
        return rc;
    if (o->throw_away) {
        put_overlay(b, o);
        return 0;
    }
    bool ready = b->template >= 0;
    uint32_t path = builder_text(b, o->path);
    struct step *step = builder_add(b, ready ? STEP_ROOT_READY : STEP_ROOT_BIND, STEP_CONTAINER);
    step->text[0] = path;
    step->num[0] = !ready && b->root_in_place;
    step->fd[0] = ready ? b->template : (int16_t)b->id_root;
    return 0;
}

int rootfs_compile_root(struct builder *b, const struct scratch_rootfs_options *o)
{
    if (o->kind == SCRATCH_ROOTFS_UNCHANGED)
        return 0;
    if (!((b->namespaces | b->joined) & SCRATCH_NS_MNT))
        return error_set(b->err, EINVAL, "root file system", o->path,
                         "it needs a new mount namespace: add SCRATCH_NS_MNT to create");
    switch (o->kind) {
    case SCRATCH_ROOTFS_HOST:
        return put_host(b, o);
    case SCRATCH_ROOTFS_DIRECTORY:
        return put_directory(b, o);
    case SCRATCH_ROOTFS_OVERLAY:
        return put_layered(b, o);
    default:
        return error_set(b->err, EINVAL, "kind of root file system", NULL,
                         "use one of enum scratch_rootfs_kind");
    }
}

static int put_leave(struct builder *b)
{
    static const char path[] = "/proc/self/ns/mnt";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_call(b->err, errno, "open(2)", "mount namespace", path, NULL);
    int slot = builder_fd(b, fd);
    if (slot < 0)
        return slot;
    builder_add(b, STEP_LEAVE_MOUNTS, STEP_CONTAINER)->fd[0] = (int16_t)slot;
    builder_add(b, STEP_CHROOT, STEP_CONTAINER);
    return 0;
}

int rootfs_compile_enter(struct builder *b, const struct scratch_rootfs_options *o)
{
    if (o->kind == SCRATCH_ROOTFS_UNCHANGED)
        return 0;
    if (o->read_only)
        builder_add(b, STEP_ROOT_READ_ONLY, STEP_CONTAINER);
    const char *word = o->propagation ? o->propagation : "";
    uint64_t propagation = mount_propagation_flags(word, strlen(word));
    if (o->enter == SCRATCH_ROOTFS_UNMOUNTED) /* whose propagation is over */
        return put_leave(b);
    /* Others in a namespace that is joined keep their root. */
    bool pivot = o->enter == SCRATCH_ROOTFS_PIVOT && !(b->joined & SCRATCH_NS_MNT);
    bool tied = propagation & MOUNT_SHARED, own = b->namespaces & SCRATCH_NS_MNT;
    if (b->template <0) /* else it has been entered */
        builder_add(b, pivot ? STEP_PIVOT_ROOT : STEP_CHROOT, STEP_CONTAINER)->num[0] =
            pivot ? tied : own && !tied;
    if (*word) { /* a root that is shared cannot be pivoted to */
        uint32_t root = builder_text(b, "/");
        struct step *step = builder_add(b, STEP_PROPAGATION, STEP_CONTAINER);
        step->text[0] = root;
        step->num[0] = propagation;
    }
    return 0;
}
