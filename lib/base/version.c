/* SPDX-License-Identifier: MIT */
#include <scratch/version.h>

const char *scratch_version(void)
{
    return SCRATCH_VERSION;
}
