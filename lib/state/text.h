/* SPDX-License-Identifier: MIT */
/*
 * Members of the record, which is written piece by piece: some when the plan is compiled, some when
 * the container is there.
 */
#ifndef STATE_TEXT_H
#define STATE_TEXT_H

#include <stdio.h>

/* "name":"text", and nothing where the text is NULL. */
void text_member(FILE *out, const char *name, const char *text);

/* "name":["a","b"], and nothing where the array, which ends with NULL, is NULL. */
void text_array(FILE *out, const char *name, const char *const *texts);

#endif
