/* SPDX-License-Identifier: MIT */
#include "hook/compile.h"
#include "base/error.h"

#include <errno.h>
#include <string.h>

static int check(struct builder *b, const struct scratch_hook_options *o)
{
    for (int point = 0; point < SCRATCH_HOOK_POINTS; point++)
        for (size_t i = 0; i < o->at[point].count; i++) {
            const char *path = o->at[point].hook[i].path;
            if (!path || *path != '/')
                return error_set(b->err, EINVAL, "hook", path, "give an absolute path");
        }
    return 0;
}

static size_t count(const struct scratch_hook_options *o, enum scratch_hook_point point)
{
    return o->at[point].count;
}

bool hook_has_create(const struct scratch_hook_options *o)
{
    return count(o, SCRATCH_HOOK_PRESTART) + count(o, SCRATCH_HOOK_CREATE_RUNTIME) +
               count(o, SCRATCH_HOOK_CREATE_CONTAINER) >
           0;
}

bool hook_has_start(const struct scratch_hook_options *o)
{
    return count(o, SCRATCH_HOOK_START_CONTAINER) > 0;
}

static int put_file(struct builder *b, const uint32_t about[3], const char *status)
{
    int slot = builder_fd(b, -1);
    uint32_t status_text = builder_text(b, status);
    struct step *step = builder_add(b, STEP_HOOK_FILE, STEP_HOST);
    memcpy(step->text, about, 3 * sizeof *about);
    step->text[3] = status_text;
    step->fd[0] = (int16_t)slot;
    return slot;
}

int hook_compile_begin(struct builder *b, const struct scratch_hook_options *o,
                       struct hook_files *files)
{
    *files = (struct hook_files){-1, -1};
    int rc = check(b, o);
    size_t creating =
        count(o, SCRATCH_HOOK_CREATE_RUNTIME) + count(o, SCRATCH_HOOK_CREATE_CONTAINER);
    size_t created = count(o, SCRATCH_HOOK_PRESTART) + count(o, SCRATCH_HOOK_START_CONTAINER);
    if (rc < 0 || creating + created == 0)
        return rc;
    const uint32_t about[3] = {builder_text(b, o->version ? o->version : "1.2.1"),
                               builder_text(b, o->bundle ? o->bundle : ""),
                               builder_list(b, o->annotations, BLOCK_TO_NULL)};
    if (creating)
        rc = files->creating = put_file(b, about, "creating");
    if (rc >= 0 && created)
        rc = files->created = put_file(b, about, "created");
    return rc < 0 ? rc : 0;
}

static void put_hook(struct builder *b, const struct scratch_hook_options *o,
                     enum scratch_hook_point point, size_t index, enum step_side side, int slot)
{
    const struct scratch_hook *hook = &o->at[point].hook[index];
    const char *const path_alone[] = {hook->path, NULL};
    uint32_t path = builder_text(b, hook->path);
    uint32_t args = builder_list(b, hook->args ? hook->args : path_alone, BLOCK_TO_NULL);
    uint32_t env = builder_list(b, hook->env, BLOCK_TO_NULL);
    uint32_t name = builder_text(b, scratch_hook_name(point));
    struct step *step = builder_add(b, side == STEP_HOST ? STEP_HOOK_HOST : STEP_HOOK, side);
    step->text[0] = path;
    step->text[1] = args;
    step->text[2] = env;
    step->text[3] = name;
    step->num[0] = hook->timeout;
    step->num[1] = index;
    step->fd[0] = (int16_t)slot;
}

static void put_hooks(struct builder *b, const struct scratch_hook_options *o,
                      enum scratch_hook_point point, enum step_side side, int slot)
{
    for (size_t i = 0; i < o->at[point].count; i++)
        put_hook(b, o, point, i, side, slot);
}

static void put_tell(struct builder *b, int slot)
{
    if (slot >= 0)
        builder_add(b, STEP_HOOK_TELL, STEP_HOST)->fd[0] = (int16_t)slot;
}

void hook_compile_create(struct builder *b, const struct scratch_hook_options *o,
                         const struct hook_files *files)
{
    if (files->creating < 0 && files->created < 0)
        return;
    builder_add(b, STEP_MEET, STEP_CONTAINER);
    put_tell(b, files->creating);
    put_tell(b, files->created);
    /* They are from before there was a state "creating". */
    put_hooks(b, o, SCRATCH_HOOK_PRESTART, STEP_HOST, files->created);
    put_hooks(b, o, SCRATCH_HOOK_CREATE_RUNTIME, STEP_HOST, files->creating);
    put_hooks(b, o, SCRATCH_HOOK_CREATE_CONTAINER, STEP_CONTAINER, files->creating);
}

void hook_compile_start(struct builder *b, const struct scratch_hook_options *o,
                        const struct hook_files *files)
{
    put_hooks(b, o, SCRATCH_HOOK_START_CONTAINER, STEP_CONTAINER, files->created);
}
