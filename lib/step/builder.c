/* SPDX-License-Identifier: MIT */
#include "step/builder.h"
#include "base/privilege.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WARNINGS_MAX 16

void builder_begin(struct builder *b, struct scratch_error *err)
{
    *b = (struct builder){.err = err,
                          .record = -1,
                          .exit_file = -1,
                          .log = -1,
                          .start_socket = -1,
                          .id_namespace = -1,
                          .user_join = -1,
                          .made_node = -1,
                          .id_root = -1,
                          .id_mount = -1,
                          .id_inside = -1,
                          .opened = -1,
                          .tree = -1,
                          .template = -1};
    b->effective = privilege_effective();
    memset(b->fd, -1, sizeof b->fd);
    block_begin(&b->block, sizeof(struct plan_block));
}

void builder_free(struct builder *b)
{
    for (uint32_t i = 0; i < b->fd_count; i++)
        if (b->fd[i] >= 0)
            close(b->fd[i]);
    free(b->steps);
    free(b->warnings);
    block_free(&b->block);
}

static struct step *next_step(struct builder *b)
{
    if (b->step_count < b->step_room)
        return &b->steps[b->step_count++];
    uint32_t room = b->step_room ? 2 * b->step_room : 64;
    struct step *steps = room <= BUILDER_STEPS_MAX ? realloc(b->steps, room * sizeof *steps) : NULL;
    if (!steps) {
        b->block.failed = room <= BUILDER_STEPS_MAX ? -ENOMEM : -E2BIG;
        return &b->nowhere;
    }
    b->steps = steps;
    b->step_room = room;
    return &b->steps[b->step_count++];
}

struct step *builder_add(struct builder *b, enum step_kind kind, enum step_side side)
{
    struct step *step = next_step(b);
    memset(step, 0, sizeof *step);
    step->kind = (uint16_t)kind;
    step->side = (uint8_t)side;
    for (int i = 0; i < STEP_FDS; i++)
        step->fd[i] = -1;
    return step;
}

uint32_t builder_text(struct builder *b, const char *text)
{
    return block_text(&b->block, text);
}

uint32_t builder_list(struct builder *b, const char *const *texts, size_t count)
{
    return block_texts(&b->block, texts, count);
}

int builder_fd(struct builder *b, int fd)
{
    if (b->fd_count == STEP_FDS_MAX) {
        if (fd >= 0)
            close(fd);
        return error_set(b->err, EMFILE, "carry another fd into the container", NULL, NULL);
    }
    b->fd[b->fd_count] = fd;
    return (int)b->fd_count++;
}

void builder_slot(struct builder *b, enum step_slot slot, const char *text)
{
    uint32_t offset = builder_text(b, text);
    if (!b->block.failed)
        ((struct plan_block *)b->block.data)->slot[slot] = offset;
}

struct scratch_error *builder_warn(struct builder *b)
{
    size_t size = (b->warning_count + 1) * sizeof *b->warnings;
    struct scratch_error *warnings =
        b->warning_count < WARNINGS_MAX ? realloc(b->warnings, size) : NULL;
    if (!warnings)
        return NULL;
    b->warnings = warnings;
    return &b->warnings[b->warning_count++];
}

bool builder_maps(const struct builder_ids *ids, uint32_t id)
{
    if (ids->count == 0)
        return id == 0;
    for (size_t i = 0; i < ids->count; i++)
        if (id >= ids->map[i].inside && id - ids->map[i].inside < ids->map[i].count)
            return true;
    return false;
}

int builder_finish(struct builder *b)
{
    uint32_t steps = block_put(&b->block, b->steps, b->step_count * sizeof *b->steps);
    block_put(&b->block, NULL, 0); /* what follows the block in scratch-init is aligned */
    if (b->block.failed)
        return error_set(b->err, -b->block.failed, "lay out the plan", NULL, NULL);
    struct plan_block *plan = (struct plan_block *)b->block.data;
    plan->size = (uint32_t)b->block.size;
    plan->step_count = b->step_count;
    plan->steps = steps;
    plan->fd_count = b->fd_count;
    plan->relative = b->relative;
    plan->host_only = b->host_only;
    free(b->steps);
    b->steps = NULL;
    return 0;
}
