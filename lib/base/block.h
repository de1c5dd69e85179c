/* SPDX-License-Identifier: MIT */
/*
 * A block: one run of bytes that holds records, strings and lists, and refers to them by offset,
 * so that it can be copied into another process as it is.
 *
 * Offset 0 means "none": a block begins with a header that nothing refers to.
 */
#ifndef BASE_BLOCK_H
#define BASE_BLOCK_H

#include <stddef.h>
#include <stdint.h>

/* A list of strings lies in a block as its count, followed by the offsets. */
struct block_list {
    uint32_t count;
    uint32_t text[];
};

/* ---- reading: also in scratch-init ---------------------------------------------------------- */

static inline const void *block_at(const void *block, uint32_t offset)
{
    return (const char *)block + offset;
}

/* ---- building: in the library --------------------------------------------------------------- */

/*
 * Once an allocation has failed, or the block would outgrow its offsets, every further call does
 * nothing and returns 0, and @ref failed is the -errno: one check at the end is enough.
 */
struct block {
    char *data;
    size_t size;
    size_t room;
    int failed;
};

/* Begin with a header of that many zero bytes. */
void block_begin(struct block *b, size_t header);
void block_free(struct block *b);

/* Append zeroed or copied bytes, aligned to 8; returns the offset. */
uint32_t block_put(struct block *b, const void *data, size_t size);

/* Append a string; NULL gives 0. */
uint32_t block_text(struct block *b, const char *text);

/* Append a list: count strings, or up to the NULL when count is BLOCK_TO_NULL. NULL gives 0. */
#define BLOCK_TO_NULL SIZE_MAX
uint32_t block_texts(struct block *b, const char *const *texts, size_t count);

#endif
