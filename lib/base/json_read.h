/* SPDX-License-Identifier: MIT */
/*
 * Reading JSON. A value knows where it is, so that an error can name it:
 *
 *     struct json_in document, rules, rule;
 *     int rc = json_read(text, size, "/etc/profile.json", &document, err);
 *     if (rc == 0 && json_member(&document, "rules", &rules))
 *         for (size_t i = 0; i < json_count(&rules); i++) {
 *             json_item(&rules, i, &rule);
 *             …
 *     json_read_end(&document);
 *
 * A value refers to the one that it is in, which has to live as long.
 */
#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <scratch/error.h>

struct json_document;

struct json_in {
    struct json_document *whole; /* NULL: nothing has been read */
    uint32_t token;
    const char *document;        /* what errors call it: the file's name */
    const struct json_in *above; /* NULL: this is the document */
    const char *name;            /* its name there; NULL: an item of an array */
    size_t index;
};

enum json_kind {
    JSON_NULL,
    JSON_FLAG,
    JSON_NUMBER, /* whole */
    JSON_FRACTION,
    JSON_TEXT,
    JSON_ARRAY,
    JSON_OBJECT,
};

/*
 * Read a document, which must be one object. The text is not needed any longer. -EINVAL: it is not
 * JSON (the error has the line); -EFBIG; -ENOMEM.
 */
int json_read(const char *text, size_t size, const char *name, struct json_in *document,
              struct scratch_error *err);
void json_read_end(struct json_in *document);

enum json_kind json_kind(const struct json_in *value);

/* A member, of several of one name the last; false where it is absent or null. */
bool json_member(const struct json_in *object, const char *name, struct json_in *member);

/* The items of an array; anything else has none. */
size_t json_count(const struct json_in *array);
void json_item(const struct json_in *array, size_t index, struct json_in *item);

/*
 * The members of an object, one after the other, in the order of the document; anything else has
 * none. *at counts them, from 0. The name belongs to the document.
 */
bool json_next(const struct json_in *object, size_t *at, struct json_in *member);

/* 0, or -EINVAL and an error that names the value. The text belongs to the document. */
int json_get_text(const struct json_in *value, const char **text, struct scratch_error *err);
int json_get_number(const struct json_in *value, uint64_t most, uint64_t *number,
                    struct scratch_error *err);
int json_get_signed(const struct json_in *value, int64_t least, int64_t most, int64_t *number,
                    struct scratch_error *err);
int json_get_flag(const struct json_in *value, bool *flag, struct scratch_error *err);
int json_expect(const struct json_in *value, enum json_kind kind, struct scratch_error *err);

/* True for the value true alone. */
bool json_is_true(const struct json_in *value);

/* A value as compact JSON, until it is asked for again. */
const char *json_source(const struct json_in *value);

/* Refuse members that are not in a list, which ends with NULL. */
int json_known(const struct json_in *object, const char *const *names, struct scratch_error *err);

/* Say what is wrong with a value; returns -EINVAL. */
int json_wrong(const struct json_in *value, const char *cause, const char *hint,
               struct scratch_error *err);

#endif
