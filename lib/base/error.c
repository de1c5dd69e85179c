/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "base/printable.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void error_print(char *member, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(member, size, format, arguments);
    va_end(arguments);
    if (n >= 0 && (size_t)n >= size)
        cut_text(member, size);
}

static void put(char *member, size_t size, const char *text)
{
    if (text)
        error_print(member, size, "%s", text);
}

/* What has one cause, whoever asked for it. */
static const struct general {
    int errnum;
    const char *cause;
    const char *hint;
} general[] = {
    {EMFILE, "the caller has too many open files", "raise its limit: `ulimit -n`"},
    {ENFILE, "the machine has too many open files", "raise fs.file-max, or end what holds them"},
};

static void explain_general(struct scratch_error *err)
{
    for (size_t i = 0; i < sizeof general / sizeof *general; i++)
        if (general[i].errnum == err->errnum) {
            put(err->cause, sizeof err->cause, general[i].cause);
            put(err->hint, sizeof err->hint, general[i].hint);
        }
}

int error_because(struct scratch_error *err, int errnum, const char *what, const char *subject,
                  const char *cause, const char *hint)
{
    if (err) {
        memset(err, 0, sizeof *err);
        err->errnum = errnum;
        put(err->what, sizeof err->what, what);
        put(err->subject, sizeof err->subject, subject);
        if (!cause && !hint)
            explain_general(err);
        put(err->cause, sizeof err->cause, cause);
        put(err->hint, sizeof err->hint, hint);
    }
    return -errnum;
}

int error_set(struct scratch_error *err, int errnum, const char *what, const char *subject,
              const char *hint)
{
    return error_because(err, errnum, what, subject, NULL, hint);
}

int error_call(struct scratch_error *err, int errnum, const char *call, const char *what,
               const char *subject, const char *hint)
{
    error_because(err, errnum, what, subject, NULL, hint);
    if (err)
        put(err->call, sizeof err->call, call);
    return -errnum;
}
