/* SPDX-License-Identifier: MIT */
#include "rootfs/diagnose.h"
#include "rootfs/mounts.h"
#include "rootfs/overlay.h"

#include <errno.h>
#include <limits.h>
#include <linux/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/sys.h"

#define WHAT "overlay"

/* ---- each for itself ------------------------------------------------------------------------ */

static int check_counts(const struct layers *l, struct scratch_error *err)
{
    if (l->count == 0)
        return error_set(err, EINVAL, WHAT, NULL, "name at least one lower directory");
    if (l->count > OVERLAY_LOWERS_MAX)
        return error_because(err, E2BIG, WHAT, NULL, "more than 500 lower directories",
                             "merge some of them");
    if (!l->upper != !l->work)
        return error_set(err, EINVAL, WHAT, l->upper ? l->upper : l->work,
                         "upper and work go together: both, or none for a throw-away layer");
    return 0;
}

static int check_directory(const char *path, const char *cause, struct scratch_error *err)
{
    struct statx st;
    if (!path || !*path)
        return error_because(err, EINVAL, WHAT, path, cause, "name a directory");
    int rc = sys_statx(AT_FDCWD, path, 0, STATX_TYPE, &st);
    if (rc < 0)
        return error_because(err, -rc, WHAT, path, cause,
                             rc == -ENOENT ? "see that the directory exists" : NULL);
    if ((st.stx_mode & 0170000) != 0040000)
        return error_because(err, ENOTDIR, WHAT, path, cause,
                             "it is not a directory: unpack an archive into one first");
    return 0;
}

static int check_directories(const struct layers *l, struct scratch_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < l->count && rc == 0; i++)
        rc = check_directory(l->lower[i], "the lower directory cannot be used", err);
    if (rc == 0 && l->upper)
        rc = check_directory(l->upper, "the upper directory cannot be used", err);
    if (rc == 0 && l->work)
        rc = check_directory(l->work, "the work directory cannot be used", err);
    return rc;
}

/*
 * File systems that the kernel refuses, by statfs(2)'s number: those whose names are not compared
 * byte for byte as lower, those without what an upper needs as upper.
 */
static const struct layer_type {
    unsigned long magic;
    const char *name;
    bool lower; /* may be a lower layer */
} layer_types[] = {
    {0x4d44, "FAT", false},         {0x2011bab0, "exFAT", false}, {0x482b, "HFS+", false},
    {0x9fa0, "proc", false},        {0x62656572, "sysfs", false}, {0x6969, "NFS", true},
    {0xff534d42, "CIFS", true},     {0xfe534d42, "SMB2", true},   {0x794c7630, "an overlay", true},
    {0x73717368, "squashfs", true}, {0x9660, "ISO 9660", true},   {0xe0f5e1e2, "EROFS", true},
};

static const struct layer_type *type_of(const char *path)
{
    struct statfs fs;
    if (statfs(path, &fs) < 0)
        return NULL;
    for (size_t i = 0; i < sizeof layer_types / sizeof *layer_types; i++)
        if (layer_types[i].magic == ((unsigned long)fs.f_type & 0xffffffff))
            return &layer_types[i];
    return NULL;
}

bool layers_can_be_lower(const char *path)
{
    const struct layer_type *type = type_of(path);
    return !type || type->lower;
}

static int refuse_type(const char *path, const struct layer_type *type, const char *layer,
                       struct scratch_error *err)
{
    char cause[128];
    snprintf(cause, sizeof cause, "it is on %s, which cannot be %s layer", type->name, layer);
    return error_because(err, EINVAL, WHAT, path, cause,
                         "use a directory on ext4, XFS, Btrfs or tmpfs");
}

static int check_types(const struct layers *l, struct scratch_error *err)
{
    for (size_t i = 0; i < l->count; i++)
        if (!layers_can_be_lower(l->lower[i]))
            return refuse_type(l->lower[i], type_of(l->lower[i]), "a lower", err);
    const struct layer_type *upper = l->upper ? type_of(l->upper) : NULL;
    return upper ? refuse_type(l->upper, upper, "an upper", err) : 0;
}

