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

/* The meeting at which the caller's hooks run, and those of the container before it is entered. */
void hook_compile_create(struct builder *b, const struct scratch_hook_options *options,
                         const struct hook_files *files);

/* Those right before the command. */
void hook_compile_start(struct builder *b, const struct scratch_hook_options *options,
                        const struct hook_files *files);

#endif
