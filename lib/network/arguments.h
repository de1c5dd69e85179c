/* SPDX-License-Identifier: MIT */
/*
 * The programs' command lines.
 */
#ifndef NETWORK_ARGUMENTS_H
#define NETWORK_ARGUMENTS_H

#include <scratch/network.h>

struct network_program {
    const char *name;
    const char *package;  /* where it is found: distributions agree */
    bool ready_on_output; /* it says that it is ready on its standard output */
};

/* NULL: there is no such program. */
const struct network_program *arguments_program(enum scratch_network_program program);

struct arguments {
    char **command; /* ends with NULL */
    size_t count, room;
    char **requests; /* what to ask of it over its socket, when it is ready */
    size_t request_count;
};

/* In the state directory the program's socket will be. 0 or -ENOMEM; in either case, free it. */
int arguments_make(struct arguments *a, const struct scratch_network_options *options,
                   bool user_namespace, const char *state, struct scratch_error *err);
void arguments_free(struct arguments *a);

#endif
