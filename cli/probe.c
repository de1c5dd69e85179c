/* SPDX-License-Identifier: MIT */
#include "cli/probe.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMFD_EXEC 0x0010 /* MFD_EXEC, since 6.3 */

/* ---- namespaces ----------------------------------------------------------------------------- */

size_t probe_namespaces(struct probe *probes, size_t size)
{
    static const struct probe known[] = {
        {.name = "mnt", .use = "mounts"},
        {.name = "pid", .use = "process ids"},
        {.name = "net", .use = "network"},
        {.name = "ipc", .use = "System V IPC, message queues"},
        {.name = "uts", .use = "host name"},
        {.name = "cgroup", .use = "root of control groups"},
        {.name = "user", .use = "user and group ids"},
        {.name = "time", .use = "clocks since boot"},
    };
    const size_t count = sizeof known / sizeof *known;
    for (size_t i = 0; i < count && i < size; i++) {
        char path[32];
        snprintf(path, sizeof path, "/proc/self/ns/%s", known[i].name);
        probes[i] = known[i];
        probes[i].there = access(path, F_OK) == 0;
    }
    return count;
}

/* ---- the kernel ----------------------------------------------------------------------------- */

/* A call that is there refuses these arguments, whichever it is. */
static int try_call(long number)
{
    return syscall(number, -1L, -1L, -1L, -1L, -1L, -1L) < 0 && errno == ENOSYS ? -ENOSYS : 0;
}

static int try_seccomp(void)
{
    const uint32_t action = SECCOMP_RET_ERRNO;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0 ? -errno : 0;
}

static int try_memfd(void)
{
    int fd = memfd_create("probe", MFD_CLOEXEC | MEMFD_EXEC);
    if (fd < 0 && errno == EINVAL)
        fd = memfd_create("probe", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

/* In a child, for it cannot be undone. */
static int try_user_namespace(void)
{
    int status;
    pid_t pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0)
        _exit(unshare(CLONE_NEWUSER) < 0 ? errno : 0);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) ? -WEXITSTATUS(status) : -EPERM;
}

static bool file_has_word(const char *path, const char *word)
{
    char line[256];
    bool found = false;
    FILE *in = fopen(path, "re");
    while (in && !found && fgets(line, sizeof line, in)) {
        char *rest = line;
        for (char *w; !found && (w = strsep(&rest, " \t\n"));)
            found = strcmp(w, word) == 0;
    }
    if (in)
        fclose(in);
    return found;
}

/* fsopen(2) loads the module, where the caller may; otherwise it must have been loaded. */
static int try_overlay(void)
{
    int fd = (int)syscall(SYS_fsopen, "overlay", 1 /* FSOPEN_CLOEXEC */);
    if (fd >= 0) {
        close(fd);
        return 0;
    }
    return file_has_word("/proc/filesystems", "overlay") ? 0 : -ENODEV;
}

/* What is known to forbid it, and what would allow it. */
struct obstacle {
    const char *file, *value, *text;
};

static const struct obstacle user_obstacles[] = {
    {"/proc/sys/user/max_user_namespaces", "0", "sysctl user.max_user_namespaces is 0"},
    {"/proc/sys/kernel/unprivileged_userns_clone", "0",
     "sysctl kernel.unprivileged_userns_clone is 0"},
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
     "sysctl kernel.apparmor_restrict_unprivileged_userns is 1"},
    {NULL, NULL, NULL},
};

static const struct obstacle memfd_obstacles[] = {
    {"/proc/sys/vm/memfd_noexec", "2", "sysctl vm.memfd_noexec is 2"},
    {NULL, NULL, NULL},
};

struct kernel_probe {
    const char *name, *use;
    long number;      /* a system call, or 0 */
    int (*try)(void); /* where there is none: 0 or -errno */
    const struct obstacle *obstacles;
    const char *instead; /* what the library uses where it is not there, or NULL */
};

static const struct kernel_probe kernel_probes[] = {
    {"user-namespaces", "containers without root", 0, try_user_namespace, user_obstacles, NULL},
    {"overlay", "layers of directories", 0, try_overlay, NULL, NULL},
    {"seccomp", "system call filters", 0, try_seccomp, NULL, NULL},
    {"executable-memfd", "scratch-init as nobody's file", 0, try_memfd, memfd_obstacles,
     "a file without a name"},
    {"clone3", "new namespaces with a pidfd (5.3)", SYS_clone3, NULL, NULL, "clone(2)"},
    {"openat2", "paths that cannot leave the root (5.6)", SYS_openat2, NULL, NULL,
     "openat(2) of each component"},
    {"close_range", "no fd that leaks (5.9)", SYS_close_range, NULL, NULL, NULL},
    {"open_tree", "mounts attached when complete (5.2)", SYS_open_tree, NULL, NULL, "mount(2)"},
    {"mount_setattr", "read-only to the last submount (5.12)", SYS_mount_setattr, NULL, NULL,
     "mount(2) for each"},
};

static const char *why_not(const struct obstacle *obstacles, int errnum)
{
    for (const struct obstacle *o = obstacles; o && o->file; o++)
        if (file_has_word(o->file, o->value))
            return o->text;
    return strerror(errnum);
}

size_t probe_kernel(struct probe *probes, size_t size)
{
    const size_t count = sizeof kernel_probes / sizeof *kernel_probes;
    for (size_t i = 0; i < count && i < size; i++) {
        const struct kernel_probe *k = &kernel_probes[i];
        int rc = k->try ? k->try() : try_call(k->number);
        probes[i] = (struct probe){.name = k->name, .use = k->use, .there = rc == 0};
        if (rc < 0) {
            probes[i].why_not = why_not(k->obstacles, -rc);
            probes[i].instead = k->instead;
        }
    }
    return count;
}

/* ---- libraries ------------------------------------------------------------------------------ */

size_t probe_libraries(struct probe *probes, size_t size)
{
    static const struct probe known[] = {
        {.name = LIBSECCOMP_SONAME, .use = "filters for more capabilities"},
        {.name = LIBCGROUP_SONAME, .use = "which cgroup controllers are where"},
        {.name = LIBMOUNT_SONAME, .use = "fstab lines, mount tables"},
    };
    const size_t count = sizeof known / sizeof *known;
    for (size_t i = 0; i < count && i < size; i++) {
        void *library = dlopen(known[i].name, RTLD_LAZY | RTLD_LOCAL);
        probes[i] = known[i];
        probes[i].there = library;
        if (library)
            dlclose(library);
        else
            probes[i].why_not = "it cannot be loaded";
    }
    return count;
}
