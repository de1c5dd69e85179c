/* SPDX-License-Identifier: MIT */
#ifndef STATE_KEEP_H
#define STATE_KEEP_H

#include <scratch/container.h>
#include "step/builder.h"

/* What of a spec is remembered besides the options themselves. */
struct keep_about {
    const char *rootfs; /* path on the host, or "" */
    const struct scratch_process_options *process;
    bool terminal;
};

/* Host steps, before all others: the record, and the files that the container gets of it. */
int state_compile_keep(struct builder *b, const struct scratch_keep_options *o);

/* In the container, when all is ready but the command: the record is written, and waited. */
void state_compile_created(struct builder *b, const struct scratch_keep_options *o,
                           const struct keep_about *about);

#endif
