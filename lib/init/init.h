/* SPDX-License-Identifier: MIT */
/*
 * What the library and scratch-init agree on: where things are when it begins.
 *
 * Its image and its plan are one memfd: the program at 0, the plan's block at INIT_PLAN_OFFSET,
 * the start's block behind it.
 */
#ifndef INIT_INIT_H
#define INIT_INIT_H

/* A multiple of every page size that is supported: arm64 has up to 64 KiB. */
#ifdef __x86_64__
#define INIT_PLAN_OFFSET 49152
#else
#define INIT_PLAN_OFFSET 65536
#endif

#define INIT_FD_IMAGE  3
#define INIT_FD_SOCKET 4
#define INIT_FD_SLOTS                                                                              \
    5 /* the first fd slot; slot n is INIT_FD_SLOTS + n; then those handed over                    \
       */

#ifndef __ASSEMBLER__
/* Where the start's block begins, behind a plan's block of that size. */
static inline unsigned init_start_offset(unsigned plan_size)
{
    return (plan_size + 7) & ~7u;
}
#endif

/* What scratch-init is called in /proc/PID/comm: the second while it waits to be started. */
#define INIT_NAME         "scratch-init"
#define INIT_NAME_CREATED "scratch-created"

/* All of its environment, when it has to take ADDR_NO_RANDOMIZE from its personality. */
#define INIT_FIXED "ADDR_NO_RANDOMIZE"

#if !defined(INIT_ITSELF) && !defined(__ASSEMBLER__)
/* The image, carried inside the library. */
extern const unsigned char init_image[INIT_PLAN_OFFSET];
#endif

#endif
