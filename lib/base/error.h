/* SPDX-License-Identifier: MIT */
/*
 * Filling a scratch_error. Every function here accepts NULL and returns -errnum, so that a failure
 * is one line: return error_set(err, EINVAL, "memory limit", text, "give bytes, or 64m, 2g");
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <scratch/error.h>

/* what, subject, cause and hint may be NULL. errnum is positive. */
int error_set(struct scratch_error *err, int errnum, const char *what, const char *subject,
              const char *hint);

/* The same with a cause that is known better than errno says it. */
int error_because(struct scratch_error *err, int errnum, const char *what, const char *subject,
                  const char *cause, const char *hint);

/* A failed system call. */
int error_call(struct scratch_error *err, int errnum, const char *call, const char *what,
               const char *subject, const char *hint);

/* Write into one member; too long a text is cut with "…". */
#define error_write(member, ...) error_print((member), sizeof(member), __VA_ARGS__)
void error_print(char *member, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
