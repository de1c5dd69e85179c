/* SPDX-License-Identifier: MIT */
#include "base/file.h"
#include "base/sys.h"
#include "base/text.h"
#include "step/step.h"

#include <sys/file.h>

/*
 * The directory stays open and locked (shared) as long as its container has a handle: that is how
 * scratch_sweep(), which asks for an exclusive lock, knows what is left over. Between mkdir and
 * lock a sweep may remove it again; then a second mkdir succeeds, and tells.
 */
static int make_locked(int parent, const char *name)
{
    int rc = sys_mkdirat(parent, name, 0755);
    while (rc == 0) {
        int fd = sys_openat(parent, name, O_RDONLY | O_DIRECTORY, 0);
        rc = fd < 0 ? fd : sys_flock(fd, LOCK_SH | LOCK_NB);
        if (rc == 0 || rc == -EAGAIN || rc == -ENOENT) { /* a sweep has it, or had it */
            int again = sys_mkdirat(parent, name, 0755);
            if (rc == 0 && again == -EEXIST)
                return fd;
            rc = again == -EEXIST ? 0 : again;
        }
        if (rc < 0)
            sys_unlinkat(parent, name, AT_REMOVEDIR);
        if (fd >= 0)
            sys_close(fd);
    }
    return rc;
}

int cgroup_make_step(struct step_walk *w, const struct step *step)
{
    int parent = sys_openat(AT_FDCWD, step_text(w, step->text[0]), O_PATH | O_DIRECTORY, 0);
    if (parent < 0)
        return step_detail(w, DETAIL_TARGET, parent);
    int fd = make_locked(parent, step_text(w, step->text[1]));
    sys_close(parent);
    if (fd < 0)
        return fd;
    w->fd[step->fd[0]] = fd;
    return 0;
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
 * cgroup.procs, and any other pid, costs: 0.06 ms rather than 5 to 15. (v2 is cloned into, but for
 * scratch_cgroup_join_self().)
 */
int cgroup_join_step(struct step_walk *w, const struct step *step)
{
    return file_write(w->fd[step->fd[0]], step_text(w, step->text[0]), "0");
}
