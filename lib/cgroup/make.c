/* SPDX-License-Identifier: MIT */
/*
 * Making a group: its directory, or one that is there; and the groups above it.
 */
#include "base/sys.h"
#include "base/text.h"
#include "cgroup/frozen.h"
#include "cgroup/sweep.h"
#include "cgroup/tree.h"
#include "step/step.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

/* How often it is tried below groups that go meanwhile. */
#define ABOVE_TRIES 100

/* The same for a name whose own group is about to go, and how long to wait each time. */
#define NAME_TRIES 25
static const struct timespec moment = {0, 2000000};

/* ---- a directory of one's own ---------------------------------------------------------------- */

/*
 * The directory stays open and locked (shared) as long as its container has a handle: that is how
 * scratch_sweep(), which asks for an exclusive lock, knows what is left over. Until the lock is had
 * the directory is closed to others, who could take it first. Between mkdir and lock a sweep may
 * remove it again: then it cannot be opened to them by its path.
 */
static int make_locked(const char *path)
{
    int rc = sys_mkdirat(AT_FDCWD, path, 0700);
    while (rc == 0) {
        int fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
        rc = fd < 0 ? fd : sys_flock(fd, LOCK_SH | LOCK_NB);
        if (rc == 0 && sys_fchmodat(AT_FDCWD, path, 0755) != -ENOENT)
            return fd;
        if (rc == 0 || rc == -EAGAIN || rc == -ENOENT) { /* a sweep has it, or had it */
            rc = sys_mkdirat(AT_FDCWD, path, 0700);
            rc = rc == -EEXIST ? 0 : rc;
        }
        if (rc < 0)
            sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
        if (fd >= 0)
            sys_close(fd);
    }
    return rc;
}

/* ---- the groups above ------------------------------------------------------------------------ */

static int copy_file(int from, int to, const char *name)
{
    char text[1024];
    int in = sys_openat(from, name, O_RDONLY, 0), out = sys_openat(to, name, O_WRONLY, 0);
    ssize_t n = in < 0 || out < 0 ? -1 : sys_read(in, text, sizeof text);
    int rc = n > 0 && sys_write(out, text, (size_t)n) == n ? 0 : -EIO;
    if (in >= 0)
        sys_close(in);
    if (out >= 0)
        sys_close(out);
    return rc;
}

/*
 * A new cpuset of v1 is empty, and so nothing below it can be filled: nobody shall meet it so. It
 * is filled under a name that a sweep knows, and then gets its own.
 */
static int make_cpuset(const char *above, int parent, const char *name)
{
    char path[PATH_MAX];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int length = snprintf(path, sizeof path, "%s/" SLOT_ID_PREFIX "above-%d-%lld%09ld", above,
                          (int)gettid(), (long long)now.tv_sec, now.tv_nsec);
    if (length >= (int)sizeof path)
        return -ENAMETOOLONG;
    const char *work = path + strlen(above) + 1;
    int group = faccessat(parent, name, F_OK, 0) == 0 ? -EEXIST : make_locked(path);
    if (group < 0)
        return group;
    int rc = copy_file(parent, group, "cpuset.cpus");
    if (rc == 0)
        rc = copy_file(parent, group, "cpuset.mems");
    if (rc == 0 && renameat(parent, work, parent, name) < 0)
        rc = -errno;
    if (rc < 0)
        unlinkat(parent, work, AT_REMOVEDIR);
    sys_close(group);
    return rc;
}

static int make_above(const char *above, const char *name, bool cpuset)
{
    int parent = sys_openat(AT_FDCWD, above, O_PATH | O_DIRECTORY, 0);
    if (parent < 0)
        return parent;
    int rc = cpuset ? make_cpuset(above, parent, name) : sys_mkdirat(parent, name, 0755);
    sys_close(parent);
    return rc;
}

int cgroup_above_step(struct step_walk *w, const struct step *step)
{
    const char *above = step_text(w, step->text[0]);
    int rc = make_above(above, step_text(w, step->text[1]), step->num[0]);
    if (rc == -ENOENT)
        return step_detail(w, DETAIL_TARGET, rc);
    return rc == -EEXIST ? 0 : rc;
}

/* All of a group's, once more; the hierarchy's mount is so many bytes of the path. */
static int make_all_above(const char *path, size_t mount)
{
    char above[PATH_MAX];
    const char *cpuset = strstr(path, "/cpuset");
    int rc = 0;
    for (const char *at = path + mount, *end; rc == 0 && (end = strchr(at + 1, '/')); at = end) {
        snprintf(above, sizeof above, "%.*s", (int)(end - path), path);
        above[at - path] = '\0';
        rc = make_above(above, above + (at - path) + 1, cpuset && cpuset < path + mount);
        if (rc == -EEXIST)
            rc = 0;
    }
    return rc;
}

/* ---- the group itself ------------------------------------------------------------------------ */

/*
 * A group that somebody else has made is taken when it is nobody's: the lock shows whether another
 * starter holds it, and a process in it that it is in use.
 */
