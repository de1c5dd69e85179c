/* SPDX-License-Identifier: MIT */
/*
 * The process's part of a plan.
 */
#ifndef PROCESS_COMPILE_H
#define PROCESS_COMPILE_H

#include <scratch/process.h>
#include "step/builder.h"

/* What comes before the process is hidden, and hides it. */
int process_compile_begin(struct builder *b, const struct scratch_process_options *options);

int process_compile(struct builder *b, const struct scratch_process_options *options);

#endif
