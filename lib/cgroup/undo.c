/* SPDX-License-Identifier: MIT */
#include "cgroup/tree.h"
#include "base/sys.h"
#include "step/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * The last process of a group may have been waited for a moment before the kernel lets go of the
 * group. How often a removal is tried again, a millisecond apart.
 */
#define TRIES 50

/*
 * True when the name still stands for the group that was made: it may have been deleted since with
 * its container, and be the group of another one of the same name, which is about to enter it.
 */
static bool is_still_there(int parent, const char *name, int group)
{
    struct stat made, named;
    return fstat(group, &made) < 0 ||
           (fstatat(parent, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && made.st_ino == named.st_ino);
}

static int remove_own(int parent, const char *name, int group)
{
    return is_still_there(parent, name, group) ? tree_remove(parent, name) : 0;
}

int cgroup_make_undo(struct step_walk *w, const struct step *step)
{
    const struct timespec moment = {0, 1000000};
    const char *name = step_text(w, step->text[1]);
    int parent = sys_openat(AT_FDCWD, step_text(w, step->text[0]), O_PATH | O_DIRECTORY, 0);
    if (parent < 0)
        return parent == -ENOENT ? 0 : parent;
    int group = w->fd[step->fd[0]];
    int rc = remove_own(parent, name, group);
    for (int i = 0; rc == -EBUSY && i < TRIES; i++) {
        nanosleep(&moment, NULL);
        rc = remove_own(parent, name, group);
    }
    close(parent);
    return rc == -ENOENT ? 0 : rc; /* a sweep was first */
}

/* It was not there when the plan was compiled; whoever else uses it by now keeps it. */
int cgroup_above_undo(struct step_walk *w, const struct step *step)
{
    int parent = sys_openat(AT_FDCWD, step_text(w, step->text[0]), O_PATH | O_DIRECTORY, 0);
    if (parent < 0)
        return 0;
    unlinkat(parent, step_text(w, step->text[1]), AT_REMOVEDIR);
    close(parent);
    return 0;
}
