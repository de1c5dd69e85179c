/* SPDX-License-Identifier: MIT */
/*
 * JSON of a few lines, written to a stream. What is larger, the library writes.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

struct output {
    FILE *out;
    bool more; /* a value stands before, at this level */
};

/* In arrays name is NULL. bracket is '{' or '[', or what closes it. */
void output_open(struct output *output, const char *name, char bracket);
void output_close(struct output *output, char bracket);
void output_text(struct output *output, const char *name, const char *text); /* NULL: null */
void output_bool(struct output *output, const char *name, bool value);
void output_number(struct output *output, const char *name, long value);

/* A string with its quotes. Bytes that are not UTF-8 become U+FFFD: RFC 8259, section 8.1. */
void output_string(FILE *out, const char *text);

#endif
