/* SPDX-License-Identifier: MIT */
/*
 * What the commands share that are about a container that stays: each reads its options and ids,
 * opens the container, and says what went wrong.
 */
#ifndef CLI_KEPT_H
#define CLI_KEPT_H

#include "cli/command.h"
#include "cli/output.h"
#include <scratch/container.h>

/* What is typed behind a command's name, besides its options. */
struct words {
    char **word; /* at the beginning of argv, which is the caller's to spend */
    size_t count;
    size_t options;     /* how many there were */
    bool may_be_absent; /* kept_each(): a container that is not there is no failure */
    int status;         /* when the command is done already */
};

/* Read a command line of least to most words. False: it is done, with words->status. */
bool kept_parse(const struct command *self, char **argv, void *arguments, size_t least, size_t most,
                struct words *words);

/* The same where all behind the first word is a command with options of its own. */
bool kept_parse_command(const struct command *self, char **argv, void *arguments, size_t least,
                        struct words *words);

/*
 * Open the container, below --root: 0, or -errno with err. An id that was made up may be cut short.
 * state may be NULL.
 */
int kept_open(const char *id, scratch_container **container, struct scratch_container_state *state,
              struct scratch_error *err);

/* All that is known of a container: what `inspect` and `ps --json` print. */
void kept_details(struct output *output, const struct scratch_container_state *state);

/* Nanoseconds since 1970 by RFC 3339, as Go's programs read it. */
#define KEPT_TIME 64
const char *kept_time(char text[KEPT_TIME], int64_t when);

/* For each word: open, act, and say what went wrong. Returns the exit status. */
int kept_each(const struct words *words,
              int (*act)(scratch_container *container, const void *arguments,
                         struct scratch_error *err),
              const void *arguments);

/* A container's state, as the OCI runtime specification has it and crun and runc add to it. */
void kept_output(struct output *output, const struct scratch_container_state *state);

#endif
