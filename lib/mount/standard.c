/* SPDX-License-Identifier: MIT */
/*
 * The mounts that every container has: the OCI runtime specification's (config-linux.md, "Default
 * Filesystems"), with the options that engines give them.
 */
#include "mount/compile.h"
#include "base/open.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/mount.h>
#include <scratch/namespace.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LENGTH(array)    (sizeof(array) / sizeof *(array))
#define NO_SUID_DEV_EXEC (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

bool mount_no_link(const char *type)
{
    return strcmp(type, "proc") == 0 || strcmp(type, "sysfs") == 0;
}

static void put_mount(struct builder *b, const char *type, const char *target, const char *data,
                      uint64_t attributes)
{
    uint32_t type_text = builder_text(b, type), target_text = builder_text(b, target);
    uint32_t data_text = builder_text(b, data);
    struct step *step = builder_add(b, STEP_MOUNT, STEP_CONTAINER);
    step->text[0] = type_text;
    step->text[1] = target_text;
    step->text[2] = type_text;
    step->text[3] = data_text;
    step->num[0] = attributes;
    step->num[1] = ROOT_MAKE_DIRECTORY;
    /* The namespace that it shows, where it shows one, is new. */
    step->num[3] = strcmp(type, "sysfs") == 0;
    step->num[5] = mount_no_link(type);
}

static void put_host_bind(struct builder *b, const char *path, uint64_t attributes)
{
    uint32_t text = builder_text(b, path);
    struct step *step = builder_add(b, STEP_BIND, STEP_CONTAINER);
    step->text[0] = step->text[1] = text;
    step->num[0] = attributes;
    step->num[1] = ROOT_MAKE_DIRECTORY;
    step->num[2] = BIND_TREE;
}

/* Group 5 is "tty" in every distribution; devpts refuses one that is not mapped. */
static const char *devpts_options(const struct builder *b)
{
    bool mapped = b->user_namespace ? builder_maps(&b->gids, 5) : !b->nested;
    return mapped ? "newinstance,ptmxmode=0666,mode=0620,gid=5"
                  : "newinstance,ptmxmode=0666,mode=0620";
}

void mount_compile_standard(struct builder *b, uint64_t shm_size, bool host)
{
    char shm[64];
    snprintf(shm, sizeof shm, shm_size ? "mode=1777,size=%" PRIu64 : "mode=1777", shm_size);
    /* A new one shows the pid namespace of whoever mounts it: without a new one, the host's. */
    uint64_t own = b->namespaces | b->joined, read_only = host ? 0 : MOUNT_ATTR_RDONLY;
    if (own & SCRATCH_NS_PID)
        put_mount(b, "proc", "/proc", NULL, NO_SUID_DEV_EXEC);
    else
        put_host_bind(b, "/proc", NO_SUID_DEV_EXEC);

    put_mount(b, "tmpfs", "/dev", "mode=755,size=64k", MOUNT_ATTR_NOSUID);
    builder_add(b, STEP_DEVICES, STEP_CONTAINER)->num[0] = b->user_namespace || b->nested;
    put_mount(b, "devpts", "/dev/pts", devpts_options(b), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    put_mount(b, "tmpfs", "/dev/shm", shm, NO_SUID_DEV_EXEC);
    if (own & SCRATCH_NS_IPC)
        put_mount(b, "mqueue", "/dev/mqueue", NULL, NO_SUID_DEV_EXEC);

    /* Whoever owns the network namespace may mount it; others see the host's, read-only. */
    if (b->namespaces & SCRATCH_NS_NET)
        put_mount(b, "sysfs", "/sys", NULL, NO_SUID_DEV_EXEC | read_only);
    else
        put_host_bind(b, "/sys", NO_SUID_DEV_EXEC | read_only);
    if (host)
        mount_compile_host(b);
}

/* ---- hidden and read-only paths ------------------------------------------------------------- */

static const char *const hidden[] = {
    "/proc/acpi",          "/proc/asound",      "/proc/kcore",   "/proc/keys",
    "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",    "/proc/timer_list",
    "/proc/timer_stats",   "/proc/interrupts",  "/sys/firmware", "/sys/devices/virtual/powercap",
    "/sys/dev/block",      "/sys/fs/selinux",
};
static const char *const read_only[] = {
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

const char *const *scratch_rootfs_masked_paths(size_t *count)
{
    *count = LENGTH(hidden);
    return hidden;
}

const char *const *scratch_rootfs_read_only_paths(size_t *count)
{
    *count = LENGTH(read_only);
    return read_only;
}

static int check_paths(struct builder *b, const char *what, const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!paths[i] || *paths[i] != '/')
            return error_set(b->err, EINVAL, what, paths[i],
                             "give an absolute path inside the root");
    return 0;
}

static int put_paths(struct builder *b, enum step_kind kind, const char *what,
                     const char *const *paths, size_t count)
{
    int rc = check_paths(b, what, paths, count);
    if (rc < 0 || count == 0)
        return rc;
    uint32_t list = builder_list(b, paths, count);
    builder_add(b, kind, STEP_CONTAINER)->text[0] = list;
    return 0;
}

int mount_compile_masks(struct builder *b, const struct scratch_rootfs_options *o)
{
    /* The defaults are about the standard mounts. */
    size_t masked_count = o->standard_mounts ? LENGTH(hidden) : 0;
    size_t read_only_count = o->standard_mounts ? LENGTH(read_only) : 0;
    const char *const *masked = hidden, *const *kept = read_only;
    if (o->masked_paths) {
        masked = o->masked_paths;
        masked_count = o->masked_path_count;
    }
    if (o->read_only_paths) {
        kept = o->read_only_paths;
        read_only_count = o->read_only_path_count;
    }
    int rc = put_paths(b, STEP_MASK, "masked path", masked, masked_count);
    if (rc == 0)
        rc = put_paths(b, STEP_READ_ONLY_PATHS, "read-only path", kept, read_only_count);
    return rc;
}

void mount_compile_default_devices(struct builder *b)
{
    struct step *step = builder_add(b, STEP_DEVICES, STEP_CONTAINER);
    step->num[0] = b->user_namespace || b->nested;
    step->num[1] = true;
}

void mount_compile_directory(struct builder *b, const char *path)
{
    uint32_t text = builder_text(b, path);
    struct step *step = builder_add(b, STEP_DIRECTORY, STEP_CONTAINER);
    step->text[0] = text;
    step->flags = STEP_BEST_EFFORT;
}
