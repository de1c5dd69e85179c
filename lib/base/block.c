/* SPDX-License-Identifier: MIT */
#include "base/block.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* More than any container needs, and far below what an offset can name. */
#define BLOCK_MAX       (64u << 20)
#define BLOCK_ALIGNMENT 8

static bool make_room(struct block *b, size_t size)
{
    if (b->failed)
        return false;
    if (size > BLOCK_MAX - b->size) {
        b->failed = -E2BIG;
        return false;
    }
    if (b->size + size <= b->room)
        return true;
    size_t room = b->room ? b->room : 4096;
    while (room < b->size + size)
        room *= 2;
    char *data = realloc(b->data, room);
    if (!data) {
        b->failed = -ENOMEM;
        return false;
    }
    b->data = data;
    b->room = room;
    return true;
}

static uint32_t append(struct block *b, const void *data, size_t size)
{
    if (!make_room(b, size))
        return 0;
    uint32_t offset = (uint32_t)b->size;
    if (data)
        memcpy(b->data + offset, data, size);
    else
        memset(b->data + offset, 0, size);
    b->size += size;
    return offset;
}

void block_begin(struct block *b, size_t header)
{
    *b = (struct block){0};
    append(b, NULL, header);
}

void block_free(struct block *b)
{
    free(b->data);
    *b = (struct block){0};
}

uint32_t block_put(struct block *b, const void *data, size_t size)
{
    size_t odd = b->size % BLOCK_ALIGNMENT;
    if (odd)
        append(b, NULL, BLOCK_ALIGNMENT - odd);
    return append(b, data, size);
}

uint32_t block_text(struct block *b, const char *text)
{
    return text ? append(b, text, strlen(text) + 1) : 0;
}

uint32_t block_texts(struct block *b, const char *const *texts, size_t count)
{
    if (!texts)
        return 0;
    if (count == BLOCK_TO_NULL)
        for (count = 0; texts[count];)
            count++;
    uint32_t at = block_put(b, NULL, sizeof(struct block_list) + count * sizeof(uint32_t));
    for (size_t i = 0; i < count && !b->failed; i++) {
        uint32_t text = block_text(b, texts[i]);
        if (!b->failed)
            ((struct block_list *)(b->data + at))->text[i] = text;
    }
    if (!b->failed)
        ((struct block_list *)(b->data + at))->count = (uint32_t)count;
    return b->failed ? 0 : at;
}
