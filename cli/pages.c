/* SPDX-License-Identifier: MIT */
/*
 * The pages that a start by the static scratchctl is going to touch, asked for in three calls
 * before main(): what it needs of the program, which start.ld has put side by side, its variables
 * and heap, and the stack as deep as it goes. A page fault costs as much as some ten system calls,
 * where a hypervisor keeps the page tables some fifty, and there would be thirty.
 */
#include <stdint.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_READ /* Linux 5.14: before, they come one by one */
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

#define PAGE  ((uintptr_t)4096)
#define STACK (8 * PAGE)

extern const char start_begin[], start_end[], __bss_start[], _end[]; /* ld's */

static void populate(uintptr_t begin, uintptr_t end, int advice)
{
    begin &= -PAGE;
    madvise((void *)begin, end - begin, advice);
}

__attribute__((constructor)) static void take_pages(void)
{
    uintptr_t stack = (uintptr_t)__builtin_frame_address(0);
    populate((uintptr_t)start_begin, (uintptr_t)start_end, MADV_POPULATE_READ);
    populate((uintptr_t)__bss_start, (uintptr_t)_end, MADV_POPULATE_WRITE);
    populate(stack - STACK, stack, MADV_POPULATE_WRITE);
}
