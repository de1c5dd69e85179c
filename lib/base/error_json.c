/* SPDX-License-Identifier: MIT */
#include "base/error_name.h"
#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_text(struct json *j, const char *name, const char *text)
{
    if (text[0])
        json_text(j, name, text);
}

static void put_error(struct json *j, const struct scratch_error *e)
{
    const char *name = error_name(e->errnum);
    json_number(j, "errno", (uint64_t)e->errnum);
    json_text(j, "error", name ? name : strerror(e->errnum));
    if (e->step) {
        json_number(j, "step", e->step);
        json_number(j, "steps", e->step_count);
    }
    put_text(j, "side", error_side(e->side));
    put_text(j, "call", e->call);
    put_text(j, "what", e->what);
    put_text(j, "subject", e->subject);
    put_text(j, "cause", e->cause);
    put_text(j, "hint", e->hint);
}

int scratch_error_json(const struct scratch_error *e, char *text, size_t size)
{
    struct json j;
    json_begin(&j, false);
    put_error(&j, e);
    char *whole = json_end(&j);
    if (!whole)
        return j.failed;
    int length = snprintf(text, size, "%s", whole);
    free(whole);
    return length;
}
