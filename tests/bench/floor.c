/* SPDX-License-Identifier: MIT */
#include "floor.h"
#include "base/clone.h"
#include "base/text.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* As <sys/mount.h> has them, which clashes with <linux/mount.h> in some C libraries. */
#define MS_RDONLY_        1
#define MS_NOSUID_        2
#define MS_NODEV_         4
#define MS_NOEXEC_        8
#define MS_BIND_          4096
#define MS_REC_           16384
#define MS_PRIVATE_       (1 << 18)
#define MNT_DETACH_       2
#define NO_SUID_DEV_EXEC_ (MS_NOSUID_ | MS_NODEV_ | MS_NOEXEC_)

#define PIDS_MAX     "100"
#define SIGNAL_CHILD 17

#define NAMESPACES_MIN  (CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS)
#define NAMESPACES_FULL (NAMESPACES_MIN | CLONE_NEWIPC | CLONE_NEWNET)

#define CAPABILITIES_DEFAULT UINT64_C(0x800405fb)

static const struct sock_filter filter[] = {
#include "seccomp_default.inc"
};

struct floor_child {
    const struct floor_options *options;
    int group;
    int rc; /* why it has not come to the exec */
};

struct floor_mount {
    const char *type, *target, *data;
    unsigned long flags;
    bool make; /* its directory has to be made */
};

/* Paths are relative: the working directory is the new root. */
static const struct floor_mount proc = {"proc", "proc", NULL, NO_SUID_DEV_EXEC_, false};
static const struct floor_mount dev = {"tmpfs", "dev", "mode=755,size=64k", MS_NOSUID_, false};
static const struct floor_mount others[] = {
    {"devpts", "dev/pts", "newinstance,ptmxmode=0666,mode=0620,gid=5", MS_NOSUID_ | MS_NOEXEC_,
     true},
    {"tmpfs", "dev/shm", "mode=1777,size=64m", NO_SUID_DEV_EXEC_, true},
    {"mqueue", "dev/mqueue", NULL, NO_SUID_DEV_EXEC_, true},
    {"sysfs", "sys", NULL, NO_SUID_DEV_EXEC_ | MS_RDONLY_, false},
};
static const struct {
    const char *path;
    unsigned number; /* major << 8 | minor */
} nodes[] = {
    {"dev/null", 0x103},   {"dev/zero", 0x105},    {"dev/full", 0x107},
    {"dev/random", 0x108}, {"dev/urandom", 0x109}, {"dev/tty", 0x500},
};
static const struct {
    const char *text, *path;
} links[] = {
    {"/proc/self/fd", "dev/fd"},       {"/proc/self/fd/0", "dev/stdin"},
    {"/proc/self/fd/1", "dev/stdout"}, {"/proc/self/fd/2", "dev/stderr"},
    {"pts/ptmx", "dev/ptmx"},
};

/* ---- in the container ----------------------------------------------------------------------- */

static int mount_one(const struct floor_mount *m)
{
    int rc = m->make ? sys_mkdirat(AT_FDCWD, m->target, 0755) : 0;
    return rc < 0 ? rc : sys_mount(m->type, m->target, m->type, m->flags, m->data);
}

static int fill_dev(void)
{
    int rc = 0;
    for (unsigned i = 0; i < LENGTH(nodes) && rc == 0; i++)
        rc = sys_mknodat(AT_FDCWD, nodes[i].path, 0020666, nodes[i].number);
    for (unsigned i = 0; i < LENGTH(links) && rc == 0; i++)
        rc = sys_symlinkat(links[i].text, AT_FDCWD, links[i].path);
    for (unsigned i = 0; i < LENGTH(others) && rc == 0; i++)
        rc = mount_one(&others[i]);
    return rc;
}

static int enter_root(const struct floor_options *o)
{
    int rc = sys_mount(NULL, "/", NULL, MS_REC_ | MS_PRIVATE_, NULL);
    if (rc == 0 && o->overlay)
        rc = sys_mount("overlay", o->root, "overlay", 0, o->overlay);
    else if (rc == 0)
        rc = sys_mount(o->root, o->root, NULL, MS_BIND_ | MS_REC_, NULL);
    if (rc == 0)
        rc = sys_chdir(o->root);
    if (rc == 0)
        rc = mount_one(&proc);
    if (rc == 0 && o->full)
        rc = mount_one(&dev);
    if (rc == 0 && o->full)
        rc = fill_dev();
    if (rc == 0)
        rc = sys_pivot_root(".", ".");
    if (rc == 0)
        rc = sys_umount2(".", MNT_DETACH_);
    return rc == 0 ? sys_chdir("/") : rc;
}

