/* SPDX-License-Identifier: MIT */
/*
 * Text from elsewhere (paths, arguments, names) made fit to be shown: what comes out is UTF-8, and
 * has no control character that could move a terminal's cursor or forge a second line.
 */
#ifndef BASE_PRINTABLE_H
#define BASE_PRINTABLE_H

#include <stddef.h>
#include <stdio.h>

/* The bytes of the UTF-8 character that a string begins with: 1 to 4; 0 when it is not one. */
size_t utf8_length(const char *s);

/* The same; 0 also when it is a control character. */
size_t printable_length(const char *s);

/* How many bytes, no more than size, can be kept without cutting a character in two. */
size_t utf8_fit(const char *s, size_t size);

/* A character as it is shown: itself, or \n, \t, \r, \xHH for a byte. Returns how many bytes of s.
 */
#define SHOWN_CHARACTER 5
size_t show_character(char shown[SHOWN_CHARACTER], const char *s);

/* Write a text as it is shown. */
void write_escaped(FILE *out, const char *text);

/* The same into a buffer; what does not fit is cut, with "…" at the end. */
void put_escaped(char *buffer, size_t size, const char *text);

/* The same, with "…" in the middle of what is too long to read. */
void write_shortened(FILE *out, const char *text);

/* Write a text as one word of a shell command: as it is, in '…', or in $'…'. */
void write_quoted(FILE *out, const char *text);

/* Cut a text that does not fit behind its first bytes, and end it with "…". Size is 4 or more. */
void cut_text(char *text, size_t size);

#endif
