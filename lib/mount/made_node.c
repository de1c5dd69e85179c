/* SPDX-License-Identifier: MIT */
/*
 * Device nodes that the caller makes for a container with a user namespace, where mknod(2) is
 * refused: in a file system of their own, of which the container mounts the one node.
 */
#include "base/privilege.h"
#include "mount/attach.h"
#include "mount/compile.h"
#include "mount/devices.h"

#include <sys/stat.h>

/* ---- the plan ------------------------------------------------------------------------------- */

/* With what privilege has, and with ids that are known before the start. */
static bool is_made(const struct builder *b, const struct scratch_device *d)
{
    return d->mode && !S_ISFIFO(d->mode) && b->user_namespace && !b->nested && !b->auto_range &&
           privilege_has(CAP_MKNOD) && privilege_has(CAP_SYS_ADMIN);
}

/* An id of the container's, as the caller has it; what is not mapped stays root's. */
static uint32_t outside(const struct builder_ids *ids, uint32_t id)
{
    return builder_id_outside(ids, &id) ? id : 0;
}

int mount_compile_made_nodes(struct builder *b, const struct scratch_rootfs_options *o)
{
    for (size_t i = 0; i < o->device_count; i++) {
        const struct scratch_device *d = &o->devices[i];
        if (!is_made(b, d))
            continue;
        int slot = builder_fd(b, -1);
        if (slot < 0)
            return slot;
        b->made_node = b->made_node < 0 ? slot : b->made_node;
        struct step *step = builder_add(b, STEP_MADE_NODE, STEP_HOST);
        step->num[0] = d->mode;
        step->num[1] = (uint64_t)d->major << 32 | d->minor;
        step->num[2] = outside(&b->uids, d->uid);
        step->num[3] = outside(&b->gids, d->gid);
        step->fd[0] = (int16_t)slot;
        step->flags = STEP_BEST_EFFORT; /* else the host's own node is bound */
    }
    return 0;
}

int mount_take_made_node(struct builder *b, const struct scratch_device *d)
{
    return b->made_node >= 0 && is_made(b, d) ? b->made_node++ : -1;
}

/* ---- the step ------------------------------------------------------------------------------- */

/* mknod(2)'s number of a device: 12 bits of the major, 20 of the minor one. */
static unsigned number_of(uint64_t device)
{
    unsigned major = (unsigned)(device >> 32), minor = (unsigned)device;
    return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

static int make_node(int fs, const struct step *step)
{
    unsigned mode = (unsigned)step->num[0];
    int rc = sys_mknodat(fs, MOUNT_MADE_NODE, mode & S_IFMT, number_of(step->num[1]));
    if (rc == 0)
        rc = (int)sys5(SYS_fchownat, fs, (long)MOUNT_MADE_NODE, (long)step->num[2],
                       (long)step->num[3], AT_SYMLINK_NOFOLLOW);
    if (rc == 0) /* the umask is the caller's */
        rc = (int)sys3(SYS_fchmodat, fs, (long)MOUNT_MADE_NODE, mode & 07777);
    return rc;
}

int mount_made_node_step(struct step_walk *w, const struct step *step)
{
    int fs = mount_detached(w, "tmpfs", "devices", "size=0,nr_inodes=2,mode=755",
                            MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    if (fs < 0)
        return fs;
    int rc = make_node(fs, step);
    if (rc == 0)
        w->fd[step->fd[0]] = fs;
    else
        sys_close(fs);
    return rc;
}
