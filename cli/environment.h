/* SPDX-License-Identifier: MIT */
/*
 * The command's environment: the library's default variables, those of --env-file, and those of
 * --env, which win wherever they stand.
 */
#ifndef CLI_ENVIRONMENT_H
#define CLI_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <scratch/error.h>
#include "cli/pool.h"

struct environment {
    struct variable {
        const char *text; /* NAME=VALUE */
        bool by_option;   /* --env has said it: a file does not change it */
    } * variables;        /* NULL: the library's default alone */
    size_t count, room;
};

/*
 * Add "NAME=VALUE", in place of an earlier one, or "NAME" as scratchctl has it itself (when it has
 * not, it is left out).
 */
int environment_add(struct environment *e, struct pool *pool, const char *text,
                    struct scratch_error *err);

/*
 * Add what a file has, one a line, in docker's format: NAME=VALUE as it stands (quotes and blanks
 * at its end belong to the value), NAME; empty lines, and those that begin with '#', are passed
 * over.
 */
int environment_add_file(struct environment *e, struct pool *pool, const char *path,
                         struct scratch_error *err);

/* What is there by default, too; user: its HOME is known inside. */
void environment_finish(struct environment *e, struct pool *pool, bool user);

/* All of them, ending with NULL; NULL: the library's default alone. */
const char *const *environment_list(const struct environment *e, struct pool *pool);

#endif
