/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "base/sys.h"
#include "base/text.h"
#include "namespace/compile.h"
#include "namespace/refusal.h"
#include "namespace/types.h"
#include "step/self.h"

#include <scratch/namespace.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PROC_PATH 64

/* The letter of pidfds' ioctls: <linux/pidfd.h> has them since 6.11. */
#define PIDFD_IOCTL 0xff

/* ---- unshare -------------------------------------------------------------------------------- */

int scratch_namespace_unshare_self(uint64_t types, struct scratch_error *err)
{
    struct builder b;
    if (types & ~NAMESPACE_ALL)
        return error_set(err, EINVAL, "new namespaces", NULL, "use SCRATCH_NS_ values");
    builder_begin(&b, err);
    builder_add(&b, STEP_UNSHARE, STEP_HOST)->num[0] = types;
    if (types & SCRATCH_NS_USER)
        namespace_compile_own_ids(&b, STEP_HOST);
    if (types & SCRATCH_NS_MNT)
        namespace_compile_private(&b, STEP_HOST);
    int rc = step_run_self(&b, 0, NULL);
    if (rc < 0)
        namespace_refusal(err, types);
    return rc;
}

/* ---- open ----------------------------------------------------------------------------------- */

/* The process of a pidfd, by its number here: from /proc/self/fdinfo. */
static int pid_of(int pidfd)
{
    char path[PROC_PATH], line[128];
    long pid = 0;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    FILE *in = fopen(path, "re");
    if (!in)
        return errno == ENOENT ? -EBADF : -errno;
    while (pid == 0 && fgets(line, sizeof line, in))
        if (text_begins(line, "Pid:"))
            pid = strtol(line + 4, NULL, 10);
    fclose(in);
    if (pid == 0)
        return -EBADF; /* not a pidfd, or of a process that is not seen from here */
    return pid < 0 ? -ESRCH : (int)pid;
}

/* Before 6.11: by its pid, which is still its own when the process can be signalled afterwards. */
static int open_in_proc(int pidfd, const struct namespace_type *type)
{
    char path[PROC_PATH];
    int pid = pid_of(pidfd);
    if (pid < 0)
        return pid;
    snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, type->name);
    int fd = sys_openat(AT_FDCWD, path, O_RDONLY, 0);
    if (fd == -ENOENT)
        return -ESRCH;
    int alive = (int)sys4(SYS_pidfd_send_signal, pidfd, 0, 0, 0);
    if (fd >= 0 && alive == -ESRCH) {
        sys_close(fd);
        return -ESRCH;
    }
    return fd;
}

static int open_of(int pidfd, const struct namespace_type *type)
{
    char path[PROC_PATH];
    if (pidfd >= 0) {
        int fd = ioctl(pidfd, _IO(PIDFD_IOCTL, type->ioctl), 0);
        if (fd >= 0 || errno == ESRCH || errno == EACCES || errno == EBADF)
            return fd >= 0 ? fd : -errno;
        return open_in_proc(pidfd, type);
    }
    snprintf(path, sizeof path, "/proc/thread-self/ns/%s", type->name);
    return sys_openat(AT_FDCWD, path, O_RDONLY, 0);
}

static const char *open_hint(int rc)
{
    if (rc == -EACCES)
        return "it takes the right to trace the process: be its user, or root";
    return rc == -EBADF ? "give a pidfd, from pidfd_open(2) or scratch_container_pidfd()" : NULL;
}

int scratch_namespace_open(int pidfd, uint64_t flag, struct scratch_error *err)
{
    const struct namespace_type *type = namespace_type(flag);
    if (!type)
        return error_set(err, EINVAL, "open a namespace", NULL, "name one SCRATCH_NS_ value");
    int fd = open_of(pidfd, type);
    if (fd < 0)
        return error_call(err, -fd, "open(2)", "open a namespace of a process", type->name,
                          open_hint(fd));
    return fd;
}

/* ---- join ----------------------------------------------------------------------------------- */

int scratch_namespace_join_self(int fd, uint64_t types, struct scratch_error *err)
{
    struct builder b;
    if (types & ~NAMESPACE_ALL)
        return error_set(err, EINVAL, "join namespaces", NULL, "use SCRATCH_NS_ values");
    if (fd < 0)
        return error_set(err, EBADF, "join namespaces", NULL,
                         "give a pidfd, or an fd from scratch_namespace_open()");
    builder_begin(&b, err);
    struct step *step = builder_add(&b, STEP_JOIN_NAMESPACE, STEP_HOST);
    step->num[0] = types;
    step->fd[0] = 0;
    b.fd[0] = fd; /* borrowed: the builder, whose fd count stays 0, does not close it */
    int rc = step_run_self(&b, 0, NULL);
    if (rc < 0)
        namespace_join_refusal(err, types);
    return rc;
}

int scratch_namespace_join_path_self(int dirfd, const char *path, uint64_t type,
                                     struct scratch_error *err)
{
    int fd = sys_openat(dirfd, path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0);
    if (fd < 0)
        return error_call(err, -fd, "open(2)", "join a namespace", path, NULL);
    int rc = scratch_namespace_join_self(fd, type, err);
    sys_close(fd);
    if (rc < 0 && err)
        error_write(err->subject, "%s", path);
    return rc;
}
