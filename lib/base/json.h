/* SPDX-License-Identifier: MIT */
/*
 * Writing JSON, by json-c. A document is an object that members are put into, one after the other:
 *
 *     struct json j;
 *     json_begin(&j);
 *     json_text(&j, "name", "web");
 *     json_open_array(&j, "ports");
 *     json_number(&j, NULL, 80);
 *     json_close(&j);
 *     char *text = json_end(&j, true);
 *
 * Once something has failed every further call does nothing, and json_end() says so. In an array,
 * members have no name: NULL.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#define JSON_DEPTH 8

struct json_object;

struct json {
    struct json_object *open[JSON_DEPTH]; /* from the document to what is being filled */
    int depth;
    int failed; /* 0 or -errno: -ENOSYS without json-c, -ENOMEM */
};

void json_begin(struct json *j);
void json_open_object(struct json *j, const char *name);
void json_open_array(struct json *j, const char *name);
void json_close(struct json *j);

/* Bytes that are not UTF-8, which JSON cannot hold, become U+FFFD. NULL is null. */
void json_text(struct json *j, const char *name, const char *text);
void json_number(struct json *j, const char *name, uint64_t number);
void json_flag(struct json *j, const char *name, bool flag);

/* The document, to free(3); NULL when it failed: see j->failed. */
char *json_end(struct json *j, bool pretty);

#endif
