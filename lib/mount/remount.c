/* SPDX-License-Identifier: MIT */
/*
 * Attributes without mount_setattr(2), which came with Linux 5.12.
 */
#include "base/text.h"
#include "mount/attach.h"

#include <sys/vfs.h>

/* MS_* of mount(2): <sys/mount.h> clashes with <linux/mount.h> in some C libraries. */
#define MS_REMOUNT_     (1ul << 5)
#define MS_BIND_        (1ul << 12)
#define MS_RELATIME_    (1ul << 21)
#define MS_STRICTATIME_ (1ul << 24)

/* An attribute, as statfs(2) reports it, and as mount(2) takes it. */
struct attribute_flag {
    uint32_t attribute, reported, flag;
};
static const struct attribute_flag flags[] = {
    {MOUNT_ATTR_RDONLY, 1, 1},
    {MOUNT_ATTR_NOSUID, 2, 2},
    {MOUNT_ATTR_NODEV, 4, 4},
    {MOUNT_ATTR_NOEXEC, 8, 8},
    {MOUNT_ATTR_NODIRATIME, 2048, 2048},
    {MOUNT_ATTR_NOATIME, 1024, 1024},
    {MOUNT_ATTR_NOSYMFOLLOW, 8192, 256},
};
#define FLAGS             (sizeof flags / sizeof *flags)
#define REPORTED_RELATIME 4096

/* A remount replaces all flags: those that the mount has and keeps are given again. */
static int flags_after(int mount, const struct mount_change *change, unsigned long *result)
{
    struct statfs fs;
    int rc = (int)sys2(SYS_fstatfs, mount, (long)&fs);
    uint64_t attributes = 0;
    if (rc < 0)
        return rc;
    for (unsigned i = 0; i < FLAGS; i++)
        if (fs.f_flags & flags[i].reported)
            attributes |= flags[i].attribute;
    if (!(attributes & MOUNT_ATTR_NOATIME) && !(fs.f_flags & REPORTED_RELATIME))
        attributes |= MOUNT_ATTR_STRICTATIME;
    attributes = (attributes & ~change->clear) | change->set;

    *result = MS_REMOUNT_ | MS_BIND_;
    for (unsigned i = 0; i < FLAGS; i++)
        if (attributes & flags[i].attribute)
            *result |= flags[i].flag;
    if (attributes & MOUNT_ATTR_STRICTATIME)
        *result |= MS_STRICTATIME_;
    else if (!(attributes & MOUNT_ATTR_NOATIME))
        *result |= MS_RELATIME_;
    return 0;
}

/* Look for a mount among the parents in mountinfo(5): a line is "ID PARENT …". */
static bool is_parent(int mountinfo, uint64_t id)
{
    char text[1024];
    uint64_t number = 0;
    unsigned field = 0;
    bool found = false;
    ssize_t n;
    while (!found && (n = sys_read(mountinfo, text, sizeof text)) > 0) {
        for (ssize_t i = 0; i < n && !found; i++) {
            if (text[i] == ' ' || text[i] == '\n') {
                found = field == 1 && number == id;
                field = text[i] == '\n' ? 0 : field + 1;
                number = 0;
            } else if (field < 2) {
                number = number * 10 + (uint64_t)(text[i] - '0');
            }
        }
    }
    return found;
}

static int refuse_submounts(int mount)
{
    struct statx st;
    int rc = sys_statx(mount, "", AT_EMPTY_PATH, STATX_MNT_ID, &st);
    int mountinfo = rc < 0 ? rc : sys_openat(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY, 0);
    if (mountinfo < 0)
        return mountinfo;
    rc = is_parent(mountinfo, st.stx_mnt_id) ? -EOPNOTSUPP : 0;
    sys_close(mountinfo);
    return rc;
}

int mount_remount(int mount, const struct mount_change *change)
{
    char path[16 + TEXT_NUMBER];
    unsigned long result = 0;
    int rc = change->recursive ? refuse_submounts(mount) : 0;
    if (rc == 0)
        rc = flags_after(mount, change, &result);
    if (rc < 0)
        return rc;
    text_fd_path(path, sizeof path, mount);
    return sys_mount(NULL, path, NULL, result, NULL);
}
