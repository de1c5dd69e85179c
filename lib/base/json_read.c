/* SPDX-License-Identifier: MIT */
#include "base/json_read.h"
#include "base/error.h"
#include "base/lazy.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* What a document may be nested: more than any that is read here. */
#define DEPTH 32

/* What is shown of a value that is wrong, and of the way to it. */
#define SHOWN_VALUE 64
#define SHOWN_PATH  128

static __typeof__(json_object_array_get_idx) *lazy_json_object_array_get_idx;
static __typeof__(json_object_array_length) *lazy_json_object_array_length;
static __typeof__(json_object_get_boolean) *lazy_json_object_get_boolean;
static __typeof__(json_object_get_int64) *lazy_json_object_get_int64;
static __typeof__(json_object_get_string) *lazy_json_object_get_string;
static __typeof__(json_object_get_string_len) *lazy_json_object_get_string_len;
static __typeof__(json_object_get_type) *lazy_json_object_get_type;
static __typeof__(json_object_get_uint64) *lazy_json_object_get_uint64;
static __typeof__(json_object_iter_begin) *lazy_json_object_iter_begin;
static __typeof__(json_object_iter_end) *lazy_json_object_iter_end;
static __typeof__(json_object_iter_equal) *lazy_json_object_iter_equal;
static __typeof__(json_object_iter_next) *lazy_json_object_iter_next;
static __typeof__(json_object_iter_peek_name) *lazy_json_object_iter_peek_name;
static __typeof__(json_object_iter_peek_value) *lazy_json_object_iter_peek_value;
static __typeof__(json_object_object_get_ex) *lazy_json_object_object_get_ex;
static __typeof__(json_object_put) *lazy_json_object_put;
static __typeof__(json_object_to_json_string_ext) *lazy_json_object_to_json_string_ext;
static __typeof__(json_tokener_error_desc) *lazy_json_tokener_error_desc;
static __typeof__(json_tokener_free) *lazy_json_tokener_free;
static __typeof__(json_tokener_get_error) *lazy_json_tokener_get_error;
static __typeof__(json_tokener_get_parse_end) *lazy_json_tokener_get_parse_end;
static __typeof__(json_tokener_new_ex) *lazy_json_tokener_new_ex;
static __typeof__(json_tokener_parse_ex) *lazy_json_tokener_parse_ex;
static __typeof__(json_tokener_set_flags) *lazy_json_tokener_set_flags;

static const struct lazy_symbol symbols[] = {
    LAZY(json_object_array_get_idx),  LAZY(json_object_array_length),
    LAZY(json_object_get_boolean),    LAZY(json_object_get_int64),
    LAZY(json_object_get_string),     LAZY(json_object_get_string_len),
    LAZY(json_object_get_type),       LAZY(json_object_get_uint64),
    LAZY(json_object_iter_begin),     LAZY(json_object_iter_end),
    LAZY(json_object_iter_equal),     LAZY(json_object_iter_next),
    LAZY(json_object_iter_peek_name), LAZY(json_object_iter_peek_value),
    LAZY(json_object_object_get_ex),  LAZY(json_object_put),
    LAZY(json_tokener_error_desc),    LAZY(json_object_to_json_string_ext),
    LAZY(json_tokener_free),          LAZY(json_tokener_get_error),
    LAZY(json_tokener_get_parse_end), LAZY(json_tokener_new_ex),
    LAZY(json_tokener_parse_ex),      LAZY(json_tokener_set_flags),
};
static struct lazy_library json_c = {LIBJSONC_SONAME, false, symbols,
                                     sizeof symbols / sizeof *symbols};

/* ---- a document ----------------------------------------------------------------------------- */

static int bad_syntax(const char *text, size_t at, const char *name, const char *cause,
                      struct scratch_error *err)
{
    unsigned line = 1;
    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n';
    int rc = error_because(err, EINVAL, "read JSON", name, NULL, NULL);
    if (err)
        error_write(err->cause, "line %u: %s", line, cause);
    return rc;
}

