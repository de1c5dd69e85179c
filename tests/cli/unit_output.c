/* SPDX-License-Identifier: MIT */
#include "cli/output.h"
#include "support/test.h"

#include <string.h>

static const char *escaped(const char *text)
{
    static char buffer[256];
    memset(buffer, 0, sizeof buffer);
    FILE *out = fmemopen(buffer, sizeof buffer, "w");
    assert_non_null(out);
    output_string(out, text);
    fclose(out);
    return buffer;
}

static void strings_are_escaped(void **state)
{
    (void)state;
    assert_string_equal(escaped("plain /path"), "\"plain /path\"");
    assert_string_equal(escaped("a\"b\\c"), "\"a\\\"b\\\\c\"");
    assert_string_equal(escaped("\n\t\x01\x1f"), "\"\\u000a\\u0009\\u0001\\u001f\"");
    assert_string_equal(escaped(""), "\"\"");
}

static void what_is_not_utf8_is_replaced(void **state)
{
    (void)state;
    assert_string_equal(escaped("\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7"),
                        "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7\"");
    assert_string_equal(escaped("\xff"), "\"\\ufffd\"");
    assert_string_equal(escaped("\x80z"), "\"\\ufffdz\"");
    assert_string_equal(escaped("\xc3"), "\"\\ufffd\"");                       /* cut short */
    assert_string_equal(escaped("\xc0\x80"), "\"\\ufffd\\ufffd\"");            /* overlong */
    assert_string_equal(escaped("\xe0\x80\xaf"), "\"\\ufffd\\ufffd\\ufffd\""); /* overlong */
    assert_string_equal(escaped("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\""); /* surrogate */
    assert_string_equal(escaped("\xf4\x90\x80\x80"), "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
    assert_string_equal(escaped("\xf8\x88\x80\x80\x80"), "\"\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\"");
}

static void objects_and_arrays_nest(void **state)
{
    char buffer[256] = "";
    FILE *out = fmemopen(buffer, sizeof buffer, "w");
    struct output output = {out, false};
    (void)state;
    output_open(&output, NULL, '{');
    output_text(&output, "a", NULL);
    output_open(&output, "b", '[');
    output_close(&output, ']');
    output_open(&output, "c", '[');
    output_open(&output, NULL, '{');
    output_number(&output, "n", -3);
    output_bool(&output, "t", true);
    output_close(&output, '}');
    output_text(&output, NULL, "x");
    output_close(&output, ']');
    output_bool(&output, "f", false);
    output_close(&output, '}');
    fclose(out);
    assert_string_equal(buffer, "{\"a\":null,\"b\":[],\"c\":[{\"n\":-3,\"t\":true},\"x\"],"
                                "\"f\":false}");
}

TEST_MAIN(strings_are_escaped, what_is_not_utf8_is_replaced, objects_and_arrays_nest)
