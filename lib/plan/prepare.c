/* SPDX-License-Identifier: MIT */
#include "plan/prepare.h"
#include "mount/direct.h"
#include "namespace/compile.h"
#include "namespace/spawn.h"
#include "step/self.h"
#include "step/words.h"

#include <errno.h>

static const char what[] = "prepare the root file system";

/* ---- what can be prepared ------------------------------------------------------------------- */

/* A start has no way back to the host's tree: nothing may be wanted from it but the root. */
static const char *wants_host(const struct builder *b, const struct scratch_spec *spec,
                              const struct scratch_rootfs_options *o)
{
    if (o->standard_mounts && !(b->namespaces & SCRATCH_NS_PID))
        return "/proc would be the host's, without a new pid namespace";
    if (o->standard_mounts && !(b->namespaces & SCRATCH_NS_NET))
        return "/sys would be the host's, without a new network namespace";
    if (o->device_count || o->host_devices)
        return "devices of the host are wanted";
    if (spec->hooks)
        return "hooks are programs of the host's";
    if (spec->network)
        return "the network has files of the host's";
    for (size_t i = 0; i < spec->mount_count; i++)
        if (!spec->mounts[i].type || !mount_is_of_nothing(spec->mounts[i].type))
            return "something of the host is to be mounted";
    return NULL;
}

static const char *in_the_way(const struct builder *b, const struct scratch_spec *spec,
                              const struct scratch_rootfs_options *o)
{
    if (o->kind != SCRATCH_ROOTFS_DIRECTORY || o->throw_away || o->idmap || o->propagation)
        return "it is not a directory that is taken as it is";
    if (o->enter != SCRATCH_ROOTFS_PIVOT || !(b->namespaces & SCRATCH_NS_MNT))
        return "it is not entered in a new mount namespace by pivot_root(2)";
    if (b->user_namespace || b->nested)
        return "its mounts would belong to another user namespace";
    return wants_host(b, spec, o);
}

/* ---- preparing it --------------------------------------------------------------------------- */

static int make_template(struct builder *b, const char *path)
{
    struct builder steps;
    struct step_walk w = STEP_WALK_INIT;
    builder_begin(&steps, b->err);
    namespace_compile_private(&steps, STEP_CONTAINER);
    uint32_t text = builder_text(&steps, path);
    builder_add(&steps, STEP_ROOT_BIND, STEP_CONTAINER)->text[0] = text;
    builder_add(&steps, STEP_PIVOT_ROOT, STEP_CONTAINER);
    int fd = builder_finish(&steps);
    if (fd == 0) {
        w.plan = (const struct plan_block *)steps.block.data;
        w.fd = steps.fd;
        w.index = steps.step_count; /* the child has not come to any */
        fd = spawn_mount_namespace(&w);
        if (fd < 0 && w.index < steps.step_count)
            step_error(b->err, &w, -fd);
        else if (fd < 0)
            error_call(b->err, -fd, "clone3(2)", what, path, NULL);
    }
    builder_free(&steps);
    return fd;
}

int prepare_compile(struct builder *b, const struct scratch_spec *spec,
                    const struct scratch_rootfs_options *o)
{
    if (!o->prepared)
        return 0;
    const char *cause = in_the_way(b, spec, o);
    if (cause)
        return error_because(b->err, EINVAL, what, o->path, cause,
                             "leave scratch_rootfs_options.prepared false");
    int fd = make_template(b, o->path);
    int slot = fd < 0 ? fd : builder_fd(b, fd);
    if (slot < 0)
        return slot;
    b->template = (int16_t)slot;
    b->ready |= SCRATCH_NS_MNT;
    return 0;
}