static int drop_capabilities(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {0};
    for (int cap = 0; cap <= CAP_LAST_CAP; cap++) {
        if (CAPABILITIES_DEFAULT & (UINT64_C(1) << cap))
            continue;
        int rc = sys_prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
        if (rc < 0 && rc != -EINVAL) /* an older kernel has fewer */
            return rc;
    }
    data[0].permitted = data[0].effective = (uint32_t)CAPABILITIES_DEFAULT;
    int rc = (int)sys2(SYS_capset, (long)&header, (long)data);
    return rc == 0 ? sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) : rc;
}

static int load_filter(void)
{
    const struct sock_fprog program = {LENGTH(filter), (struct sock_filter *)filter};
    return (int)sys3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, (long)&program);
}

/* v1: "0" into tasks is the one fast way to join; v2 needs none, after CLONE_INTO_CGROUP. */
static int join_group(int group)
{
    int fd = sys_openat(group, "tasks", O_WRONLY, 0);
    if (fd < 0)
        return fd;
    ssize_t n = sys_write(fd, "0", 1);
    sys_close(fd);
    return n < 0 ? (int)n : 0;
}

static void child_main(void *argument)
{
    static char *const environment[] = {NULL};
    struct floor_child *child = argument;
    const struct floor_options *o = child->options;
    int rc = o->v2 ? 0 : join_group(child->group);
    if (rc == 0 && o->full && !o->v2) /* its root is the group that it is made in */
        rc = sys_unshare(CLONE_NEWCGROUP);
    if (rc == 0)
        rc = enter_root(o);
    if (rc == 0 && o->full)
        rc = drop_capabilities();
    if (rc == 0 && o->filter)
        rc = load_filter();
    if (rc == 0)
        rc = sys_execve(o->argv[0], o->argv, environment);
    child->rc = rc;
    sys_exit(1);
}

/* ---- on the host ---------------------------------------------------------------------------- */

static int run(const struct floor_options *o, int group)
{
    static char stack[16384] __attribute__((aligned(16)));
    struct floor_child child = {o, group, 0};
    struct clone_args arguments = {
        .flags = CLONE_VM | CLONE_VFORK | (o->full ? NAMESPACES_FULL : NAMESPACES_MIN),
        .exit_signal = SIGNAL_CHILD,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = sizeof stack,
    };
    if (o->v2) {
        arguments.flags |= CLONE_INTO_CGROUP | (o->full ? CLONE_NEWCGROUP : 0);
        arguments.cgroup = (uint64_t)group;
    }
    int pid = clone_call(&arguments, child_main, &child);
    if (pid < 0)
        return pid;
    int status, rc;
    do
        rc = sys_wait4(pid, &status, 0);
    while (rc == -EINTR);
    if (rc < 0)
        return rc;
    return child.rc < 0 ? child.rc : status;
}

static int limit(int group)
{
    int fd = sys_openat(group, "pids.max", O_WRONLY, 0);
    if (fd < 0)
        return fd;
    ssize_t n = sys_write(fd, PIDS_MAX, sizeof PIDS_MAX - 1);
    sys_close(fd);
    return n < 0 ? (int)n : 0;
}

bool floor_is(struct floor_options *options, const char *name)
{
    options->filter = text_equal(name, "seccomp");
    options->overlay = text_begins(name, "lowerdir=") ? name : NULL;
    options->full = options->filter || options->overlay || text_equal(name, "full");
    return options->full || text_equal(name, "min");
}

/* Each starter has its own: they may start at the same time. */
static void name_group(char name[16 + TEXT_NUMBER])
{
    size_t at = text_append(name, 16 + TEXT_NUMBER, 0, "floor-");
    text_append_number(name, 16 + TEXT_NUMBER, at, (uint64_t)sys_getpid());
}

int floor_start(const struct floor_options *options)
{
    char name[16 + TEXT_NUMBER];
    int parent = sys_openat(AT_FDCWD, options->group, O_PATH | O_DIRECTORY, 0);
    if (parent < 0)
        return parent;
    name_group(name);
    int rc = sys_mkdirat(parent, name, 0755);
    if (rc == 0) {
        int group = sys_openat(parent, name, O_PATH | O_DIRECTORY, 0);
        rc = group < 0 ? group : limit(group);
        if (rc == 0)
            rc = run(options, group);
        if (group >= 0)
            sys_close(group);
        int removed = sys_unlinkat(parent, name, AT_REMOVEDIR);
        if (rc >= 0 && removed < 0)
            rc = removed;
    }
    sys_close(parent);
    return rc;
}
