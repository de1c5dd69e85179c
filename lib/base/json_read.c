/* SPDX-License-Identifier: MIT */
#include "base/json_read.h"
#include "base/error.h"
#include "base/json_parse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is shown of a value that is wrong, and of the way to it. */
#define SHOWN_VALUE 64
#define SHOWN_PATH  128

/* ---- a document ----------------------------------------------------------------------------- */

/* Whoever edits a file by hand is told where. */
static int bad_syntax(const char *text, const struct json_fault *fault, const char *name,
                      struct scratch_error *err)
{
    unsigned line = 1;
    for (size_t i = 0; i < fault->at; i++)
        line += text[i] == '\n';
    error_because(err, EINVAL, "read JSON", name, NULL, NULL);
    if (err)
        error_write(err->cause, "line %u: %s", line, fault->cause);
    return -EINVAL;
}

int json_read(const char *text, size_t size, const char *name, struct json_in *document,
              struct scratch_error *err)
{
    struct json_fault fault;
    *document = (struct json_in){.document = name};
    int rc = json_parse(text, size, &document->whole, &fault);
    if (rc == -EINVAL)
        return bad_syntax(text, &fault, name, err);
    if (rc < 0)
        return error_set(err, -rc, "read JSON", name, NULL);
    rc = json_expect(document, JSON_OBJECT, err);
    if (rc < 0)
        json_read_end(document);
    return rc;
}

void json_read_end(struct json_in *document)
{
    json_forget(document->whole);
    document->whole = NULL;
}

static const jsmntok_t *token_of(const struct json_in *value)
{
    return &value->whole->tokens[value->token];
}

static const char *text_of(const struct json_in *value)
{
    return value->whole->text + token_of(value)->start;
}

/* A string without its escapes. */
static const char *string_at(const struct json_document *document, uint32_t token)
{
    return document->decoded + document->tokens[token].start;
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
    if (!value->whole)
        return "null";
    const jsmntok_t *t = token_of(value);
    const int quote = t->type == JSMN_STRING;
    const char *text = value->whole->text;
    char *to = value->whole->shown;
    bool in_string = false;
    for (int i = t->start - quote; i < t->end + quote; i++) {
        if (text[i] == '"')
            in_string = !in_string;
        if (in_string || !strchr(" \t\r\n", text[i]))
            *to++ = text[i];
        if (text[i] == '\\') /* the next is no quote */
            *to++ = text[++i];
    }
    *to = '\0';
    return value->whole->shown;
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

static enum json_kind primitive_kind(const char *text, int size)
{
    if (*text == 'n')
        return JSON_NULL;
    if (*text == 't' || *text == 'f')
        return JSON_FLAG;
    for (int i = 0; i < size; i++)
        if (strchr(".eE", text[i]))
            return JSON_FRACTION;
    return JSON_NUMBER;
}

enum json_kind json_kind(const struct json_in *value)
{
    if (!value->whole)
        return JSON_NULL;
    const jsmntok_t *t = token_of(value);
    return t->type == JSMN_OBJECT   ? JSON_OBJECT
           : t->type == JSMN_ARRAY  ? JSON_ARRAY
           : t->type == JSMN_STRING ? JSON_TEXT
                                    : primitive_kind(text_of(value), t->end - t->start);
}

/* The name of the next member, or the object's end. */
static uint32_t behind(const struct json_in *object, uint32_t name)
{
    return object->whole->after[name + 1];
}

static uint32_t first_name(const struct json_in *object)
{
    return object->token + 1;
}

/* An object's only: another kind has no member at all. */
static uint32_t end_of(const struct json_in *object)
{
    return json_kind(object) == JSON_OBJECT ? object->whole->after[object->token] : 0;
}

static struct json_in member_at(const struct json_in *object, uint32_t name)
{
    return (struct json_in){
        .whole = object->whole,
        .token = name + 1,
        .document = object->document,
        .above = object,
        .name = string_at(object->whole, name),
    };
}

bool json_next(const struct json_in *object, size_t *at, struct json_in *member)
{
    const uint32_t end = end_of(object);
    uint32_t name = first_name(object);
    for (size_t i = 0; i < *at && name < end; i++)
        name = behind(object, name);
    if (name >= end)
        return false;
    *member = member_at(object, name);
    ++*at;
    return true;
}

bool json_member(const struct json_in *object, const char *name, struct json_in *member)
{
    const uint32_t end = end_of(object);
    *member = (struct json_in){.document = object->document, .above = object, .name = name};
    for (uint32_t at = first_name(object); at < end; at = behind(object, at))
        if (strcmp(string_at(object->whole, at), name) == 0)
            *member = member_at(object, at);
    return json_kind(member) != JSON_NULL;
}

size_t json_count(const struct json_in *array)
{
    return json_kind(array) == JSON_ARRAY ? (size_t)token_of(array)->size : 0;
}

void json_item(const struct json_in *array, size_t index, struct json_in *item)
{
    uint32_t token = array->token + 1;
    for (size_t i = 0; i < index; i++)
        token = array->whole->after[token];
    *item = (struct json_in){
        .whole = array->whole,
        .token = token,
        .document = array->document,
        .above = array,
        .index = index,
    };
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
    if (rc == 0)
        *text = string_at(value->whole, value->token);
    return rc;
}

int json_get_number(const struct json_in *value, uint64_t most, uint64_t *number,
                    struct scratch_error *err)
{
    char cause[64];
    int rc = json_expect(value, JSON_NUMBER, err);
    if (rc < 0)
        return rc;
    errno = 0;
    *number = strtoull(text_of(value), NULL, 10);
    if (*text_of(value) != '-' && errno == 0 && *number <= most)
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
    errno = 0;
    *number = strtoll(text_of(value), NULL, 10);
    if (errno == 0 && *number >= least && *number <= most)
        return 0;
    snprintf(cause, sizeof cause, "it is not between %" PRId64 " and %" PRId64, least, most);
    return json_wrong(value, cause, NULL, err);
}

int json_get_flag(const struct json_in *value, bool *flag, struct scratch_error *err)
{
    int rc = json_expect(value, JSON_FLAG, err);
    if (rc == 0)
        *flag = json_is_true(value);
    return rc;
}

bool json_is_true(const struct json_in *value)
{
    return json_kind(value) == JSON_FLAG && *text_of(value) == 't';
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
    for (size_t at = 0; json_next(object, &at, &member);)
        if (!listed(member.name, names))
            return json_wrong(&member, "there is no member of this name",
                              "see its spelling, or leave it out", err);
    return 0;
}
