/* SPDX-License-Identifier: MIT */
#include "base/open.h"
#include "base/sys.h"
#include "base/text.h"
#include "mount/compile.h"
#include "mount/options.h"
#include "step/self.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many links as the kernel follows itself (MAXSYMLINKS). */
#define LINKS_MAX 40

/* <sys/mount.h> clashes with <linux/mount.h> in some C libraries: umount2(2)'s flags. */
#define MNT_DETACH_      2
#define UMOUNT_NOFOLLOW_ 8

/* ---- mounting ------------------------------------------------------------------------------- */

static int apply_below(int rootfd, const struct scratch_mount *mount, struct scratch_error *err)
{
    struct step_walk w = STEP_WALK_INIT;
    struct builder b;
    w.root = rootfd;
    builder_begin(&b, err);
    int rc = step_run_self(&b, mount_compile_one(&b, mount), &w);
    if (rc < 0 && w.index > 0) /* mounted, but its propagation could not be set */
        scratch_mount_remove(rootfd, mount->target, true, NULL);
    return rc;
}

/* AT_FDCWD cannot be duplicated, and the walk may change it: the directory that it is now. */
static int open_root(int rootfd, struct scratch_error *err)
{
    if (rootfd >= 0)
        return rootfd;
    if (rootfd != AT_FDCWD) /* what open(2) gives when it fails is not the process's own root */
        return error_set(err, EBADF, "open the root", NULL, "give a directory's fd, or AT_FDCWD");
    int here = sys_openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY, 0);
    if (here < 0)
        return error_call(err, -here, "open(2)", "open the working directory", NULL, NULL);
    return here;
}

int scratch_mount_apply(int rootfd, const struct scratch_mount *mount, struct scratch_error *err)
{
    int root = open_root(rootfd, err);
    if (root < 0)
        return root;
    int rc = apply_below(root, mount, err);
    if (root != rootfd)
        close(root);
    return rc;
}

int scratch_mount_propagation(int rootfd, const char *target, const char *word,
                              struct scratch_error *err)
{
    struct step_walk w = STEP_WALK_INIT;
    struct builder b;
    uint64_t flags = word ? mount_propagation_flags(word, strlen(word)) : 0;
    if (!flags)
        return error_set(err, EINVAL, "propagation", word,
                         "private, slave, shared, unbindable; or one of them with an r before it");
    if (!target)
        return error_set(err, EINVAL, "propagation", NULL, "name a mount point");
    w.root = open_root(rootfd, err);
    if (w.root < 0)
        return w.root;
    builder_begin(&b, err);
    mount_put_propagation(&b, target, flags, 0);
    int rc = step_run_self(&b, 0, &w);
    if (w.root != rootfd)
        close(w.root);
    return rc;
}

/* ---- unmounting ----------------------------------------------------------------------------- */

/* Cut the last name off a path; what is left is the parent, or "" for the root itself. */
static int cut_name(char *path, char name[NAME_MAX + 1])
{
    size_t n = strlen(path);
    while (n > 0 && path[n - 1] == '/')
        path[--n] = '\0';
    char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    if (*last == '\0' || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
        return -EINVAL;
    if (strlen(last) > NAME_MAX)
        return -ENAMETOOLONG;
    strcpy(name, last);
    *(slash ? slash : path) = '\0';
    return 0;
}

/* The name is a link: go on with the path that it leads to. */
static int follow(int parent, char path[PATH_MAX], const char *name)
{
    char text[PATH_MAX], joined[PATH_MAX];
    ssize_t n = readlinkat(parent, name, text, sizeof text - 1);
    if (n < 0)
        return -errno;
    text[n] = '\0';
    int length = snprintf(joined, sizeof joined, "%s/%s", *text == '/' ? "" : path, text);
    if (length >= (int)sizeof joined)
        return -ENAMETOOLONG;
    strcpy(path, joined);
    return 0;
}

/* 1: name in the open directory is not a link. 0: it was, and path leads on. */
static int look_at(int parent, char path[PATH_MAX], const char *name)
{
    struct stat st;
    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    return S_ISLNK(st.st_mode) ? follow(parent, path, name) : 1;
}

/*
 * Open the directory that a mount point is in, and give the mount point's name there: an fd of the
 * mount itself would keep it busy.
 */
static int open_parent(int rootfd, const char *target, char name[NAME_MAX + 1])
{
    char path[PATH_MAX];
    if (strlen(target) >= sizeof path)
        return -ENAMETOOLONG;
    strcpy(path, target);
    for (int links = 0; links <= LINKS_MAX; links++) {
        int rc = cut_name(path, name);
        int parent = rc < 0 ? rc : root_open(rootfd, *path ? path : "/", O_PATH | O_DIRECTORY, 0);
        if (parent < 0)
            return parent;
        rc = look_at(parent, path, name);
        if (rc == 1)
            return parent;
        close(parent);
        if (rc < 0)
            return rc;
    }
    return -ELOOP;
}

static const char *remove_hint(int errnum, bool lazy)
{
    if (errnum == EBUSY && !lazy)
        return "something in it is open or mounted below it: close that first, or detach it lazily";
    return errnum == EINVAL ? "it is not a mount point" : NULL;
}

int scratch_mount_remove(int rootfd, const char *target, bool lazy, struct scratch_error *err)
{
    char name[NAME_MAX + 1], path[64 + NAME_MAX];
    if (!target)
        return error_set(err, EINVAL, "unmount", NULL, "name a mount point");
    int parent = open_parent(rootfd, target, name);
    if (parent < 0)
        return error_call(err, -parent, "openat2(2)", "unmount", target, NULL);
    snprintf(path, sizeof path, "/proc/self/fd/%d/%s", parent, name);
    /* Not through a link that somebody puts there now. */
    int rc = sys_umount2(path, UMOUNT_NOFOLLOW_ | (lazy ? MNT_DETACH_ : 0));
    close(parent);
    if (rc < 0)
        return error_call(err, -rc, "umount2(2)", "unmount", target, remove_hint(-rc, lazy));
    return 0;
}
