/* SPDX-License-Identifier: MIT */
/*
 * What the record has of a container's process, so that another in it can be like it.
 */
#ifndef STATE_WRITE_PROCESS_H
#define STATE_WRITE_PROCESS_H

#include <scratch/process.h>
#include <stdio.h>

/* The member "process" of state.json: {"cwd":…,"env":[…],…}, */
void write_process(FILE *out, const struct scratch_process_options *process);

/* The filter that is neither libscratch's own nor none: a file with instructions of sock_filter. */
#define RECORD_FILTER "seccomp"

#endif
