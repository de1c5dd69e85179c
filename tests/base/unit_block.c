/* SPDX-License-Identifier: MIT */
#include "support/test.h"
#include "base/block.h"

#include <errno.h>
#include <string.h>

static void a_list_is_read_back(void **state)
{
    const char *const texts[] = {"one", "", "three", NULL};
    struct block b;
    (void)state;
    block_begin(&b, 16);
    uint32_t at = block_texts(&b, texts, BLOCK_TO_NULL);
    assert_int_equal(b.failed, 0);
    const struct block_list *list = block_at(b.data, at);
    assert_int_equal(list->count, 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_string_equal(block_at(b.data, list->text[i]), texts[i]);
    block_free(&b);
}

static void nothing_is_offset_0(void **state)
{
    struct block b;
    (void)state;
    block_begin(&b, 16);
    assert_int_equal(block_text(&b, NULL), 0);
    assert_int_equal(block_texts(&b, NULL, BLOCK_TO_NULL), 0);
    assert_int_not_equal(block_text(&b, ""), 0);
    block_free(&b);
}

static void too_much_is_said_once_at_the_end(void **state)
{
    struct block b;
    (void)state;
    block_begin(&b, 16);
    assert_int_equal(block_put(&b, NULL, 1u << 30), 0);
    assert_int_equal(b.failed, -E2BIG);
    assert_int_equal(block_text(&b, "more"), 0);
    block_free(&b);
}

TEST_MAIN(a_list_is_read_back, nothing_is_offset_0, too_much_is_said_once_at_the_end)
