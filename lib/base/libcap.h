/* SPDX-License-Identifier: MIT */
/*
 * Names of capabilities and their numbers, by libcap.
 */
#ifndef BASE_LIBCAP_H
#define BASE_LIBCAP_H

#include <stdbool.h>

#define CAPABILITY_NAME   32
#define CAPABILITY_PREFIX "cap_"

/* "cap_chown"; false for a number that libcap does not know. Without libcap, "cap_0". */
bool libcap_name(int number, char name[CAPABILITY_NAME]);

/* The number of "chown", "CAP_CHOWN", "cap_chown"; -EINVAL; -ENOSYS without libcap. */
int libcap_number(const char *name);

#endif
