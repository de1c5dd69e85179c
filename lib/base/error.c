/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void error_print(char *member, size_t size, const char *format, ...)
{
    static const char cut[] = "\xe2\x80\xa6"; /* an ellipsis */
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(member, size, format, arguments);
    va_end(arguments);
    if (n >= 0 && (size_t)n >= size) {
        size_t at = size - sizeof cut;
        while (at > 0 && ((unsigned char)member[at] & 0xc0) == 0x80)
            at--; /* not in the middle of a character */
        memcpy(member + at, cut, sizeof cut);
    }
}

static void put(char *member, size_t size, const char *text)
{
    if (text)
        error_print(member, size, "%s", text);
}

int error_because(struct scratch_error *err, int errnum, const char *what, const char *subject,
                  const char *cause, const char *hint)
{
    if (err) {
        memset(err, 0, sizeof *err);
        err->errnum = errnum;
        put(err->what, sizeof err->what, what);
        put(err->subject, sizeof err->subject, subject);
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
