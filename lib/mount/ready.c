/* SPDX-License-Identifier: MIT */
#include "mount/ready.h"
#include "base/privilege.h"
#include "mount/idmap.h"

#include <scratch/namespace.h>
#include <string.h>

bool mount_is_idmapped(const struct builder *b, const struct mount_options *o)
{
    return o->bind && (o->idmap == IDMAP_YES || (b->auto_range && o->idmap == IDMAP_UNSAID));
}

const char *mount_below_root(const struct mount_list *list, const struct scratch_mount *m)
{
    size_t length = list->root ? strlen(list->root) : 0;
    bool below = length > 1 && strncmp(m->source, list->root, length) == 0;
    return below && m->source[length] == '/' ? m->source + length : NULL;
}

bool mount_is_opened(const struct builder *b, const struct mount_list *list,
                     const struct scratch_mount *m, const struct mount_options *o)
{
    bool users = b->user_namespace || b->joined & SCRATCH_NS_USER;
    return list->oci && users && !b->nested && privilege_has(CAP_SYS_ADMIN) && o->bind &&
           !o->remount && !o->copy_link && !(o->propagation & MOUNT_SHARED) &&
           !mount_is_idmapped(b, o) && !mount_below_root(list, m);
}

bool mount_is_mapped_inside(const struct builder *b, const struct mount_list *list,
                            const struct scratch_mount *m, const struct mount_options *o)
{
    return list->oci && !b->auto_range && (o->ids || b->user_namespace) &&
           mount_is_idmapped(b, o) && mount_below_root(list, m);
}

/* The first slot behind another that a step of this kind fills, or -1. */
static int slot_behind(const struct builder *b, enum step_kind kind, int slot)
{
    for (uint32_t i = 0; i < b->step_count; i++)
        if (b->steps[i].kind == kind && b->steps[i].fd[0] > slot)
            return b->steps[i].fd[0];
    return -1;
}

int mount_take_idmapped(struct builder *b)
{
    int slot = b->id_mount, next = slot_behind(b, STEP_ID_MOUNT, slot);
    b->id_mount = next < 0 ? slot : next;
    return slot;
}

int mount_take_opened(struct builder *b)
{
    int slot = slot_behind(b, STEP_OPEN_SOURCE, b->opened);
    b->opened = slot < 0 ? STEP_FDS_MAX : slot;
    return slot;
}

static bool is_of_mount(const struct builder *b, int slot)
{
    for (uint32_t i = 0; i < b->step_count; i++)
        if (b->steps[i].kind == STEP_ID_MOUNT && b->steps[i].fd[1] == slot)
            return true;
    return false;
}

int mount_take_id_namespace(struct builder *b)
{
    do
        b->id_inside = slot_behind(b, STEP_ID_NAMESPACE, b->id_inside);
    while (b->id_inside >= 0 && is_of_mount(b, b->id_inside));
    return b->id_inside;
}

/* ---- the steps ------------------------------------------------------------------------------ */

/* Others are left to the container: a plan carries few files. */
#define OPENED_MAX 16

static uint32_t count_opened(const struct builder *b)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < b->step_count; i++)
        count += b->steps[i].kind == STEP_OPEN_SOURCE;
    return count;
}

/* Its attributes are set in the container, as where it is opened there. */
static int put_opened(struct builder *b, const struct scratch_mount *m,
                      const struct mount_options *o)
{
    if (count_opened(b) == OPENED_MAX)
        return 0;
    int slot = mount_put_idmap(b, &(struct idmap){
                                      .source = builder_text(b, m->source),
                                      .change = {.recursive = o->recursive},
                                      .propagation = o->propagation & MOUNT_SLAVE,
                                      .none = true,
                                      .flags = STEP_BEST_EFFORT,
                                  });
    return slot < 0 ? slot : 0;
}

static int put_idmap(struct builder *b, const struct mount_list *list,
                     const struct scratch_mount *m, const struct mount_options *o)
{
    uint32_t ids[2] = {0, 0};
    int rc = mount_check_idmap(b, m->source, o->ids);
    if (rc == 0 && o->ids)
        rc = mount_read_idmap(b, o->ids, ids);
    if (rc < 0)
        return rc;
    if (mount_is_mapped_inside(b, list, m, o)) {
        rc = mount_put_id_namespace(b, o->ids ? ids : b->map_text);
        return rc < 0 ? rc : 0;
    }
    int slot = mount_put_idmap(b, &(struct idmap){
                                      .source = builder_text(b, m->source),
                                      .change = {.set = o->set,
                                                 .clear = o->clear,
                                                 .recursive = o->recursive,
                                                 .top_set = o->top_set,
                                                 .top_clear = o->top_clear,
                                                 .anew = list->oci && o->named},
                                      .propagation = o->propagation & MOUNT_SLAVE,
                                      .all = o->recursive && (o->idmap_tree || !list->oci),
                                      .ids = {ids[0], ids[1]},
                                      .flags = o->best_effort ? STEP_BEST_EFFORT : 0,
                                  });
    if (slot >= 0 && b->id_mount < 0)
        b->id_mount = slot;
    return slot < 0 ? slot : 0;
}

int mount_put_ready(struct builder *b, const struct mount_list *list, const struct scratch_mount *m,
                    const struct mount_options *o)
{
    if (mount_is_idmapped(b, o))
        return put_idmap(b, list, m, o);
    return mount_is_opened(b, list, m, o) ? put_opened(b, m, o) : 0;
}
