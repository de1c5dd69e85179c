/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "base/sys.h"
#include "base/text.h"

#include <linux/magic.h>
#include <scratch/namespace.h>
#include <sys/vfs.h>

#define BIND   4096 /* MS_BIND */
#define DETACH 2    /* MNT_DETACH */

#define FD_PATH 48

static bool is_namespace(int fd)
{
    struct statfs fs;
    return fstatfs(fd, &fs) == 0 && fs.f_type == NSFS_MAGIC;
}

/* The file to mount on, made when it is missing. O_PATH: it may be anything. */
static int open_place(int dirfd, const char *path, bool *made)
{
    int fd = sys_openat(dirfd, path, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDONLY, 0444);
    *made = fd >= 0;
    return fd == -EEXIST ? sys_openat(dirfd, path, O_PATH | O_NOFOLLOW, 0) : fd;
}

static int bind(int nsfd, int place)
{
    char from[FD_PATH], to[FD_PATH];
    text_fd_path(from, sizeof from, nsfd);
    text_fd_path(to, sizeof to, place);
    return sys_mount(from, to, NULL, BIND, NULL);
}

static const char *keep_hint(int rc)
{
    if (rc == -EINVAL)
        return "a mount namespace is kept outside of itself, on a mount that is private: "
               "mount --make-private";
    if (rc == -EPERM)
        return "mounting takes CAP_SYS_ADMIN";
    return NULL;
}

int scratch_namespace_keep(int nsfd, int dirfd, const char *path, struct scratch_error *err)
{
    bool made;
    if (!is_namespace(nsfd))
        return error_set(err, EINVAL, "keep a namespace", path,
                         "give an fd from scratch_namespace_open()");
    int place = open_place(dirfd, path, &made);
    if (place < 0)
        return error_call(err, -place, "open(2)", "keep a namespace", path, NULL);
    int rc = is_namespace(place) ? -EBUSY : bind(nsfd, place);
    sys_close(place);
    if (rc == 0)
        return 0;
    if (made)
        sys_unlinkat(dirfd, path, 0);
    if (rc == -EBUSY)
        return error_because(err, EBUSY, "keep a namespace", path, "one is kept there already",
                             "release it first, or choose another path");
    return error_call(err, -rc, "mount(2)", "keep a namespace", path, keep_hint(rc));
}

int scratch_namespace_release(int dirfd, const char *path, struct scratch_error *err)
{
    char text[FD_PATH];
    int fd = sys_openat(dirfd, path, O_PATH | O_NOFOLLOW, 0);
    if (fd < 0)
        return error_call(err, -fd, "open(2)", "release a namespace", path, NULL);
    text_fd_path(text, sizeof text, fd);
    bool kept = is_namespace(fd);
    int rc = kept ? sys_umount2(text, DETACH) : -EINVAL;
    sys_close(fd);
    if (!kept)
        return error_because(err, EINVAL, "release a namespace", path, "none is kept there", NULL);
    if (rc < 0)
        return error_call(err, -rc, "umount(2)", "release a namespace", path,
                          "unmounting takes CAP_SYS_ADMIN");
    rc = sys_unlinkat(dirfd, path, 0);
    return rc < 0 ? error_call(err, -rc, "unlink(2)", "release a namespace", path, NULL) : 0;
}
