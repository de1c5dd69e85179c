/* SPDX-License-Identifier: MIT */
/*
 * JSON of a few lines, written to a stream. What is larger, the library writes.
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stdio.h>

struct json {
    FILE *out;
    bool more; /* a value stands before, at this level */
};

/* In arrays name is NULL. bracket is '{' or '[', or what closes it. */
void json_open(struct json *json, const char *name, char bracket);
void json_close(struct json *json, char bracket);
void json_text(struct json *json, const char *name, const char *text); /* NULL: null */
void json_bool(struct json *json, const char *name, bool value);
void json_number(struct json *json, const char *name, long value);

/* A string with its quotes. Bytes that are not UTF-8 become U+FFFD: RFC 8259, section 8.1. */
void json_string(FILE *out, const char *text);

#endif
