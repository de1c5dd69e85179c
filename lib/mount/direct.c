/* SPDX-License-Identifier: MIT */
#include "mount/direct.h"
#include "base/text.h"
#include "mount/attach.h"
#include "mount/devices.h"

#define PLAIN (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/*
 * mount(2) has no fd for its target: the directory is made the working directory, which no rename
 * and no link can change. That is scratch-init's own to move about in, on its way to the new root,
 * unless paths that are still to be used count from it.
 */
static bool may_move(const struct step_walk *w)
{
    return w->start && w->root >= 0 && !w->plan->relative;
}

bool mount_is_of_nothing(const char *type)
{
    static const char types[][7] = {"proc", "sysfs", "tmpfs", "devpts", "mqueue"};
    for (unsigned i = 0; i < sizeof types / sizeof *types; i++)
        if (text_equal(type, types[i]))
            return true;
    return false;
}

/* Its MS_RDONLY is the superblock's too, and so all its other mounts'; quotes it does not know. */
static bool is_plain(const struct mount_direct *m)
{
    uint64_t plain = PLAIN | (m->alone ? MOUNT_ATTR_RDONLY : 0);
    return mount_is_of_nothing(m->type) && !(m->attributes & ~plain) &&
           !(m->data && text_find(m->data, '"'));
}

/* The name in /dev of a directory that STEP_DEVICES has just made there itself, or NULL. */
static const char *own_directory(const struct step_walk *w, const char *path)
{
    for (int i = 0; w->in_dev && text_begins(path, "/dev/") && i < MOUNT_DEVICE_DIRECTORIES; i++)
        if (text_equal(path + 5, mount_device_directories[i]))
            return mount_device_directories[i];
    return NULL;
}

static int stand_in(struct step_walk *w, const struct mount_direct *m)
{
    int target = root_make(w->root, m->path, m->make);
    if (target < 0)
        return target;
    int rc = m->given && mount_is_root(w, target) ? -EBUSY : sys_fchdir(target);
    sys_close(target);
    w->in_dev = w->in_root = false;
    return rc;
}

bool mount_directly(struct step_walk *w, const struct mount_direct *m)
{
    if (!may_move(w) || !is_plain(m))
        return false;
    const char *target = own_directory(w, m->path);
    if (!target && stand_in(w, m) < 0)
        return false;
    return sys_mount(m->source, target ? target : ".", m->type, mount_flags(m->attributes),
                     m->data) == 0;
}

void mount_stand_in_dev(struct step_walk *w, int dev)
{
    w->in_dev = may_move(w) && sys_fchdir(dev) == 0;
    w->in_root = w->in_root && !w->in_dev;
}
