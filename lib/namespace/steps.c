/* SPDX-License-Identifier: MIT */
#include "base/file.h"
#include "base/open.h"
#include "base/sys.h"
#include "base/text.h"
#include "namespace/write.h"
#include "step/step.h"

#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/prctl.h>
#include <sys/vfs.h>

int namespace_unshare_step(struct step_walk *w, const struct step *step)
{
    (void)w;
    return sys_unshare(step->num[0]);
}

int namespace_join_step(struct step_walk *w, const struct step *step)
{
    return sys_setns(w->fd[step->fd[0]], (int)step->num[0]);
}

/*
 * All at once: since Linux 5.8 a pidfd stands for the namespaces of its process. What is not needed
 * any more is closed before: the numbers of fds, at least, can be listed from inside.
 */
int namespace_join_container_step(struct step_walk *w, const struct step *step)
{
    int pidfd = w->fd[step->fd[0]], root = step->fd[1] < 0 ? -1 : w->fd[step->fd[1]];
    for (uint32_t i = 0; i < w->plan->fd_count; i++) {
        if (w->fd[i] >= 0 && w->fd[i] != pidfd && w->fd[i] != root)
            sys_close(w->fd[i]);
        w->fd[i] = -1;
    }
    int rc = step->num[0] ? sys_setns(pidfd, (int)step->num[0]) : 0;
    sys_close(pidfd);
    if (rc == 0 && root >= 0)
        rc = sys_fchdir(root);
    if (rc == 0 && root >= 0)
        rc = sys_chroot(".");
    if (root >= 0)
        sys_close(root);
    return rc;
}

int namespace_hostname_step(struct step_walk *w, const struct step *step)
{
    const char *name = step_text(w, step->text[0]);
    return sys_sethostname(name, text_length(name));
}

int namespace_domainname_step(struct step_walk *w, const struct step *step)
{
    const char *name = step_text(w, step->text[0]);
    return sys_setdomainname(name, text_length(name));
}

/* Any socket will do: netdevice(7). <linux/if.h> clashes with <net/if.h> in some C libraries. */
int namespace_loopback_step(struct step_walk *w, const struct step *step)
{
    static const struct {
        char name[16];
        short flags;
        char rest[22];
    } up = {"lo", 1 /* IFF_UP */, {0}};
    (void)w;
    (void)step;
    int fd = (int)sys3(SYS_socket, 1 /* AF_UNIX */, 2 /* SOCK_DGRAM */ | O_CLOEXEC, 0);
    if (fd < 0)
        return fd;
    int rc = (int)sys3(SYS_ioctl, fd, 0x8914 /* SIOCSIFFLAGS */, (long)&up);
    sys_close(fd);
    return rc;
}

