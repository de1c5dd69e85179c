/* SPDX-License-Identifier: MIT */
/*
 * Steps in words: what --explain, JSON and errors say of each kind. Data, for the library alone.
 */
#ifndef STEP_WORDS_H
#define STEP_WORDS_H

#include <stdio.h>
#include "base/error.h"
#include "step/step.h"

/* How an argument of a step is written. */
enum word_type {
    WORD_NONE,
    WORD_TEXT,        /* a text argument */
    WORD_LIST,        /* a list of texts, written with ':' between them */
    WORD_NUMBER,      /* a number */
    WORD_BYTES,       /* a number of bytes */
    WORD_OCTAL,       /* a file mode or umask */
    WORD_NAMESPACES,  /* CLONE_NEW* */
    WORD_ATTRIBUTES,  /* MOUNT_ATTR_* */
    WORD_PROPAGATION, /* MS_* of propagation */
    WORD_CAPS,        /* a set of capabilities */
    WORD_RESOURCE,    /* RLIMIT_* */
    WORD_SLOT,        /* an fd slot */
    WORD_IDS,         /* a list of numbers */
};

#define WORD_ARGUMENTS 6

struct word_argument {
    const char *name;
    enum word_type type;
    uint8_t index; /* which text, num or fd of the step */
};

/* In what, shell and undo, {name} stands for the argument of that name. */
struct step_words {
    const char *name;  /* "mount" */
    const char *call;  /* "mount(2)" */
    const char *what;  /* "mount {type} on {target}" */
    const char *why;   /* a sentence */
    const char *shell; /* the command that would do the same, or NULL */
    const char *undo;  /* what takes it back, or NULL */
    struct word_argument argument[WORD_ARGUMENTS];
};

/* The words of a kind; never NULL. */
const struct step_words *step_words(enum step_kind kind);

/* Write a template with the step's arguments in it. */
void step_write(FILE *out, const char *text, const struct step_walk *w, const struct step *step);

/* Write one argument as a template would have it. */
void step_write_argument(FILE *out, const struct word_argument *argument, const struct step_walk *w,
                         const struct step *step);

/* Describe the failure of a step: fills err and returns -errnum. */
int step_error(struct scratch_error *err, const struct step_walk *w, int errnum);

#endif
