/* SPDX-License-Identifier: MIT */
#include "cli/pool.h"
#include "cli/report.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct pool_chunk {
    struct pool_chunk *before;
    max_align_t data[];
};

void *pool_take(struct pool *pool, size_t count, size_t size)
{
    size_t bytes = 0;
    struct pool_chunk *chunk = NULL;
    if (!__builtin_mul_overflow(count, size, &bytes) && bytes < SIZE_MAX - sizeof *chunk)
        chunk = calloc(1, sizeof *chunk + bytes);
    if (!chunk) {
        static const char line[] = "scratchctl: out of memory\n";
        report_text(line, sizeof line - 1);
        exit(STATUS_OWN);
    }
    chunk->before = pool->last;
    pool->last = chunk;
    return chunk->data;
}

char *pool_print(struct pool *pool, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    size_t size = length < 0 ? 1 : (size_t)length + 1;
    char *text = pool_take(pool, size, 1);
    vsnprintf(text, size, format, again);
    va_end(again);
    va_end(arguments);
    return text;
}

void pool_free(struct pool *pool)
{
    while (pool->last) {
        struct pool_chunk *chunk = pool->last;
        pool->last = chunk->before;
        free(chunk);
    }
}
