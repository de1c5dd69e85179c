/* SPDX-License-Identifier: MIT */
/*
 * scratchctl's manual page, and what shells complete: written while it is built, from the tables
 * that --help is printed from. A row that is added to a table needs nothing here.
 */
#ifndef CLI_MANUAL_GENERATE_H
#define CLI_MANUAL_GENERATE_H

#include "cli/command.h"

#include <stdbool.h>

/* Where values come from that only the machine knows that is typed at. */
enum value_source {
    VALUE_FREE,        /* nobody can know */
    VALUE_FILES,       /* files and directories */
    VALUE_DIRECTORIES, /* directories */
    VALUE_VARIABLES,   /* environment variables, with a '=' */
    VALUE_CONTAINERS,  /* ids of those that there are */
};

/* What the name of an argument says of its values. */
struct value {
    bool taken;    /* there is an argument */
    bool optional; /* it may be left out, and follows a '=' */
    enum value_source source;
    char words[2048]; /* the words that it can be, with spaces between */
};

struct value value_of_option(const struct option *option);

/* What comes first behind the options, and before "--", from the command's synopsis. */
struct value value_of_operands(const struct command *command);

/* What the name of a source is in the scripts: "files". */
const char *value_source_name(enum value_source source);

/* Call a function for each option of a command (NULL: scratchctl's own), headings included. */
typedef void option_visit(const struct command *command, const struct option *option);
void options_visit(const struct command *command, option_visit *visit);

/* A line of a template that is "@NAME@" is replaced by what write() prints. */
struct insertion {
    const char *name;
    void (*write)(void);
};

/* Each ends with an empty row. */
extern const struct insertion page_insertions[];
extern const struct insertion bash_insertions[];
extern const struct insertion zsh_insertions[];
extern const struct insertion fish_insertions[];

#endif
