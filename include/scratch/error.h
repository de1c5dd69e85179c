/* SPDX-License-Identifier: MIT */
/**
 * @file error.h
 * What went wrong, as data.
 *
 * Every libscratch function returns 0 (or a useful non-negative number), or -errno, and takes a
 * `struct scratch_error *` as its last argument. It may be NULL. The caller owns the struct, most
 * often on its stack; nothing in it needs to be freed and nothing in it points anywhere:
 *
 *     struct scratch_error err;
 *     if (scratch_run(&spec, NULL, &err) < 0)
 *         scratch_error_print("myprogram", &err);
 *
 * A handle that a function gives through a pointer is NULL when the function has failed, and can be
 * freed like any other.
 */
#ifndef SCRATCH_ERROR_H
#define SCRATCH_ERROR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** A buffer of this size holds any sentence that scratch_error_format() makes. */
#define SCRATCH_ERROR_LINE 1024

/** Where a step runs. */
enum scratch_side {
    SCRATCH_SIDE_NONE = 0,      /**< no step was involved: bad input, a failed look-up */
    SCRATCH_SIDE_HOST = 1,      /**< in the calling process */
    SCRATCH_SIDE_CHILD = 2,     /**< in the child, between clone3(2) and execve(2) */
    SCRATCH_SIDE_CONTAINER = 3, /**< in scratch-init, inside the new namespaces */
};

/**
 * One failure. Filled only when the function returned a negative number; scratch_container_wait()
 * fills it also to say what it could not clean up. The size of this struct never changes: new
 * members come out of @ref reserved. Since 0.1.
 */
struct scratch_error {
    int errnum;             /**< errno(3), positive */
    enum scratch_side side; /**< where it happened */
    unsigned step;          /**< number of the step, counted from 1; 0 when no step was involved */
    unsigned step_count;    /**< number of steps in the plan; 0 when no step was involved */
    char call[32];          /**< the system call that failed, or "" */
    char what[192];         /**< what was being done: "mount overlay on /" */
    char subject[256];      /**< the path or value that failed, or "" */
    char cause[192];        /**< why, where more is known than errno says, or "" */
    char hint[224];         /**< what to do about it, or "" */
    char reserved[112];     /**< zero */
};

/**
 * Write the failure as one sentence, such as
 * "step 9 of 23 (container): mount overlay on /: EINVAL: lowerdir '/srv/a' does not exist".
 *
 * @param err   a filled error
 * @param line  the buffer; always terminated when @p size is not 0
 * @param size  its size in bytes; SCRATCH_ERROR_LINE is always enough
 * @return the length of the whole sentence, as snprintf(3) does
 *
 * Thread-safe. Since 0.1.
 */
int scratch_error_format(const struct scratch_error *err, char *line, size_t size);

/**
 * Write the same sentence to standard error, as perror(3) does: "PREFIX: SENTENCE" and a newline.
 *
 * @param prefix  such as the program's name; NULL or "": none
 * @param err     a filled error
 *
 * Thread-safe. Since 0.1.
 */
void scratch_error_print(const char *prefix, const struct scratch_error *err);

/**
 * Write the failure as one JSON object with the members errno, error, step, steps, side, call,
 * what, subject, cause and hint; members that are empty are left out.
 *
 * @return the length of the whole text, as snprintf(3) does, or -ENOMEM
 *
 * Thread-safe. Since 0.1.
 */
int scratch_error_json(const struct scratch_error *err, char *text, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
