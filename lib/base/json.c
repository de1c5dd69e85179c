/* SPDX-License-Identifier: MIT */
#include "base/json.h"
#include "base/lazy.h"
#include "base/printable.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

LAZY_NOTE("json", "plans and errors as JSON", LIBJSONC_SONAME);

static __typeof__(json_object_array_add) *lazy_json_object_array_add;
static __typeof__(json_object_new_array) *lazy_json_object_new_array;
static __typeof__(json_object_new_boolean) *lazy_json_object_new_boolean;
static __typeof__(json_object_new_object) *lazy_json_object_new_object;
static __typeof__(json_object_new_string) *lazy_json_object_new_string;
static __typeof__(json_object_new_uint64) *lazy_json_object_new_uint64;
static __typeof__(json_object_object_add) *lazy_json_object_object_add;
static __typeof__(json_object_put) *lazy_json_object_put;
static __typeof__(json_object_to_json_string_ext) *lazy_json_object_to_json_string_ext;

static const struct lazy_symbol symbols[] = {
    LAZY(json_object_array_add),          LAZY(json_object_new_array),
    LAZY(json_object_new_boolean),        LAZY(json_object_new_object),
    LAZY(json_object_new_string),         LAZY(json_object_new_uint64),
    LAZY(json_object_object_add),         LAZY(json_object_put),
    LAZY(json_object_to_json_string_ext),
};
static struct lazy_library json_c = {LIBJSONC_SONAME, false, symbols,
                                     sizeof symbols / sizeof *symbols};

void json_begin(struct json *j)
{
    *j = (struct json){.failed = lazy_load(&json_c)};
    if (j->failed)
        return;
    j->open[0] = lazy_json_object_new_object();
    j->failed = j->open[0] ? 0 : -ENOMEM;
}

/* Put a value, which may be null, into what is open. */
static void put(struct json *j, const char *name, struct json_object *value)
{
    struct json_object *into = j->open[j->depth];
    int rc = name ? lazy_json_object_object_add(into, name, value)
                  : lazy_json_object_array_add(into, value);
    if (rc == 0)
        return;
    lazy_json_object_put(value);
    j->failed = -ENOMEM;
}

/* Put a value that has just been made: NULL is no memory. */
static void put_new(struct json *j, const char *name, struct json_object *value)
{
    if (value)
        put(j, name, value);
    else
        j->failed = -ENOMEM;
}

static void descend(struct json *j, const char *name, struct json_object *value)
{
    put_new(j, name, value);
    if (j->failed)
        return;
    if (j->depth + 1 == JSON_DEPTH)
        j->failed = -E2BIG;
    else
        j->open[++j->depth] = value; /* which belongs to the one above it */
}

void json_open_object(struct json *j, const char *name)
{
    if (!j->failed)
        descend(j, name, lazy_json_object_new_object());
}

void json_open_array(struct json *j, const char *name)
{
    if (!j->failed)
        descend(j, name, lazy_json_object_new_array());
}

void json_close(struct json *j)
{
    if (!j->failed)
        j->depth--;
}

/* ---- values --------------------------------------------------------------------------------- */

static char *repaired(const char *text)
{
    char *copy = NULL;
    size_t size;
    FILE *out = open_memstream(&copy, &size);
    if (!out)
        return NULL;
    while (*text) {
        size_t n = utf8_length(text);
        if (n)
            fwrite(text, 1, n, out);
        else
            fputs("\xef\xbf\xbd", out); /* U+FFFD, the replacement character */
        text += n ? n : 1;
    }
    if (fclose(out) == 0)
        return copy;
    free(copy);
    return NULL;
}

void json_text(struct json *j, const char *name, const char *text)
{
    if (j->failed)
        return;
    if (!text) {
        put(j, name, NULL);
        return;
    }
    char *copy = repaired(text);
    put_new(j, name, copy ? lazy_json_object_new_string(copy) : NULL);
    free(copy);
}

void json_number(struct json *j, const char *name, uint64_t number)
{
    if (!j->failed)
        put_new(j, name, lazy_json_object_new_uint64(number));
}

void json_flag(struct json *j, const char *name, bool flag)
{
    if (!j->failed)
        put_new(j, name, lazy_json_object_new_boolean(flag));
}

char *json_end(struct json *j, bool pretty)
{
    int style = pretty ? JSON_C_TO_STRING_PRETTY : JSON_C_TO_STRING_PLAIN;
    char *copy = NULL;
    if (!j->failed) {
        const char *text =
            lazy_json_object_to_json_string_ext(j->open[0], style | JSON_C_TO_STRING_NOSLASHESCAPE);
        copy = text ? strdup(text) : NULL;
        j->failed = copy ? 0 : -ENOMEM;
    }
    if (j->open[0])
        lazy_json_object_put(j->open[0]);
    return copy;
}