static int check_writable(const struct layers *l, struct scratch_error *err)
{
    struct statfs fs;
    if (l->upper && statfs(l->upper, &fs) == 0 && fs.f_flags & 1 /* ST_RDONLY */)
        return error_because(err, EINVAL, WHAT, l->upper,
                             "the upper directory is on a file system that is read-only",
                             "an upper layer takes the writes: remount it writable");
    return 0;
}

/* ---- one with another ----------------------------------------------------------------------- */

static int check_one_mount(const struct layers *l, struct scratch_error *err)
{
    struct statx upper, work;
    unsigned mask = STATX_INO | STATX_MNT_ID; /* the mount's id: since 5.8 */
    if (!l->upper || sys_statx(AT_FDCWD, l->upper, 0, mask, &upper) < 0 ||
        sys_statx(AT_FDCWD, l->work, 0, mask, &work) < 0)
        return 0;
    if (upper.stx_dev_major != work.stx_dev_major || upper.stx_dev_minor != work.stx_dev_minor)
        return error_because(err, EINVAL, WHAT, l->work,
                             "the work directory is on another file system than the upper one",
                             "make it beside the upper directory");
    if (upper.stx_mask & work.stx_mask & STATX_MNT_ID && upper.stx_mnt_id != work.stx_mnt_id)
        return error_because(err, EINVAL, WHAT, l->work,
                             "the work directory is seen through another mount than the upper one",
                             "make it beside the upper directory");
    return 0;
}

/* A layer's place: the kernel looks at file systems, so paths compare within one only. */
struct place {
    const char *given;
    char path[PATH_MAX];
    uint64_t device, inode;
};

static bool find_place(struct place *p, const char *given)
{
    struct statx st;
    p->given = given;
    if (!realpath(given, p->path) || sys_statx(AT_FDCWD, given, 0, STATX_INO, &st) < 0)
        return false;
    p->device = (uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor;
    p->inode = st.stx_ino;
    return true;
}

static bool is_same(const struct place *a, const struct place *b)
{
    return a->device == b->device && a->inode == b->inode;
}

static bool is_inside(const struct place *a, const struct place *b)
{
    size_t n = strlen(b->path);
    n -= b->path[n - 1] == '/';
    return a->device == b->device && !is_same(a, b) && strncmp(a->path, b->path, n) == 0 &&
           a->path[n] == '/';
}

static int refuse_pair(const struct place *a, const struct place *b, int errnum,
                       struct scratch_error *err)
{
    int rc = error_because(err, errnum, WHAT, a->given, "this directory is given twice",
                           "layers are separate directories");
    if (err && !is_same(a, b))
        error_write(err->cause, "it is inside '%s'", b->given);
    return rc;
}

/* What the kernel says ELOOP to: a lower layer that is, or is inside, another layer. */
static int check_lower_place(const struct place *lower, const struct place *others, size_t count,
                             struct scratch_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (&others[i] != lower && (is_same(lower, &others[i]) || is_inside(lower, &others[i])))
            return refuse_pair(lower, &others[i], ELOOP, err);
    return 0;
}

static int check_places(struct place *place, const struct layers *l, struct scratch_error *err)
{
    size_t count = l->count + (l->upper ? 2 : 0);
    for (size_t i = 0; i < count; i++)
        if (!find_place(&place[i], i < l->count ? l->lower[i] : i == l->count ? l->upper : l->work))
            return 0; /* not ours to see */
    for (size_t i = 0; i < l->count; i++) {
        int rc = check_lower_place(&place[i], place, count, err);
        if (rc < 0)
            return rc;
    }
    if (!l->upper)
        return 0;
    const struct place *upper = &place[l->count], *work = upper + 1;
    if (is_same(work, upper) || is_inside(work, upper))
        return refuse_pair(work, upper, EINVAL, err);
    return is_inside(upper, work) ? refuse_pair(upper, work, EINVAL, err) : 0;
}

static int check_overlap(const struct layers *l, struct scratch_error *err)
{
    struct place *places = calloc(l->count + 2, sizeof *places);
    if (!places)
        return error_set(err, ENOMEM, WHAT, NULL, NULL);
    int rc = check_places(places, l, err);
    free(places);
    return rc;
}

/* ---- what only a refusal shows -------------------------------------------------------------- */

static int guess_kernel(const struct layers *l, struct scratch_error *err)
{
    struct utsname kernel;
    unsigned major = 0, minor = 0;
    if (!l->user || uname(&kernel) < 0 || sscanf(kernel.release, "%u.%u", &major, &minor) != 2 ||
        major > 5 || (major == 5 && minor >= 11))
        return 0;
    return error_because(err, EPERM, WHAT, kernel.release,
                         "before Linux 5.11, an ordinary user cannot mount an overlay",
                         "give a directory as the root, or run as root");
}

static int guess_submounts(const struct layers *l, struct scratch_error *err)
{
    struct mount_points points;
    int rc = 0;
    if (!l->user || mount_points_read(&points) < 0)
        return 0;
    for (size_t i = 0; i < l->count && rc == 0; i++)
        if (mount_points_below(&points, l->lower[i]))
            rc = error_because(err, EINVAL, WHAT, l->lower[i],
                               "mounts below it, which a user namespace cannot leave out",
                               "use a directory without mounts in it");
    mount_points_free(&points);
    return rc;
}

static int guess_depth(const struct layers *l, struct scratch_error *err)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct layer_type *type = type_of(l->lower[i]);
        if (type && strcmp(type->name, "an overlay") == 0)
            return error_because(err, EINVAL, WHAT, l->lower[i],
                                 "it is on an overlay over an overlay; a third is too many",
                                 "use a directory on another file system, such as a tmpfs");
    }
    return 0;
}

