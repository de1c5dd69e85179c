/* SPDX-License-Identifier: MIT */
#include "base/open.h"
#include "base/sys.h"
#include "base/text.h"

#include <sys/vfs.h>

/* As many links as the kernel follows itself (MAXSYMLINKS). */
#define LINKS_MAX 40
#define PATH_SIZE 4096

/* How often the kernel is asked again, before ".." is looked up by hand. */
#define TRIES_MAX 32

#define PROC_MAGIC 0x9fa0
#define S_IFMT_    0170000u
#define S_IFDIR_   0040000u
#define S_IFLNK_   0120000u

/* The directories from the root down to where the walk stands, so that ".." needs no look-up. */
struct walk_down {
    int fd[PATH_SIZE / 2];
    int depth; /* fd[0] is the root itself, which is not ours to close */
};

static void leave_all(struct walk_down *w)
{
    for (; w->depth > 0; w->depth--)
        sys_close(w->fd[w->depth]);
}

/* Cut the first component off a path: "a/b" gives "a", and *rest is "b". */
static int next_component(const char **rest, char *name, size_t size)
{
    const char *p = *rest;
    size_t n = 0;
    while (*p == '/')
        p++;
    for (; *p && *p != '/'; p++) {
        if (n + 1 >= size)
            return -ENAMETOOLONG;
        name[n++] = *p;
    }
    name[n] = '\0';
    *rest = p;
    return (int)n;
}

static bool only_slashes(const char *s)
{
    while (*s == '/')
        s++;
    return *s == '\0';
}

static unsigned type_of(int fd)
{
    struct statx st;
    return sys_statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &st) == 0 ? st.stx_mode & S_IFMT_ : 0;
}

static bool is_link(int fd)
{
    return type_of(fd) == S_IFLNK_;
}

/*
 * The kernel's magic links lead to a file itself, whatever its path. Their texts are absolute, or
 * such as "pipe:[7]"; those of procfs's ordinary links (self, mounts, net) are neither.
 */
static bool is_magic(int fd, const char *text)
{
    struct statfs fs;
    return (*text == '/' || text_find(text, ':')) && sys2(SYS_fstatfs, fd, (long)&fs) == 0 &&
           fs.f_type == PROC_MAGIC;
}

/* Put a link's text before what is left of the path. */
static int follow(int fd, char *path, size_t size, const char *rest)
{
    char text[PATH_SIZE];
    ssize_t n = sys_readlinkat(fd, "", text, sizeof text - 1);
    if (n < 0)
        return (int)n;
    text[n] = '\0';
    if (is_magic(fd, text))
        return -ELOOP; /* as RESOLVE_NO_MAGICLINKS */
    size_t at = (size_t)n;
    if (*rest) /* it begins with '/', which makes a directory of what is before it */
        at = text_append(text, sizeof text, at, rest);
    if (at >= sizeof text)
        return -ENAMETOOLONG;
    return text_append(path, size, 0, text) >= size ? -ENAMETOOLONG : 0;
}

/* Stand in fd, which is ours; anything but a directory has nothing below it. */
static int stand_in(struct walk_down *w, int fd)
{
    int rc = 0;
    if (type_of(fd) != S_IFDIR_)
        rc = -ENOTDIR;
    else if (w->depth + 1 >= (int)(sizeof w->fd / sizeof *w->fd))
        rc = -ENAMETOOLONG;
    if (rc < 0)
        sys_close(fd);
    else
        w->fd[++w->depth] = fd;
    return rc;
}

/*
 * One component further. Returns 1 when a link was put into path, 0 when w stands one deeper, and
 * is LAST when it is the last one, no link to follow, and to be opened.
 */
#define LAST 2
static int step_into(struct walk_down *w, const char *name, char *path, const char *rest, int flags)
{
    int fd = sys_openat(w->fd[w->depth], name, O_PATH | O_NOFOLLOW, 0);
    bool last = *rest == '\0';
    if (fd < 0)
        return last && fd == -ENOENT ? LAST : fd; /* it may be to be created */
    if (is_link(fd) && !(last && flags & O_NOFOLLOW)) {
        int rc = follow(fd, path, PATH_SIZE, rest);
        sys_close(fd);
        return rc < 0 ? rc : 1;
    }
    if (last) {
        sys_close(fd);
        return LAST;
    }
    return stand_in(w, fd);
}

/* "." and "..", which lead to a directory that is open already. */
static bool is_dots(struct walk_down *w, const char *name)
{
    if (text_equal(name, "."))
        return true;
    if (!text_equal(name, ".."))
        return false;
    if (w->depth > 0) /* above the root is the root */
        sys_close(w->fd[w->depth--]);
    return true;
}

/* -EAGAIN: a link has taken its place meanwhile, which O_PATH would open itself. */
static int open_last(int dirfd, const char *name, int flags, unsigned mode)
{
    int fd = sys_openat(dirfd, name, flags | O_NOFOLLOW, mode);
    if (fd >= 0 && flags & O_PATH && !(flags & O_NOFOLLOW) && is_link(fd)) {
        sys_close(fd);
        return -EAGAIN;
    }
    return fd;
}

/* openat2(RESOLVE_IN_ROOT) by hand, for kernels before 5.6 and sandboxes that refuse it. */
static int walk_by_hand(struct walk_down *w, char *path, int flags, unsigned mode)
{
    char name[256];
    const char *rest = path;
    if (*path == '/')
        leave_all(w);
    for (int links = 0; links <= LINKS_MAX;) {
        int n = next_component(&rest, name, sizeof name);
        if (n < 0)
            return n;
        if (n == 0)
            return sys_openat(w->fd[w->depth], ".", flags, mode);
        if (is_dots(w, name))
            continue;
        int rc = step_into(w, name, path, rest, flags);
        if (rc == LAST)
            return open_last(w->fd[w->depth], name, flags, mode);
        if (rc < 0)
            return rc;
        if (rc == 0)
            continue;
        links++;
        rest = path;
        if (*path == '/')
            leave_all(w);
    }
    return -ELOOP;
}

