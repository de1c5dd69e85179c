/* SPDX-License-Identifier: MIT */
/*
 * Steps in words: what --explain, JSON and errors say of each kind. Data, for the library alone.
 */
#ifndef STEP_WORDS_H
#define STEP_WORDS_H

#include <stdio.h>
#include "base/error.h"
#include "step/step.h"

/* What an argument of a step is, and so how it is written. */
enum word_type {
    WORD_NONE,
    WORD_TEXT,
    WORD_ID,          /* a text: the container's id, without what its group's name begins with */
    WORD_LINES,       /* a text of several lines, each of which is plain words */
    WORD_CLOCKS,      /* the lines of /proc/self/timens_offsets */
    WORD_LIST,        /* a list of texts */
    WORD_LAYER,       /* a text, which is a directory in overlay's options */
    WORD_LOWERS,      /* a list of them, with ':' between */
    WORD_COMMAND,     /* a list of texts, which are a command line */
    WORD_IDS,         /* a list of numbers */
    WORD_FILTER,      /* instructions of struct sock_filter, num[0] of them */
    WORD_NUMBER,      /* a number */
    WORD_LIMIT,       /* a number, or unlimited */
    WORD_OCTAL,       /* a file mode or umask */
    WORD_YES,         /* a number that is 0 or not */
    WORD_BIT_0,       /* the lowest bit of a number */
    WORD_BIT_1,       /* the next one */
    WORD_NAMESPACES,  /* CLONE_NEW* */
    WORD_ATTRIBUTES,  /* MOUNT_ATTR_* */
    WORD_CLEARED,     /* MOUNT_ATTR_*, taken away */
    WORD_PROPAGATION, /* MS_* of propagation */
    WORD_CAPS,        /* a set of capabilities */
    WORD_RESOURCE,    /* RLIMIT_* */
    WORD_SLOT,        /* an fd slot */
    WORD_GROUP,       /* the control group whose directory is in an fd slot */

    /* No arguments, but known to every template: {root}, {step}, {subject}. */
    WORD_ROOT,    /* "/mnt" while the new root is there and not entered, or else "" */
    WORD_STEP,    /* the step's number */
    WORD_SUBJECT, /* what a failure is about */
    WORD_SAID,    /* what a program that was run has said */
    WORD_MAP,     /* the ids that are mapped in the new user namespace, or "" */
    WORD_TYPE_COUNT
};

#define WORD_ARGUMENTS 11

struct word_argument {
    const char *name;
    enum word_type type;
    uint8_t index; /* which text, num or fd of the step */
};

/*
 * All but the name are templates: {name} stands for the argument of that name, and
 * {name?this|that} for this where the argument is there and not 0, for that where it is not.
 */
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
extern const struct step_words step_words_files[STEP_KIND_COUNT]; /* it looks there first */

/* Where a type of argument is in a step. */
enum word_place {
    PLACE_NOWHERE,
    PLACE_TEXT,
    PLACE_NUM,
    PLACE_FD,
};
enum word_place word_place(enum word_type type);

/* Write a template for people: long lists are cut short, control characters escaped. */
void step_write(FILE *out, const char *text, const struct step_walk *w, const struct step *step);

/* Write a template for a shell: arguments are quoted, and nothing is cut. */
void step_write_shell(FILE *out, const char *text, const struct step_walk *w,
                      const struct step *step);

/* The argument or other word of that name, of a length; NULL when there is none. */
const struct word_argument *step_find_argument(const struct step_words *words, const char *name,
                                               size_t length);

/* A text argument; what a start fills in is named in capitals: "libscratch-ID". NULL: none. */
const char *step_text_shown(const struct step_walk *w, uint32_t text);

/* The same of an id, without what its group's name begins with: "ID". */
const char *step_id_shown(const struct step_walk *w, uint32_t text);

/* The step whose directory is in an fd slot: a STEP_CGROUP_MAKE, or NULL. */
const struct step *step_group(const struct step_walk *w, int slot);

/* Why such a failure comes about, and what to do; both are templates, or NULL. */
struct step_hint {
    enum step_kind kind;     /* STEP_NONE: any */
    enum step_detail detail; /* exactly this, or in hints.c any */
    int errnum;              /* 0: any */
    const char *type;        /* of the file system that is mounted; NULL: any */
    const char *cause;
    const char *hint;
};
/* The first that fits; never NULL. */
const struct step_hint *step_hint(const struct step_walk *w, const struct step *step, int errnum);

/* The path or value that a failure is about; false where the step says it all. */
#define STEP_SUBJECT 4200 /* a path of PATH_MAX, and no more */
bool step_subject(const struct step_walk *w, const struct step *step, char *text, size_t size);

/* Describe the failure of a step: fills err and returns -errnum. */
int step_error(struct scratch_error *err, const struct step_walk *w, int errnum);

#endif
