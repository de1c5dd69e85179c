/* SPDX-License-Identifier: MIT */
#include "base/file.h"
#include "base/sys.h"
#include "base/text.h"
#include "step/step.h"

#include <sys/file.h>

/*
 * The directory stays open and locked (shared) as long as its container has a handle: that is how
 * scratch_sweep(), which asks for an exclusive lock, knows what is left over. Between mkdir and
 * lock a sweep may remove it again; then a second mkdir succeeds, and tells. Until the lock is had
 * the directory is closed to others, who could take it first.
 */
static int make_locked(int parent, const char *name)
{
    int rc = sys_mkdirat(parent, name, 0700);
    while (rc == 0) {
        int fd = sys_openat(parent, name, O_RDONLY | O_DIRECTORY, 0);
        rc = fd < 0 ? fd : sys_flock(fd, LOCK_SH | LOCK_NB);
        if (rc == 0 || rc == -EAGAIN || rc == -ENOENT) { /* a sweep has it, or had it */
            int again = sys_mkdirat(parent, name, 0700);
            if (rc == 0 && again == -EEXIST) {
                sys_fchmod(fd, 0755);
                return fd;
            }
            rc = again == -EEXIST ? 0 : again;
        }
        if (rc < 0)
            sys_unlinkat(parent, name, AT_REMOVEDIR);
        if (fd >= 0)
            sys_close(fd);
    }
    return rc;
}

/* v1: what the container will join through is opened as well. A group that cannot be is no group.
 */
static int open_tasks(struct step_walk *w, const struct step *step, int parent, int group)
{
    if (step->fd[1] < 0)
        return 0;
    int fd = sys_openat(group, "tasks", O_WRONLY, 0);
    if (fd < 0) {
        sys_unlinkat(parent, step_text(w, step->text[1]), AT_REMOVEDIR);
        return fd;
    }
    w->fd[step->fd[1]] = fd;
    return 0;
}

int cgroup_make_step(struct step_walk *w, const struct step *step)
{
    int parent = sys_openat(AT_FDCWD, step_text(w, step->text[0]), O_PATH | O_DIRECTORY, 0);
    if (parent < 0)
        return step_detail(w, DETAIL_TARGET, parent);
    int group = make_locked(parent, step_text(w, step->text[1]));
    int rc = group < 0 ? group : open_tasks(w, step, parent, group);
    sys_close(parent);
    if (rc == 0)
        w->fd[step->fd[0]] = group;
    else if (group >= 0)
        sys_close(group);
    return rc;
}

int cgroup_enable_step(struct step_walk *w, const struct step *step)
{
    int dir = sys_openat(AT_FDCWD, step_text(w, step->text[0]), O_PATH | O_DIRECTORY, 0);
    if (dir < 0)
        return step_detail(w, DETAIL_TARGET, dir);
    int rc = file_write(dir, "cgroup.subtree_control", step_text(w, step->text[1]));
    sys_close(dir);
    return rc;
}

int cgroup_set_step(struct step_walk *w, const struct step *step)
{
    return file_write(w->fd[step->fd[0]], step_text(w, step->text[0]), step_text(w, step->text[1]));
}

/*
 * "0" into v1's tasks moves the writer alone, without the wait for an RCU grace period that
 * cgroup.procs, and any other pid, costs: 0.06 ms rather than 5 to 15. The host has opened the
 * file: in a user namespace the container's root is nobody to it.
 */
int cgroup_join_step(struct step_walk *w, const struct step *step)
{
    ssize_t n = sys_write(w->fd[step->fd[0]], "0", 1);
    return n < 0 ? (int)n : 0;
}