static bool is_procfs(int fd)
{
    struct statfs fs;
    return sys2(SYS_fstatfs, fd, (long)&fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/*
 * A root that is not trusted may have a link at /proc, or anything else (CVE-2019-16884,
 * CVE-2019-19921). Nothing but procfs is written to, and it is procfs on the whole way down.
 */
int namespace_sysctl_step(struct step_walk *w, const struct step *step)
{
    int root = w->root >= 0 ? w->root : sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
    int sys = root < 0 ? root : root_open(root, "/proc/sys", O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
    if (root >= 0 && root != w->root)
        sys_close(root);
    if (sys < 0)
        return step_detail(w, DETAIL_NOT_PROC, sys);
    int file = root_open(sys, step_text(w, step->text[0]), O_WRONLY | O_NOFOLLOW, 0);
    int rc = file;
    if (file >= 0 && !(is_procfs(sys) && is_procfs(file)))
        rc = step_detail(w, DETAIL_NOT_PROC, -EPERM);
    if (rc >= 0)
        rc = file_put(file, step_text(w, step->text[1]));
    if (file >= 0)
        sys_close(file);
    sys_close(sys);
    return rc;
}

/*
 * Only a child that shares its parent's memory may still do this: a time namespace is closed for
 * changes once a process has entered it, and such a child enters at its exec.
 */
int namespace_time_offsets_step(struct step_walk *w, const struct step *step)
{
    return file_write(AT_FDCWD, "/proc/self/timens_offsets", step_text(w, step->text[0]));
}

/* A process may map its own id, and no other, without privilege: user_namespaces(7). */
int namespace_id_maps_step(struct step_walk *w, const struct step *step)
{
    int rc = 0;
    if (step->num[0]) /* a group that was there to deny something must not be shed */
        rc = file_write(AT_FDCWD, "/proc/self/setgroups", "deny");
    if (rc == 0)
        rc = file_write(AT_FDCWD, "/proc/self/uid_map", step_text(w, step->text[0]));
    if (rc == 0)
        rc = file_write(AT_FDCWD, "/proc/self/gid_map", step_text(w, step->text[1]));
    return rc;
}

/* A text argument, or else the start's own range, from id 0 on, in a buffer. */
static const char *map_text(const struct step_walk *w, uint32_t text, uint64_t count, char *buffer,
                            size_t size)
{
    if (text)
        return step_text(w, text);
    size_t at = text_append(buffer, size, 0, "0 ");
    at = text_append_number(buffer, size, at, w->ids);
    at = text_append(buffer, size, at, " ");
    text_append_number(buffer, size, at, count);
    return buffer;
}

int maps_write(const struct step_walk *w, const struct step *step, int pid)
{
    char path[32 + TEXT_NUMBER], range[4 + 2 * TEXT_NUMBER];
    size_t at = text_append(path, sizeof path, 0, "/proc/");
    text_append_number(path, sizeof path, at, (uint64_t)pid);
    int dir = sys_openat(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0);
    if (dir < 0)
        return dir;
    int rc = 0;
    if (step->num[0])
        rc = file_write(dir, "setgroups", "deny");
    for (int i = 0; i < 2 && rc == 0; i++)
        rc = file_write(dir, i ? "gid_map" : "uid_map",
                        map_text(w, step->text[i], step->num[1], range, sizeof range));
    sys_close(dir);
    return rc;
}

int namespace_id_maps_of_step(struct step_walk *w, const struct step *step)
{
    return maps_write(w, step, w->child);
}

static int capget(struct __user_cap_data_struct data[2])
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    return (int)sys2(SYS_capget, (long)&header, (long)data);
}

static int capset(const struct __user_cap_data_struct data[2])
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    return (int)sys2(SYS_capset, (long)&header, (long)data);
}

/*
 * An exec by a process whose user is not 0 in its user namespace drops every capability but the
 * ambient ones.
 */
int namespace_keep_caps_step(struct step_walk *w, const struct step *step)
{
    struct __user_cap_data_struct data[2];
    (void)w;
    (void)step;
    int rc = capget(data);
    if (rc < 0)
        return rc;
    data[0].inheritable = data[0].permitted;
    data[1].inheritable = data[1].permitted;
    rc = capset(data);
    for (int cap = 0; rc == 0 && cap < 64; cap++)
        if (data[cap / 32].permitted & (1u << cap % 32))
            rc = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
    return rc;
}

int namespace_become_root_step(struct step_walk *w, const struct step *step)
{
    struct __user_cap_data_struct data[2];
    (void)w;
    int rc = sys_setresgid(0, 0, 0);
    if (rc == 0 && !step->num[0]) /* where setgroups is denied, the caller's groups stay */
        rc = sys_setgroups(0, NULL);
    if (rc == 0)
        rc = sys_setresuid(0, 0, 0);
    if (rc == 0)
        rc = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (rc == 0)
        rc = capget(data);
    if (rc == 0) {
        data[0].inheritable = 0;
        data[1].inheritable = 0;
        rc = capset(data);
    }
    return rc;
}
