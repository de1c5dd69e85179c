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

/*
 * Where a pid namespace is joined, all that follows is done by a child, which is in it; this
 * process stays outside, as its parent.
 */
int process_compile_apart(struct builder *b, const struct scratch_process_options *options);
/* Labels for the command, written before the root is changed. */
int process_compile_labels(struct builder *b, const struct scratch_process_options *options);

/* Landlock's rules. They need no_new_privs, or CAP_SYS_ADMIN. */
int process_compile_landlock(struct builder *b, const struct scratch_process_options *options);

/*
 * The ids that the command will have; false: they are names, which a start looks up. Without a
 * group, a number's is 0.
 */
bool process_known_ids(const struct scratch_process_options *options, uint32_t *uid, uint32_t *gid);

/* True when scratch-init stays, and is there when the command ends. */
bool process_is_supervised(const struct builder *b, const struct scratch_process_options *options);

/* What it inherits besides: priorities, personality, memory policy. */
/* The CPUs that it may run on from here on; NULL: no step. -EINVAL: it is no list of CPUs. */
int process_compile_affinity(struct builder *b, const char *cpus);

void process_compile_schedule(struct builder *b, const struct scratch_process_options *options);

/* See that the command is there, before somebody else starts it. */
void process_compile_look_up(struct builder *b, const struct scratch_process_options *options);

/* All but the exec; hooks: some are run before that, which are under the filter as well. */
int process_compile_confine(struct builder *b, const struct scratch_process_options *options,
                            bool hooks);
void process_compile_exec(struct builder *b, const struct scratch_process_options *options);

/* Both. */
int process_compile(struct builder *b, const struct scratch_process_options *options);

#endif
