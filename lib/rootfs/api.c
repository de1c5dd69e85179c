/* SPDX-License-Identifier: MIT */
#include "base/privilege.h"
#include "base/sys.h"
#include "rootfs/compile.h"
#include "rootfs/diagnose.h"
#include "rootfs/overlay.h"
#include "step/self.h"
#include "step/words.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define MNT_DETACH_ 2 /* <sys/mount.h> clashes with <linux/mount.h> in some C libraries */

/* ---- overlays ------------------------------------------------------------------------------- */

/* As in a spec: a shorter struct is from older headers, and has no more than it has. */
static int take(const struct scratch_rootfs_options *given, struct scratch_rootfs_options *o,
                struct scratch_error *err)
{
    *o = (struct scratch_rootfs_options)SCRATCH_ROOTFS_OPTIONS_INIT;
    if (!given || given->size < sizeof given->size || given->size > sizeof *o)
        return error_set(err, EINVAL, "rootfs options", NULL,
                         "begin with SCRATCH_ROOTFS_OPTIONS_INIT of these headers");
    memcpy(o, given, given->size);
    return 0;
}

static struct layers layers_of(const struct scratch_rootfs_options *o)
{
    return (struct layers){o->lowers, o->lower_count, o->upper, o->work, !privilege_all_ids()};
}

/* A lock that somebody holds is a container's on this upper directory. */
static int check_unused(const char *upper, struct scratch_error *err)
{
    int fd = upper ? open(upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int rc = fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
    if (fd >= 0)
        close(fd);
    if (rc == EWOULDBLOCK)
        return error_because(err, EBUSY, "overlay", upper,
                             "the upper directory is in use by another container",
                             "give each its own upper and work");
    return 0;
}

int scratch_overlay_check(const struct scratch_rootfs_options *given, struct scratch_error *err)
{
    struct scratch_rootfs_options o;
    int rc = take(given, &o, err);
    if (rc < 0)
        return rc;
    struct layers layers = layers_of(&o);
    rc = layers_fit(&layers, err);
    return rc < 0 ? rc : check_unused(o.upper, err);
}

/*
 * The overlay's step changes the working directory for a moment. That is the whole process's, but
 * for a thread that has taken leave of it.
 */
struct apart {
    struct builder *builder;
    struct step_walk *walk;
    int begun, rc;
};

static void *run_apart(void *argument)
{
    struct apart *a = argument;
    int rc = a->begun < 0 ? a->begun : sys_unshare(CLONE_FS);
    if (rc < 0 && a->begun == 0)
        error_call(a->builder->err, -rc, "unshare(2)", "mount an overlay", NULL, NULL);
    a->rc = step_run_self(a->builder, rc, a->walk);
    return NULL;
}

static int step_apart(struct builder *b, int begun, struct step_walk *w)
{
    struct apart apart = {b, w, begun, 0};
    sigset_t all, old;
    pthread_t thread;
    sigfillset(&all); /* the caller's handlers are not for this thread */
    pthread_sigmask(SIG_BLOCK, &all, &old);
    int rc = pthread_create(&thread, NULL, run_apart, &apart);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc != 0) {
        struct scratch_error *err = b->err;
        builder_free(b);
        return error_call(err, rc, "clone(2)", "mount an overlay", NULL, NULL);
    }
    pthread_join(thread, NULL);
    return apart.rc;
}

static int put_steps(struct builder *b, const struct scratch_rootfs_options *o,
                     const struct layers *layers, const char *target)
{
    int rc = layers_exist(layers, b->err);
    if (rc == 0 && o->upper)
        rc = rootfs_put_lock(b, o->upper, o->work);
    else if (rc == 0)
        rootfs_put_layers(b, o);
    if (rc == 0)
        rootfs_put_overlay(b, layers, target, o->read_only ? OVERLAY_READ_ONLY : 0);
    return rc;
}

int scratch_overlay_mount(const struct scratch_rootfs_options *given, const char *target,
                          struct scratch_error *err)
{
    struct scratch_rootfs_options o;
    struct step_walk w = STEP_WALK_INIT;
    struct builder b;
    int rc = take(given, &o, err);
    if (rc < 0)
        return rc;
    w.root = target ? sys_openat(AT_FDCWD, target, O_PATH | O_DIRECTORY, 0) : -EFAULT;
    if (w.root < 0)
        return error_call(err, -w.root, "open(2)", "target of an overlay", target, NULL);
    struct layers layers = layers_of(&o);
    builder_begin(&b, err);
    rc = step_apart(&b, put_steps(&b, &o, &layers, target), &w);
    if (rc < 0 && !w.detail)
        layers_explain(err, &layers);
    if (w.layers >= 0) /* attached at the target, and no overlay came to be */
        rootfs_detach_layers(&w);
    close(w.root);
    return rc;
}

/* ---- the caller's root ---------------------------------------------------------------------- */

/* Take back what the first step has put over the root, and go where the caller was. */
static void stay(const struct step_walk *w, int back)
{
    if (w->root >= 0)
        sys_umount2("/..", MNT_DETACH_);
    if (back >= 0)
        sys_fchdir(back);
}

int scratch_rootfs_pivot_self(const char *path, struct scratch_error *err)
{
    struct step_walk w = STEP_WALK_INIT;
    struct builder b;
    if (!path || !*path)
        return error_set(err, EINVAL, "pivot the root", path, "name a directory");
    int back = sys_openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY, 0);
    builder_begin(&b, err);
    uint32_t text = builder_text(&b, path);
    builder_add(&b, STEP_ROOT_BIND, STEP_CONTAINER)->text[0] = text;
    builder_add(&b, STEP_PIVOT_ROOT, STEP_CONTAINER)->num[0] = true;
    int rc = step_run_self(&b, 0, &w);
    if (rc < 0)
        stay(&w, back);
    if (rc == -EINVAL && w.root >= 0 && err) {
        error_write(err->cause, "the root is shared with other mount namespaces, or an initramfs");
        error_write(err->hint, "make it private first: mount --make-rprivate /");
    }
    if (w.root >= 0)
        close(w.root);
    if (back >= 0)
        close(back);
    return rc;
}

int scratch_rootfs_chroot_self(const char *path, struct scratch_error *err)
{
    struct step_walk w = STEP_WALK_INIT;
    struct builder b;
    w.root = path ? sys_openat(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0) : -EFAULT;
    if (w.root < 0)
        return error_call(err, -w.root, "open(2)", "change the root directory", path, NULL);
    builder_begin(&b, err);
    builder_add(&b, STEP_CHROOT, STEP_CONTAINER);
    int rc = step_run_self(&b, 0, &w);
    close(w.root);
    return rc;
}
