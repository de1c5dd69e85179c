/* SPDX-License-Identifier: MIT */
/*
 * The process's part of a plan.
 */
#ifndef PROCESS_COMPILE_H
#define PROCESS_COMPILE_H

#include <scratch/process.h>
#include "step/builder.h"

/* Labels for the command, written before the root is changed. */
int process_compile_labels(struct builder *b, const struct scratch_process_options *options);

/* Landlock's rules. They need no_new_privs, or CAP_SYS_ADMIN. */
int process_compile_landlock(struct builder *b, const struct scratch_process_options *options);

int process_compile(struct builder *b, const struct scratch_process_options *options);

#endif