static int parse(struct json_tokener *tokener, const char *text, size_t size, struct json_in *into,
                 struct scratch_error *err)
{
    /* Strict, and nothing may follow the value; whoever edits a file by hand is told where. */
    lazy_json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    into->object = lazy_json_tokener_parse_ex(tokener, text, (int)size);
    enum json_tokener_error result = lazy_json_tokener_get_error(tokener);
    size_t end = lazy_json_tokener_get_parse_end(tokener);
    if (result == json_tokener_continue)
        return bad_syntax(text, size, into->document, "it ends too early", err);
    if (result != json_tokener_success)
        return bad_syntax(text, end, into->document, lazy_json_tokener_error_desc(result), err);
    return json_expect(into, JSON_OBJECT, err);
}

int json_need(const char *name, struct scratch_error *err)
{
    if (lazy_load(&json_c) < 0)
        return lazy_missing(err, "read JSON", name, LIBJSONC_SONAME, "install json-c");
    return 0;
}

int json_read(const char *text, size_t size, const char *name, struct json_in *document,
              struct scratch_error *err)
{
    *document = (struct json_in){.document = name};
    int rc = json_need(name, err);
    if (rc < 0)
        return rc;
    if (size > INT_MAX)
        return error_set(err, EFBIG, "read JSON", name, NULL);
    struct json_tokener *tokener = lazy_json_tokener_new_ex(DEPTH);
    if (!tokener)
        return error_set(err, ENOMEM, "read JSON", name, NULL);
    rc = parse(tokener, text, size, document, err);
    lazy_json_tokener_free(tokener);
    if (rc < 0)
        json_read_end(document);
    return rc;
}

void json_read_end(struct json_in *document)
{
    if (document->object)
        lazy_json_object_put(document->object);
    document->object = NULL;
}

/* ---- errors --------------------------------------------------------------------------------- */

/* "syscalls[3].args[0].op"; what does not fit is cut at the end. */
static size_t write_place(const struct json_in *value, char *text, size_t size)
{
    size_t at = value->above ? write_place(value->above, text, size) : 0;
    int n = 0;
    if (!value->above)
        text[0] = '\0';
    else if (value->name)
        n = snprintf(text + at, size - at, "%s%s", at ? "." : "", value->name);
    else
        n = snprintf(text + at, size - at, "[%zu]", value->index);
    at += n > 0 ? (size_t)n : 0;
    return at < size ? at : size - 1;
}

