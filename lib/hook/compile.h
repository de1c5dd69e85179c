/* SPDX-License-Identifier: MIT */
/*
 * The hooks' part of a plan.
 */
#ifndef HOOK_COMPILE_H
#define HOOK_COMPILE_H

#include <scratch/hook.h>
#include "step/builder.h"

/* The files that the states go into, which hooks in the container read. */
struct hook_files {
    int creating, created; /* slots, or -1 */
};

/* Host steps, before the first process is made. */
int hook_compile_begin(struct builder *b, const struct scratch_hook_options *options,
                       struct hook_files *files);

/* True where some run before the root is entered: others of them find it by its path. */
bool hook_has_create(const struct scratch_hook_options *options);

/* The meeting at which the caller's hooks run, and those of the container before it is entered. */
void hook_compile_create(struct builder *b, const struct scratch_hook_options *options,
                         const struct hook_files *files);

/* Those right before the command, and whether there are any: they are as confined as it is. */
bool hook_has_start(const struct scratch_hook_options *options);
void hook_compile_start(struct builder *b, const struct scratch_hook_options *options,
                        const struct hook_files *files);

#endif
