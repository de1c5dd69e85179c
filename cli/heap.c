/* SPDX-License-Identifier: MIT */
/*
 * malloc(3) for the static scratchctl, in place of the C library's: what one command needs comes
 * out of one piece of memory, which lies behind the variables, so that pages.c takes its pages with
 * theirs. musl's asks the kernel for each size by itself, and spreads it: of a start's 150 system
 * calls ten were that, and of its page faults a third.
 *
 * What is freed is kept by size, for the next that fits. For a program with one thread.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT ((size_t)16)
#define PIECE     ((size_t)32 * 1024)
#define BIG       (PIECE / 2) /* from here on each has a mapping of its own */
#define CLASSES   64

struct head {
    size_t size; /* of the memory behind it */
    struct head *next;
};
_Static_assert(sizeof(struct head) == ALIGNMENT, "what follows is aligned as malloc(3) promises");

static char first[PIECE] __attribute__((aligned(ALIGNMENT)));
static char *at = first, *end = first + PIECE;
static struct head *freed[CLASSES]; /* by the logarithm of their size, rounded down */

static unsigned logarithm(size_t size)
{
    return 63 - (unsigned)__builtin_clzl(size);
}

static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static struct head *take_mapping(size_t size)
{
    struct head *head = map(sizeof *head + size);
    if (head)
        head->size = size;
    return head;
}

/* The rest of the piece before is left: less than one that is not big. */
static bool next_piece(void)
{
    char *piece = map(PIECE);
    if (!piece)
        return false;
    at = piece;
    end = piece + PIECE;
    return true;
}

static struct head *take_new(size_t size)
{
    if ((size_t)(end - at) < sizeof(struct head) + size && !next_piece())
        return NULL;
    struct head *head = (struct head *)at;
    head->size = size;
    at += sizeof *head + size;
    return head;
}

/* All in a class above the size's own are large enough. */
static struct head *take_freed(size_t size)
{
    struct head **class = &freed[logarithm(size - 1) + 1];
    struct head *head = *class;
    if (head)
        *class = head->next;
    return head;
}

static void *take(size_t size, bool zero)
{
    if (size > PTRDIFF_MAX - PIECE) {
        errno = ENOMEM;
        return NULL;
    }
    size = size < 2 * ALIGNMENT ? 2 * ALIGNMENT : (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    struct head *head = size < BIG ? take_freed(size) : take_mapping(size);
    if (head && size < BIG && zero) /* all other memory is as the kernel gave it */
        memset(head + 1, 0, size);
    if (!head && size < BIG)
        head = take_new(size);
    if (!head)
        errno = ENOMEM;
    return head ? head + 1 : NULL;
}

void *malloc(size_t size)
{
    return take(size, false);
}

void *calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        bytes = SIZE_MAX;
    return take(bytes, true);
}

void free(void *memory)
{
    struct head *head = (struct head *)memory - 1;
    if (!memory)
        return;
    if (head->size >= BIG) {
        int errnum = errno;
        munmap(head, sizeof *head + head->size);
        errno = errnum;
        return;
    }
    struct head **class = &freed[logarithm(head->size)];
    head->next = *class;
    *class = head;
}

void *realloc(void *memory, size_t size)
{
    size_t has = memory ? ((struct head *)memory - 1)->size : 0;
    if (memory && size <= has && has < BIG)
        return memory;
    void *other = malloc(size);
    if (!other || !memory)
        return other;
    memcpy(other, memory, size < has ? size : has);
    free(memory);
    return other;
}

/* Not called by anything that scratchctl is made of: nothing wants more than malloc's alignment. */
void *aligned_alloc(size_t alignment, size_t size)
{
    if (alignment <= ALIGNMENT)
        return malloc(size);
    errno = ENOMEM;
    return NULL;
}
