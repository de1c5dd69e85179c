/* SPDX-License-Identifier: MIT */
/*
 * Writing JSON. A document is an object that members are put into, one after the other:
 *
 *     struct json j;
 *     json_begin(&j, true);
 *     json_text(&j, "name", "web");
 *     json_open_array(&j, "ports");
 *     json_number(&j, NULL, 80);
 *     json_close(&j);
 *     char *text = json_end(&j);
 *
 * Once something has failed every further call does nothing, and json_end() says so. In an array,
 * members have no name: NULL.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH 8

struct json {
    FILE *out;
    char *text;
    size_t size;
    bool pretty;
    int depth;
    struct {
        char close;  /* what ends it */
        bool filled; /* it has a member */
    } open[JSON_DEPTH];
    int failed; /* 0; -ENOMEM; -E2BIG: more than JSON_DEPTH are open */
};

/* Pretty: a line for each member. Else all is one line. */
void json_begin(struct json *j, bool pretty);
void json_open_object(struct json *j, const char *name);
void json_open_array(struct json *j, const char *name);
void json_close(struct json *j);

/* Bytes that are not UTF-8, which JSON cannot hold, become U+FFFD. NULL is null. */
void json_text(struct json *j, const char *name, const char *text);
void json_number(struct json *j, const char *name, uint64_t number);
void json_flag(struct json *j, const char *name, bool flag);

/* The document, to free(3); NULL when it failed: see j->failed. */
char *json_end(struct json *j);

/* A string alone, in its quotes. */
void json_write_string(FILE *out, const char *text);

#endif
