/* SPDX-License-Identifier: MIT */
/*
 * A user namespace that nothing runs in: what idmapped mounts take their map from.
 */
#include "base/sys.h"
#include "base/text.h"
#include "namespace/spawn.h"
#include "namespace/write.h"
#include "step/step.h"

static int open_namespace(int pid)
{
    char path[32 + TEXT_NUMBER];
    size_t at = text_append(path, sizeof path, 0, "/proc/");
    at = text_append_number(path, sizeof path, at, (uint64_t)pid);
    text_append(path, sizeof path, at, "/ns/user");
    return sys_openat(AT_FDCWD, path, O_RDONLY, 0);
}

int namespace_make_step(struct step_walk *w, const struct step *step)
{
    int pidfd;
    int pid = spawn_user_namespace(&pidfd);
    if (pid < 0)
        return pid;
    int rc = step_detail(w, DETAIL_ID_MAP, maps_write(w, step, pid));
    int fd = rc < 0 ? rc : open_namespace(pid);
    spawn_reap(pidfd);
    if (fd >= 0)
        w->fd[step->fd[0]] = fd;
    return fd < 0 ? fd : 0;
}
