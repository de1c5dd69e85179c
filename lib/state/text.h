/* SPDX-License-Identifier: MIT */
/*
 * Writing the record's JSON as text: while a container is being started no library can be loaded,
 * and there is little to write. It is read with json-c.
 */
#ifndef STATE_TEXT_H
#define STATE_TEXT_H

#include <stdio.h>

/* A string in quotes. Bytes that are not UTF-8 become U+FFFD. */
void text_quoted(FILE *out, const char *text);

/* "name":"text", and nothing where the text is NULL. */
void text_member(FILE *out, const char *name, const char *text);

/* "name":["a","b"], and nothing where the array, which ends with NULL, is NULL. */
void text_array(FILE *out, const char *name, const char *const *texts);

#endif
