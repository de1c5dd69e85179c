/* SPDX-License-Identifier: MIT */
/*
 * Command lines, read by tables: the same table is the --help text.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <scratch/error.h>

/* What a take function returns to end the reading, besides 0 and -errno. */
enum option_end {
    OPTION_HELP = 1,
    OPTION_VERSION = 2,
};

struct option;

/* Put a value into the command's own struct. value is NULL when none was given. */
typedef int option_take(const struct option *option, void *target, const char *value,
                        struct scratch_error *err);

/* A row. One without a name is a heading. */
struct option {
    const char *name;     /* without its dashes */
    char letter;          /* the short form, or 0 */
    const char *argument; /* its value's name; "[=VALUE]": may be left out; NULL: takes none */
    const char *help;     /* lines of at most 50 characters */
    option_take *take;
    size_t member; /* which member of the target it is for: offsetof(3) */
};

/* The member itself. */
static inline void *option_member(const struct option *option, void *target)
{
    return (char *)target + option->member;
}

/* For members that are a const char *, and a bool: "[=no]", or set by the option alone. */
option_take option_text;
option_take option_flag;

/* What is not an option. */
struct operands {
    char **operand; /* before "--" */
    size_t count;
    char **command; /* behind "--", ends with NULL; NULL: there was no "--" */
    size_t options; /* how many of the command's own there were */
    bool (*fits)(const struct option *option); /* NULL, or which go together with the rest */
    const struct option *misfit;               /* the first that does not */
};

/* Where options may stand. */
enum option_order {
    OPTIONS_ANYWHERE, /* before "--" */
    OPTIONS_FIRST,    /* before the first operand, where the command then begins */
};

/* A command's own table, and the one that all commands have; both end with an empty row. */
extern const struct option options_common[];

/*
 * The letter of an option beside a command's own table, which goes before what all commands have:
 * `run -h` is docker's --hostname there. 0: it has none.
 */
char option_letter(const struct option *table, const struct option *option);

/*
 * Read a command line. operands->operand is the caller's, with room for as many as argv has.
 *
 * Returns 0, an option_end, or -EINVAL with err about what was typed.
 */
int options_parse(const struct option *table, enum option_order order, char **argv, void *target,
                  struct operands *operands, struct scratch_error *err);

bool option_is_heading(const struct option *option);
bool option_is_end(const struct option *option);

/* True when the value may be left out. */
bool option_is_optional(const struct option *option);

#endif
