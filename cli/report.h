/* SPDX-License-Identifier: MIT */
/*
 * What scratchctl says of itself: errors on standard error, and its exit status.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <scratch/error.h>

/* Exit statuses besides the command's own: those of env(1), nohup(1) and docker. */
enum status {
    STATUS_FAILED = 1,      /* the same of a command that runs none */
    STATUS_OWN = 125,       /* scratchctl or the library failed, the command did not run */
    STATUS_NOT_RUN = 126,   /* the command was found, but cannot be executed */
    STATUS_NOT_FOUND = 127, /* there is no such command */
};

/*
 * Fill an error about something that was typed; returns -EINVAL. subject is what was typed, and
 * hint what to type instead; the rest is the cause. What it was for, the caller adds.
 */
int usage_error(struct scratch_error *err, const char *subject, const char *hint, const char *cause,
                ...) __attribute__((format(printf, 4, 5)));

/* What failures of scratchctl and of the library end it with; until this is called STATUS_OWN. */
void report_failures_as(enum status status);

/* From here on errors are JSON objects, one a line. */
void report_as_json(bool json);

/* From here on errors go to this file as well, as lines of text, or as an engine's log has them. */
void report_log(const char *path, bool json);

/* False with errno: that file cannot be written, or made. */
bool report_log_opens(const char *path);

/* Say what failed, on standard error; returns the exit status for it. */
enum status report_error(const struct scratch_error *err);

/* Say what is not quite as asked. */
void report_warning(const struct scratch_error *warning);

/* The same as report_error() about a command line; command is the name to look up help for, or "".
 */
enum status report_usage(const struct scratch_error *err, const char *command);

/* Flush standard output; returns 0, or says that it could not be written and returns a status. */
int report_written(void);

/* All of a text in one go, past stdio: for standard error, where lines shall stay whole. */
void report_text(const char *text, size_t size);

#endif