static int try_by_hand(int rootfd, const char *path, int flags, unsigned mode)
{
    char copy[PATH_SIZE];
    struct walk_down w;
    w.fd[0] = rootfd;
    w.depth = 0;
    if (*path == '\0')
        return -ENOENT;
    if (text_append(copy, sizeof copy, 0, path) >= sizeof copy)
        return -ENAMETOOLONG;
    int fd = walk_by_hand(&w, copy, flags, mode);
    leave_all(&w);
    return fd;
}

static int open_by_hand(int rootfd, const char *path, int flags, unsigned mode)
{
    int fd = -EAGAIN;
    for (int tries = 0; tries < TRIES_MAX && fd == -EAGAIN; tries++)
        fd = try_by_hand(rootfd, path, flags, mode);
    return fd;
}

int root_open(int rootfd, const char *path, int flags, unsigned mode)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .mode = (flags & (O_CREAT | O_TMPFILE)) ? mode : 0,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    int fd = -EAGAIN;
    /* A rename or mount raced with "..": the kernel asks for another try. */
    for (int tries = 0; tries < TRIES_MAX && fd == -EAGAIN; tries++)
        fd = sys_openat2(rootfd, path, &how);
    /*
     * EPERM is what sandboxes answer; if it was the file's own, opening by hand says so again. Nor
     * can somebody who renames all the time keep it from coming to an end.
     */
    if (fd == -ENOSYS || fd == -EPERM || fd == -EAGAIN)
        return open_by_hand(rootfd, path, flags, mode);
    return fd;
}

/* Not an errno: the path goes on elsewhere. */
#define MAKE_ON (-65536)

/* Make one component, in a directory that is already open, and open it. */
static int make_in(int dirfd, const char *name, enum root_make make)
{
    if (make == ROOT_MAKE_FILE) {
        int fd = sys_openat(dirfd, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0644);
        if (fd >= 0)
            sys_close(fd);
        else if (fd != -EEXIST)
            return fd;
    } else {
        int rc = sys_mkdirat(dirfd, name, 0755);
        if (rc < 0 && rc != -EEXIST)
            return rc;
    }
    return root_open(dirfd, name, O_PATH | O_NOFOLLOW, 0);
}

/* A link that leads nowhere yet: its text takes the place of its name in the path. */
static int lead_on(int link, char *path, char *parent, const char *rest)
{
    char text[PATH_SIZE];
    ssize_t n = sys_readlinkat(link, "", text, sizeof text - 1);
    if (n < 0)
        return (int)n;
    text[n] = '\0';
    size_t at = text_append(parent, PATH_SIZE, *text == '/' ? 0 : text_length(parent), "/");
    at = text_append(parent, PATH_SIZE, at, text);
    at = text_append(parent, PATH_SIZE, at, rest);
    if (at >= PATH_SIZE)
        return -ENAMETOOLONG;
    text_append(path, PATH_SIZE, 0, parent);
    return MAKE_ON;
}

/*
 * Open a path component by component, and make what is missing. Every prefix is opened from the
 * root anew: a link may lead anywhere below it. Returns an fd, -errno, or MAKE_ON when path has
 * become another one.
 */
static int make_along(int rootfd, char *path, enum root_make make)
{
    char prefix[PATH_SIZE], name[256];
    const char *rest = path;
    size_t at = 0;
    int dir = sys_fcntl(rootfd, F_DUPFD_CLOEXEC, 3);
    prefix[0] = '\0';
    while (dir >= 0 && !only_slashes(rest)) {
        size_t parent = at;
        int fd = next_component(&rest, name, sizeof name);
        if (fd >= 0) {
            at = text_append(prefix, sizeof prefix, at, "/");
            at = text_append(prefix, sizeof prefix, at, name);
            fd = at < sizeof prefix ? root_open(rootfd, prefix, O_PATH, 0) : -ENAMETOOLONG;
        }
        if (fd == -ENOENT)
            fd = make_in(dir, name, only_slashes(rest) ? make : ROOT_MAKE_DIRECTORY);
        sys_close(dir);
        dir = fd;
        if (fd >= 0 && is_link(fd)) {
            prefix[parent] = '\0';
            dir = lead_on(fd, path, prefix, rest);
            sys_close(fd);
        }
    }
    return dir;
}

/* By itself, for its paths take pages of the stack, and nearly always all is there. */
__attribute__((noinline)) static int make_missing(int rootfd, const char *path, enum root_make make)
{
    char copy[PATH_SIZE];
    int fd = MAKE_ON;
    if (text_append(copy, sizeof copy, 0, path) >= sizeof copy)
        return -ENAMETOOLONG;
    for (int links = 0; links <= LINKS_MAX && fd == MAKE_ON; links++)
        fd = make_along(rootfd, copy, make);
    return fd == MAKE_ON ? -ELOOP : fd;
}

int root_make(int rootfd, const char *path, enum root_make make)
{
    int fd = root_open(rootfd, path, make & ROOT_NO_LINK ? O_PATH | O_NOFOLLOW : O_PATH, 0);
    make &= ~(unsigned)ROOT_NO_LINK;
    return fd == -ENOENT && make != ROOT_MAKE_NOTHING ? make_missing(rootfd, path, make) : fd;
}
