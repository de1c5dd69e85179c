/* SPDX-License-Identifier: MIT */
/*
 * Whether the process has one thread, so that nobody forks while an fd is not yet where it belongs.
 */
#ifndef BASE_SINGLE_H
#define BASE_SINGLE_H

#include <stdbool.h>

#if defined(SCRATCH_SINGLE_THREADED) /* a program that is linked as a whole, and makes no threads  \
                                      */
#define SINGLE_THREADED true
#elif __has_include(<sys/single_threaded.h>) /* glibc 2.32 */
#include <sys/single_threaded.h>
#define SINGLE_THREADED __libc_single_threaded
#else
#define SINGLE_THREADED false
#endif

/* False where nobody knows. */
static inline bool single_threaded(void)
{
    return SINGLE_THREADED;
}

#endif