/* ---- all of it ------------------------------------------------------------------------------ */

typedef int check(const struct layers *l, struct scratch_error *err);

/* Up to the NULL. */
static int run(check *const *checks, const struct layers *l, struct scratch_error *err)
{
    int rc = 0;
    while (*checks && rc == 0)
        rc = (*checks++)(l, err);
    return rc;
}

int layers_exist(const struct layers *l, struct scratch_error *err)
{
    static check *const checks[] = {check_counts, check_directories, NULL};
    return run(checks, l, err);
}

int layers_fit(const struct layers *l, struct scratch_error *err)
{
    static check *const checks[] = {check_counts, check_directories, check_one_mount,
                                    check_types,  check_writable,    check_overlap,
                                    NULL};
    return run(checks, l, err);
}

static int guess(const struct layers *l, struct scratch_error *err)
{
    static check *const checks[] = {guess_kernel, guess_submounts, guess_depth, NULL};
    return run(checks, l, err);
}

/* The layers as a step has them; lower has room for all. */
static void layers_of_step(const struct step_walk *w, const struct step *step, struct layers *l,
                           const char **lower)
{
    const struct block_list *list = step_list(w, step->text[0]);
    for (uint32_t i = 0; i < list->count; i++)
        lower[i] = step_text(w, list->text[i]);
    *l = (struct layers){lower, list->count, NULL, NULL, step->num[0] & OVERLAY_USER};
    if (!(step->num[0] & OVERLAY_THROW_AWAY)) {
        l->upper = step_text(w, step->text[1]);
        l->work = step_text(w, step->text[2]);
    }
}

void layers_explain(struct scratch_error *err, const struct layers *l)
{
    struct scratch_error found;
    if (!err || (layers_fit(l, &found) == 0 && guess(l, &found) == 0))
        return;
    memcpy(err->subject, found.subject, sizeof err->subject);
    memcpy(err->cause, found.cause, sizeof err->cause);
    memcpy(err->hint, found.hint, sizeof err->hint);
}

void rootfs_explain(struct scratch_error *err, const struct step_walk *w)
{
    struct layers l;
    const struct step *step = step_at(w->plan, w->index);
    if (!err || step->kind != STEP_ROOT_OVERLAY || w->detail)
        return;
    const char **lower = calloc(step_list(w, step->text[0])->count, sizeof *lower);
    if (!lower)
        return;
    layers_of_step(w, step, &l, lower);
    layers_explain(err, &l);
    free(lower);
}
