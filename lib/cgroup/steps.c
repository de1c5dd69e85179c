/* SPDX-License-Identifier: MIT */
#include "base/file.h"
#include "base/sys.h"
#include "step/step.h"

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
    int group = w->fd[step->fd[0]];
    int rc = file_write(group, step_text(w, step->text[0]), step_text(w, step->text[1]));
    if (rc == -ENOENT && step->text[2])
        rc = file_write(group, step_text(w, step->text[2]), step_text(w, step->text[3]));
    return rc;
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
