/* SPDX-License-Identifier: MIT */
/*
 * The command's environment: the library's default variables, and those of --env.
 */
#ifndef CLI_ENVIRONMENT_H
#define CLI_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <scratch/error.h>
#include "cli/pool.h"

struct environment {
    const char **variables; /* NAME=VALUE, ends with NULL; NULL: the library's default alone */
    size_t count;
};

/*
 * Add "NAME=VALUE", in place of an earlier one, or "NAME" as scratchctl has it itself (when it has
 * not, it is left out). room is the most calls that there will be.
 */
int environment_add(struct environment *e, struct pool *pool, size_t room, const char *text,
                    struct scratch_error *err);

/* What is there by default, too; user: its HOME is known inside. */
void environment_finish(struct environment *e, bool user);

#endif