const char *json_source(const struct json_in *value)
{
    const char *text = lazy_json_object_to_json_string_ext(
        value->object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    return text ? text : "";
}

int json_wrong(const struct json_in *value, const char *cause, const char *hint,
               struct scratch_error *err)
{
    char place[SHOWN_PATH], subject[sizeof err->subject];
    if (!err)
        return -EINVAL;
    write_place(value, place, sizeof place);
    snprintf(subject, sizeof subject, "%s%s%.*s", place, *place ? " = " : "", SHOWN_VALUE,
             json_source(value));
    error_because(err, EINVAL, NULL, subject, cause, hint);
    error_write(err->what, "read %s", value->document);
    return -EINVAL;
}

/* ---- values --------------------------------------------------------------------------------- */

enum json_kind json_kind(const struct json_in *value)
{
    static const enum json_kind kinds[] = {
        [json_type_null] = JSON_NULL,       [json_type_boolean] = JSON_FLAG,
        [json_type_double] = JSON_FRACTION, [json_type_int] = JSON_NUMBER,
        [json_type_object] = JSON_OBJECT,   [json_type_array] = JSON_ARRAY,
        [json_type_string] = JSON_TEXT,
    };
    return kinds[lazy_json_object_get_type(value->object)];
}

bool json_member(const struct json_in *object, const char *name, struct json_in *member)
{
    *member = (struct json_in){.document = object->document, .above = object, .name = name};
    return json_kind(object) == JSON_OBJECT &&
           lazy_json_object_object_get_ex(object->object, name, &member->object) && member->object;
}

size_t json_count(const struct json_in *array)
{
    return json_kind(array) == JSON_ARRAY ? lazy_json_object_array_length(array->object) : 0;
}

void json_item(const struct json_in *array, size_t index, struct json_in *item)
{
    *item = (struct json_in){.object = lazy_json_object_array_get_idx(array->object, index),
                             .document = array->document,
                             .above = array,
                             .index = index};
}

int json_expect(const struct json_in *value, enum json_kind kind, struct scratch_error *err)
{
    static const char *const causes[] = {
        [JSON_NULL] = "it is not null",        [JSON_FLAG] = "it is neither true nor false",
        [JSON_FRACTION] = "it is no fraction", [JSON_NUMBER] = "it is not a whole number",
        [JSON_OBJECT] = "it is not an object", [JSON_ARRAY] = "it is not an array",
        [JSON_TEXT] = "it is not a string",
    };
    return json_kind(value) == kind ? 0 : json_wrong(value, causes[kind], NULL, err);
}

int json_get_text(const struct json_in *value, const char **text, struct scratch_error *err)
{
    int rc = json_expect(value, JSON_TEXT, err);
    if (rc < 0)
        return rc;
    *text = lazy_json_object_get_string(value->object);
    if (strlen(*text) != (size_t)lazy_json_object_get_string_len(value->object))
        return json_wrong(value, "there is a NUL character in it", NULL, err);
    return 0;
}

int json_get_number(const struct json_in *value, uint64_t most, uint64_t *number,
                    struct scratch_error *err)
{
    char cause[64];
    int rc = json_expect(value, JSON_NUMBER, err);
    if (rc < 0)
        return rc;
    *number = lazy_json_object_get_uint64(value->object);
    if (lazy_json_object_get_int64(value->object) >= 0 && *number <= most)
        return 0;
    snprintf(cause, sizeof cause, "it is not between 0 and %" PRIu64, most);
    return json_wrong(value, cause, NULL, err);
}

int json_get_signed(const struct json_in *value, int64_t least, int64_t most, int64_t *number,
                    struct scratch_error *err)
{
    char cause[80];
    int rc = json_expect(value, JSON_NUMBER, err);
    if (rc < 0)
        return rc;
    *number = lazy_json_object_get_int64(value->object);
    if (*number >= least && *number <= most)
        return 0;
    snprintf(cause, sizeof cause, "it is not between %" PRId64 " and %" PRId64, least, most);
    return json_wrong(value, cause, NULL, err);
}

int json_get_flag(const struct json_in *value, bool *flag, struct scratch_error *err)
{
    int rc = json_expect(value, JSON_FLAG, err);
    if (rc == 0)
        *flag = lazy_json_object_get_boolean(value->object);
    return rc;
}

bool json_next(const struct json_in *object, size_t *at, struct json_in *member)
{
    if (json_kind(object) != JSON_OBJECT)
        return false;
    struct json_object_iterator here = lazy_json_object_iter_begin(object->object);
    struct json_object_iterator end = lazy_json_object_iter_end(object->object);
    for (size_t i = 0; i < *at && !lazy_json_object_iter_equal(&here, &end); i++)
        lazy_json_object_iter_next(&here);
    if (lazy_json_object_iter_equal(&here, &end))
        return false;
    *member = (struct json_in){
        .object = lazy_json_object_iter_peek_value(&here),
        .document = object->document,
        .above = object,
        .name = lazy_json_object_iter_peek_name(&here),
    };
    ++*at;
    return true;
}

bool json_is_true(const struct json_in *value)
{
    return json_kind(value) == JSON_FLAG && lazy_json_object_get_boolean(value->object);
}

static bool listed(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

int json_known(const struct json_in *object, const char *const *names, struct scratch_error *err)
{
    struct json_in member;
    int rc = json_expect(object, JSON_OBJECT, err);
    if (rc < 0)
        return rc;
    struct json_object_iterator at = lazy_json_object_iter_begin(object->object);
    struct json_object_iterator end = lazy_json_object_iter_end(object->object);
    for (; !lazy_json_object_iter_equal(&at, &end); lazy_json_object_iter_next(&at)) {
        const char *name = lazy_json_object_iter_peek_name(&at);
        if (listed(name, names))
            continue;
        json_member(object, name, &member);
        return json_wrong(&member, "there is no member of this name",
                          "see its spelling, or leave it out", err);
    }
    return 0;
}
