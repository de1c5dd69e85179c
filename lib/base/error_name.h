/* SPDX-License-Identifier: MIT */
#ifndef BASE_ERROR_NAME_H
#define BASE_ERROR_NAME_H

#include <scratch/error.h>

/* "ENOENT"; NULL for a number without a name. */
const char *error_name(int errnum);

/* "host"; "" when no step was involved. */
const char *error_side(enum scratch_side side);

#endif
