/* SPDX-License-Identifier: MIT */
/*
 * The rule of v2 that a group has either processes or groups with controllers below it, and how a
 * caller comes to stand aside.
 */
#include "cgroup/layout.h"
#include "cgroup/processes.h"
#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WHAT "move the own processes to a leaf"

/* How often to look for processes that were started meanwhile. */
#define ROUNDS 100

static int move_one(int leaf, pid_t pid)
{
    char text[24];
    snprintf(text, sizeof text, "%d", (int)pid);
    int rc = file_write(leaf, "cgroup.procs", text);
    return rc == -ESRCH ? 0 : rc; /* it has ended */
}

static int move_all(int group, int leaf)
{
    int rc = 0;
    for (int i = 0; i < ROUNDS && rc == 0; i++) {
        struct processes all = {0};
        rc = processes_read(&all, group, false);
        for (size_t n = 0; n < all.count && rc == 0; n++)
            rc = move_one(leaf, all.pid[n]);
        bool done = all.count == 0;
        free(all.pid);
        if (done)
            return rc;
    }
    return rc < 0 ? rc : -EBUSY;
}

static int move_to(int group, const char *name, struct scratch_error *err)
{
    if (mkdirat(group, name, 0755) < 0 && errno != EEXIST)
        return error_call(err, errno, "mkdir(2)", WHAT, name,
                          "run in a group that was delegated: systemd-run --user --scope "
                          "-p Delegate=yes");
    int leaf = openat(group, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int rc = leaf < 0 ? -errno : move_all(group, leaf);
    if (leaf >= 0)
        close(leaf);
    return rc < 0 ? error_set(err, -rc, WHAT, name, NULL) : 0;
}

int scratch_cgroup_leaf_self(const char *name, char *parent, size_t size, struct scratch_error *err)
{
    struct cgroup_hierarchy hierarchy;
    char own[PATH_MAX], full[2 * PATH_MAX];
    if (!name || !*name || *name == '.' || strchr(name, '/'))
        return error_set(err, EINVAL, WHAT, name, "give the leaf a file name");
    if (layout_look("unified", &hierarchy) < 0)
        return error_because(err, ENOTSUP, WHAT, NULL, "there is no cgroup v2 here",
                             "v1 has no such rule: nothing is to be done");
    int rc = layout_group_of(0, own, sizeof own);
    if (rc < 0)
        return error_set(err, -rc, WHAT, "/proc/self/cgroup", NULL);
    snprintf(full, sizeof full, "%s/%s", hierarchy.mount, own);
    int group = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (group < 0)
        return error_call(err, errno, "open(2)", WHAT, full, NULL);
    /* The root of all has no cgroup.type, and the rule is not for it. */
    if (faccessat(group, "cgroup.type", F_OK, 0) == 0)
        rc = move_to(group, name, err);
    close(group);
    if (rc == 0 && parent)
        snprintf(parent, size, "%s", own);
    return rc;
}