static int adopt(struct step_walk *w, const char *path)
{
    int fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    if (fd < 0)
        return fd;
    int rc = sys_flock(fd, LOCK_EX | LOCK_NB);
    if (rc < 0)
        rc = step_detail(w, DETAIL_HELD, -EBUSY);
    else if (tree_has_processes(fd))
        rc = step_detail(w, DETAIL_FOREIGN, -EBUSY);
    else
        rc = sys_flock(fd, LOCK_SH | LOCK_NB);
    if (rc < 0) {
        sys_close(fd);
        return rc;
    }
    return fd;
}

/* By this mark a sweep knows a group whose name is not one of ours. */
static int make_or_adopt(struct step_walk *w, const char *path)
{
    int fd = make_locked(path);
    if (fd == -EEXIST)
        return adopt(w, path);
    if (fd >= 0)
        fsetxattr(fd, TREE_MARK, "1", 1, 0); /* before 5.7 there are none */
    return fd;
}

/*
 * The groups above go with the last container in them: here, between their making and this one's.
 * Now and then that happens twice.
 */
static int make_anew(struct step_walk *w, const char *path, size_t mount)
{
    int group = -ENOENT;
    for (int i = 0; i < ABOVE_TRIES && group == -ENOENT; i++) {
        int rc = make_all_above(path, mount);
        if (rc < 0 && rc != -ENOENT)
            return rc;
        group = make_or_adopt(w, path);
    }
    return group;
}

/* What others make by a name of theirs is never taken for left over. */
static bool is_containers(const char *name)
{
    return strncmp(name, SLOT_ID_PREFIX, strlen(SLOT_ID_PREFIX)) == 0;
}

/*
 * What an ended container has left of this name is nobody's, and a sweep, or who deletes that
 * container, may be just about to remove it.
 */
static int make_again(const struct step_walk *w, const struct step *step, const char *path)
{
    int above = open(step_text(w, step->text[0]), O_PATH | O_DIRECTORY | O_CLOEXEC);
    int group = -EEXIST;
    for (int i = 0; i < NAME_TRIES && above >= 0 && group == -EEXIST; i++) {
        if (!cgroup_sweep_group(above, step_text(w, step->text[1]), w->died))
            nanosleep(&moment, NULL);
        group = make_locked(path);
    }
    if (above >= 0)
        close(above);
    return group;
}

/* Whoever joins a frozen group would not come back, nor who waits for it. */
static int check_frozen(struct step_walk *w, const struct step *step, int group)
{
    return step->num[2] && frozen_is(group) ? step_detail(w, DETAIL_FROZEN, -EBUSY) : 0;
}

/* v1: what the container will join through is opened as well. A group that cannot be is no group.
 */
static int open_tasks(struct step_walk *w, const struct step *step, int group)
{
    int fd;
    if (step->fd[1] < 0)
        return 0;
    fd = sys_openat(group, "tasks", O_WRONLY, 0);
    if (fd < 0)
        return fd;
    w->fd[step->fd[1]] = fd;
    return 0;
}

int cgroup_make_step(struct step_walk *w, const struct step *step)
{
    char path[PATH_MAX];
    bool adopting = step->num[0];
    size_t at = text_append(path, sizeof path, 0, step_text(w, step->text[0]));
    at = text_append(path, sizeof path, at, "/");
    at = text_append(path, sizeof path, at, step_text(w, step->text[1]));
    if (at >= sizeof path)
        return -ENAMETOOLONG;
    int group = adopting ? make_or_adopt(w, path) : make_locked(path);
    if (group == -ENOENT && adopting)
        group = make_anew(w, path, step->num[1]);
    if (group == -EEXIST && is_containers(step_text(w, step->text[1])))
        group = make_again(w, step, path);
    if (group < 0)
        return group == -ENOENT ? step_detail(w, DETAIL_TARGET, group) : group;
    int rc = check_frozen(w, step, group);
    if (rc == 0)
        rc = open_tasks(w, step, group);
    if (rc < 0) {
        if (!adopting)
            sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
        sys_close(group);
        return rc;
    }
    w->fd[step->fd[0]] = group;
    return 0;
}

/* ---- devices --------------------------------------------------------------------------------- */

static int bpf(int command, union bpf_attr *attributes)
{
    return (int)sys3(SYS_bpf, command, (long)attributes, sizeof *attributes);
}

/* The program stays with the group when its fd is closed, and goes with it. */
int cgroup_devices_step(struct step_walk *w, const struct step *step)
{
    union bpf_attr load = {
        .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
        .insn_cnt = (__u32)step->num[0],
        .insns = (__u64)(uintptr_t)block_at(w->plan, step->text[1]),
        .license = (__u64)(uintptr_t) "MIT",
        .prog_name = "scratch_devices",
    };
    int program = bpf(BPF_PROG_LOAD, &load);
    if (program < 0)
        return program;
    union bpf_attr attach = {
        .target_fd = (__u32)w->fd[step->fd[0]],
        .attach_bpf_fd = (__u32)program,
        .attach_type = BPF_CGROUP_DEVICE,
        .attach_flags = BPF_F_ALLOW_MULTI,
    };
    int rc = bpf(BPF_PROG_ATTACH, &attach);
    sys_close(program);
    return rc;
}
