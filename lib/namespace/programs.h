/* SPDX-License-Identifier: MIT */
/*
 * newuidmap(1) and newgidmap(1): setuid programs that write the maps of those who may not, within
 * the ranges of subuid(5) and subgid(5).
 */
#ifndef NAMESPACE_PROGRAMS_H
#define NAMESPACE_PROGRAMS_H

#include "step/builder.h"

#define PROGRAM_PATH 256

/*
 * Find both in PATH, and see whether they can work: 0, or -errno with the cause, which names the
 * program and what it lacks.
 */
struct id_programs {
    char uid[PROGRAM_PATH], gid[PROGRAM_PATH];
};
int programs_find(struct id_programs *programs, struct scratch_error *err);

/* Their command lines, for the builder's maps, in its map_program. */
void programs_put(struct builder *b, const struct id_programs *programs);

#endif
