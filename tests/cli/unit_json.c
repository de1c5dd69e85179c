/* SPDX-License-Identifier: MIT */
#include "cli/json.h"
#include "support/test.h"

#include <string.h>

static const char *escaped(const char *text)
{
    static char buffer[256];
    memset(buffer, 0, sizeof buffer);
    FILE *out = fmemopen(buffer, sizeof buffer, "w");
    assert_non_null(out);
    json_string(out, text);
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
    struct json json = {out, false};
    (void)state;
    json_open(&json, NULL, '{');
    json_text(&json, "a", NULL);
    json_open(&json, "b", '[');
    json_close(&json, ']');
    json_open(&json, "c", '[');
    json_open(&json, NULL, '{');
    json_number(&json, "n", -3);
    json_bool(&json, "t", true);
    json_close(&json, '}');
    json_text(&json, NULL, "x");
    json_close(&json, ']');
    json_bool(&json, "f", false);
    json_close(&json, '}');
    fclose(out);
    assert_string_equal(buffer, "{\"a\":null,\"b\":[],\"c\":[{\"n\":-3,\"t\":true},\"x\"],"
                                "\"f\":false}");
}

TEST_MAIN(strings_are_escaped, what_is_not_utf8_is_replaced, objects_and_arrays_nest)
