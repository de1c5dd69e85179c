/* SPDX-License-Identifier: MIT */
/*
 * Names of capabilities and their numbers, as capabilities(7) has them.
 */
#ifndef BASE_CAPABILITY_H
#define BASE_CAPABILITY_H

#include <stdbool.h>

#define CAPABILITY_NAME   32
#define CAPABILITY_PREFIX "cap_"

/* "cap_chown"; false, and "cap_41", for a number that has no name here. */
bool capability_name(int number, char name[CAPABILITY_NAME]);

/* The number of "chown", "CAP_CHOWN", "cap_chown"; -EINVAL. */
int capability_number(const char *name);

#endif
