/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const sides[] = {
    [SCRATCH_SIDE_NONE] = "",
    [SCRATCH_SIDE_HOST] = "host",
    [SCRATCH_SIDE_CHILD] = "child",
    [SCRATCH_SIDE_CONTAINER] = "container",
};

/* As snprintf(3), behind what is in the buffer already. */
static void append(char *line, size_t size, size_t *at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void append(char *line, size_t size, size_t *at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n =
        vsnprintf(*at < size ? line + *at : NULL, *at < size ? size - *at : 0, format, arguments);
    va_end(arguments);
    *at += n > 0 ? (size_t)n : 0;
}

int scratch_error_format(const struct scratch_error *e, char *line, size_t size)
{
    const char *name = strerrorname_np(e->errnum);
    bool subject = e->subject[0] && !strstr(e->what, e->subject);
    size_t at = 0;
    if (e->step)
        append(line, size, &at, "step %u of %u (%s): ", e->step, e->step_count,
               sides[e->side <= SCRATCH_SIDE_CONTAINER ? e->side : 0]);
    append(line, size, &at, "%s", e->what);
    if (subject)
        append(line, size, &at, ": '%s'", e->subject);
    if (name)
        append(line, size, &at, ": %s", name);
    else
        append(line, size, &at, ": error %d", e->errnum);
    append(line, size, &at, ": %s", e->cause[0] ? e->cause : strerror(e->errnum));
    if (e->hint[0])
        append(line, size, &at, " (%s)", e->hint);
    return (int)at;
}
