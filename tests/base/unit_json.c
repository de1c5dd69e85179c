/* SPDX-License-Identifier: MIT */
/*
 * JSON as it is written and read. What is right is asked of json-c, which libscratch does not use.
 */
#include "support/test.h"
#include "base/json.h"
#include "base/json_read.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static int read_text(const char *text, size_t size, struct json_in *document,
                     struct scratch_error *err)
{
    return json_read(text, size, "it", document, err);
}

static void assert_refused(const char *text, size_t size, const char *cause)
{
    struct scratch_error err;
    struct json_in document;
    assert_int_equal(read_text(text, size, &document, &err), -EINVAL);
    assert_null(document.whole);
    assert_string_equal(err.subject[0] ? err.subject : "it", "it");
    if (strcmp(err.cause, cause) != 0)
        fail_msg("%s: \"%s\", and not \"%s\"", text, err.cause, cause);
}

static void what_is_no_json_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *cause;
    } cases[] = {
        {"", "line 1: it ends too early"},
        {" \n ", "line 2: it ends too early"},
        {"{", "line 1: it ends too early"},
        {"{\"a\":\n[1,\n2", "line 3: it ends too early"},
        {"{\"a\"", "line 1: it ends too early"},
        {"{\"a\":", "line 1: it ends too early"},
        {"{\"a\":\"b", "line 1: it ends too early"},
        {"{\"a\":1,}", "line 1: a member's name is expected"},
        {"{,}", "line 1: a member's name is expected"},
        {"{\n\"a\" 1}", "line 2: there is an unexpected character"},
        {"{\"a\" \"b\"}", "line 1: a colon is expected"},
        {"{\"a\":}", "line 1: a value is expected"},
        {"{\"a\":1 \"b\":2}", "line 1: a comma or } is expected"},
        {"{\"a\":[1 2]}", "line 1: a comma or ] is expected"},
        {"{\"a\":[1,]}", "line 1: a value is expected"},
        {"{\"a\":[,1]}", "line 1: a value is expected"},
        {"{\"a\":1:2}", "line 1: it is not a value"},
        {"{\"a\":\"b\":2}", "line 1: a comma or } is expected"},
        {"{} {}", "line 1: something follows the value"},
        {"{}\n,", "line 2: something follows the value"},
        {"{\"a\":nul}", "line 1: it is not a value"},
        {"{\"a\":truetrue}", "line 1: it is not a value"},
        {"{\"a\":01}", "line 1: it is not a value"},
        {"{\"a\":-}", "line 1: it is not a value"},
        {"{\"a\":1.}", "line 1: it is not a value"},
        {"{\"a\":1e}", "line 1: it is not a value"},
        {"{\"a\":1e+}", "line 1: it is not a value"},
        {"{\"a\":0x1}", "line 1: it is not a value"},
        {"{\"a\":\"\t\"}", "line 1: there is a control character in a string"},
        {"{\"a\":\"\n\"}", "line 1: there is a control character in a string"},
        {"{\"a\":\"\\u0000\"}", "line 1: there is a NUL character in a string"},
        {"{\"a\":\"\\x\"}", "line 1: there is an unexpected character"},
        {"{\"a\":\"\\u12\"}", "line 1: there is an unexpected character"},
        {"{a:1}", "line 1: there is an unexpected character"},
        {"{'a':1}", "line 1: there is an unexpected character"},
        {"{\"a\":1}}", "line 1: there is an unexpected character"},
        {"{\"a\":[}", "line 1: there is an unexpected character"},
        {"{\"a\":1} // more", "line 1: there is an unexpected character"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cases[i].text, strlen(cases[i].text), cases[i].cause);
    assert_refused("{}\0{}", 5, "line 1: something follows the value");
}

static void a_document_is_an_object(void **state)
{
    static const char *const texts[] = {"[]", "\"a\"", "[{}]"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct scratch_error err;
        struct json_in document;
        assert_int_equal(read_text(texts[i], strlen(texts[i]), &document, &err), -EINVAL);
        assert_string_equal(err.cause, "it is not an object");
    }
}

/* { and [ to a depth, and back. */
static int nested(int depth)
{
    char text[1024] = "{\"a\":";
    struct json_in document;
    for (int i = 1; i < depth; i++)
        strcat(text, "[");
    if (depth == 1)
        strcat(text, "0");
    for (int i = 1; i < depth; i++)
        strcat(text, "]");
    strcat(text, "}");
    int rc = read_text(text, strlen(text), &document, NULL);
    json_read_end(&document);
    return rc;
}

static void what_is_nested_too_deep_is_refused(void **state)
{
    (void)state;
    assert_int_equal(nested(1), 0);
    assert_int_equal(nested(32), 0);
    assert_int_equal(nested(33), -EINVAL);
    assert_int_equal(nested(400), -EINVAL);
}

static void assert_text(const char *written, const char *want)
{
    char text[256];
    struct scratch_error err;
    struct json_in document, member;
    const char *got;
    snprintf(text, sizeof text, "{\"a\": %s}", written);
    assert_int_equal(read_text(text, strlen(text), &document, &err), 0);
    assert_true(json_member(&document, "a", &member));
    assert_int_equal(json_get_text(&member, &got, &err), 0);
    assert_string_equal(got, want);
    json_read_end(&document);
}

static void strings_are_read_without_their_escapes(void **state)
{
    (void)state;
    assert_text("\"\"", "");
    assert_text("\"a b\"", "a b");
    assert_text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
    assert_text("\"\\u0041\\u00e9\\u2026\\u20AC\"", "A\xc3\xa9\xe2\x80\xa6\xe2\x82\xac");
    assert_text("\"\\ud83d\\udce6\"", "\xf0\x9f\x93\xa6");
    assert_text("\"\\udbff\\udfff\"", "\xf4\x8f\xbf\xbf");
    assert_text("\"\\ud83d\"", "\xef\xbf\xbd"); /* one half alone */
    assert_text("\"\\udce6x\"", "\xef\xbf\xbdx");
    assert_text("\"\\ud83d\\u0041\"", "\xef\xbf\xbd"
                                      "A");
    assert_text("\"\xc3\xa9\"", "\xc3\xa9");
    assert_text("\"\\\\u0000\"", "\\u0000");
}

static int get_number(const char *written, uint64_t most, uint64_t *number)
{
    char text[256];
    struct json_in document, member;
    snprintf(text, sizeof text, "{\"a\":%s}", written);
    assert_int_equal(read_text(text, strlen(text), &document, NULL), 0);
    assert_true(json_member(&document, "a", &member));
    int rc = json_get_number(&member, most, number, NULL);
    json_read_end(&document);
    return rc;
}

static int get_signed(const char *written, int64_t least, int64_t most, int64_t *number)
{
    char text[256];
    struct json_in document, member;
    snprintf(text, sizeof text, "{\"a\":%s}", written);
    assert_int_equal(read_text(text, strlen(text), &document, NULL), 0);
    assert_true(json_member(&document, "a", &member));
    int rc = json_get_signed(&member, least, most, number, NULL);
    json_read_end(&document);
    return rc;
}

static void numbers_are_whole_and_within_their_bounds(void **state)
{
    uint64_t number;
    int64_t with_sign;
    (void)state;
    assert_int_equal(get_number("0", 0, &number), 0);
    assert_int_equal(get_number("18446744073709551615", UINT64_MAX, &number), 0);
    assert_true(number == UINT64_MAX);
    assert_int_equal(get_number("18446744073709551616", UINT64_MAX, &number), -EINVAL);
    assert_int_equal(get_number("99999999999999999999999", UINT64_MAX, &number), -EINVAL);
    assert_int_equal(get_number("8", 7, &number), -EINVAL);
    assert_int_equal(get_number("-1", UINT64_MAX, &number), -EINVAL);
    assert_int_equal(get_number("1.0", 7, &number), -EINVAL);
    assert_int_equal(get_number("1e0", 7, &number), -EINVAL);
    assert_int_equal(get_number("\"1\"", 7, &number), -EINVAL);
    assert_int_equal(get_signed("-9223372036854775808", INT64_MIN, INT64_MAX, &with_sign), 0);
    assert_true(with_sign == INT64_MIN);
    assert_int_equal(get_signed("-9223372036854775809", INT64_MIN, INT64_MAX, &with_sign), -EINVAL);
    assert_int_equal(get_signed("9223372036854775808", INT64_MIN, INT64_MAX, &with_sign), -EINVAL);
    assert_int_equal(get_signed("-2", -1, 1, &with_sign), -EINVAL);
}

static void members_and_items_are_found(void **state)
{
    static const char text[] =
        "{ \"one\": {\"a\": [ [1, 2], {\"b\": null}, \"x y\" ]}, \"two\": true,\n"
        " \"one\": [0.5], \"none\": null, \"\": {} }";
    static const char *const names[] = {"one", "two", "one", "none", ""};
    struct json_in document, value, item;
    size_t count = 0;
    (void)state;
    assert_int_equal(read_text(text, strlen(text), &document, NULL), 0);
    for (size_t at = 0; json_next(&document, &at, &value); count++)
        assert_string_equal(value.name, names[count]);
    assert_int_equal(count, 5);
    assert_true(json_member(&document, "one", &value)); /* the last of its name */
    assert_int_equal(json_count(&value), 1);
    json_item(&value, 0, &item);
    assert_int_equal(json_kind(&item), JSON_FRACTION);
    assert_false(json_member(&document, "none", &value));
    assert_false(json_member(&document, "on", &value));
    assert_false(json_member(&value, "a", &item));
    assert_int_equal(json_count(&value), 0);
    size_t at = 0;
    assert_true(json_next(&document, &at, &value)); /* the first */
    assert_string_equal(json_source(&value), "{\"a\":[[1,2],{\"b\":null},\"x y\"]}");
    assert_true(json_member(&value, "a", &item));
    assert_int_equal(json_count(&item), 3);
    struct json_in last;
    json_item(&item, 2, &last);
    assert_int_equal(json_kind(&last), JSON_TEXT);
    assert_string_equal(json_source(&last), "\"x y\"");
    json_read_end(&document);
}

static void an_error_names_the_value_and_the_way_to_it(void **state)
{
    static const char text[] = "{\"rules\": [{}, {\"args\": [ {\"op\": [1, 2]} ]}]}";
    struct scratch_error err;
    struct json_in document, rules, rule, args, arg, op;
    const char *word;
    (void)state;
    assert_int_equal(read_text(text, strlen(text), &document, NULL), 0);
    assert_true(json_member(&document, "rules", &rules));
    json_item(&rules, 1, &rule);
    assert_true(json_member(&rule, "args", &args));
    json_item(&args, 0, &arg);
    assert_true(json_member(&arg, "op", &op));
    assert_int_equal(json_get_text(&op, &word, &err), -EINVAL);
    assert_string_equal(err.subject, "rules[1].args[0].op = [1,2]");
    assert_string_equal(err.cause, "it is not a string");
    json_read_end(&document);
}

/* What libscratch reads json-c reads, too, and the same in what is shown of it. */
static void assert_as_json_c(const char *text, size_t size)
{
    struct json_in document;
    if (read_text(text, size, &document, NULL) < 0)
        return;
    struct json_tokener *tokener = json_tokener_new();
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    struct json_object *object = json_tokener_parse_ex(tokener, text, (int)size);
    if (!object)
        fail_msg("json-c does not read: %.*s", (int)size, text);
    struct json_object *same = json_tokener_parse(json_source(&document));
    assert_true(same && json_object_equal(object, same));
    json_object_put(same);
    json_object_put(object);
    json_tokener_free(tokener);
    json_read_end(&document);
}

/* A small generator of its own: the same texts at each run. */
static unsigned next_random(void)
{
    static unsigned state = 1;
    state = state * 1103515245 + 12345;
    return state >> 16;
}

static void no_damage_makes_a_wrong_document_right(void **state)
{
    static const char whole[] =
        "{\"ociVersion\":\"1.2.0\",\"process\":{\"args\":[\"sh\",\"-c\",\"a \\\"b\\\" \\u20ac\"],"
        "\"cwd\":\"/\",\"n\":[-1,0,2.5,1e3,true,false,null]},\"x\":{},\"y\":[]}";
    static const char parts[] = "{}[]\",:\\ntf019-.eEu \n\t";
    char text[sizeof whole];
    (void)state;
    for (int i = 0; i < 20000; i++) {
        memcpy(text, whole, sizeof whole);
        for (unsigned n = next_random() % 3 + 1; n > 0; n--)
            text[next_random() % (sizeof whole - 1)] = parts[next_random() % (sizeof parts - 1)];
        size_t size = i % 4 ? sizeof whole - 1 : next_random() % sizeof whole;
        assert_as_json_c(text, size);
    }
}

/* ---- writing -------------------------------------------------------------------------------- */

static char *write_sample(bool pretty)
{
    struct json j;
    json_begin(&j, pretty);
    json_text(&j, "name", "a\"\\\n\xff\xc3\xa9");
    json_open_array(&j, "list");
    json_number(&j, NULL, UINT64_MAX);
    json_flag(&j, NULL, true);
    json_text(&j, NULL, NULL);
    json_open_object(&j, NULL);
    json_close(&j);
    json_close(&j);
    json_open_object(&j, "in");
    json_flag(&j, "no", false);
    json_close(&j);
    return json_end(&j);
}

static void a_document_is_written(void **state)
{
    (void)state;
    char *text = write_sample(false);
    assert_string_equal(text,
                        "{\"name\":\"a\\\"\\\\\\u000a\xef\xbf\xbd\xc3\xa9\","
                        "\"list\":[18446744073709551615,true,null,{}],\"in\":{\"no\":false}}");
    free(text);
    text = write_sample(true);
    assert_string_equal(text, "{\n  \"name\": \"a\\\"\\\\\\u000a\xef\xbf\xbd\xc3\xa9\",\n"
                              "  \"list\": [\n    18446744073709551615,\n    true,\n    null,\n"
                              "    {}\n  ],\n  \"in\": {\n    \"no\": false\n  }\n}");
    struct json_object *object = json_tokener_parse(text);
    assert_non_null(object);
    json_object_put(object);
    free(text);
}

static void what_is_open_too_deep_is_an_error(void **state)
{
    struct json j;
    (void)state;
    json_begin(&j, false);
    for (int i = 1; i <= JSON_DEPTH; i++)
        json_open_object(&j, "more");
    json_text(&j, "late", "text");
    assert_null(json_end(&j));
    assert_int_equal(j.failed, -E2BIG);
}

TEST_MAIN(what_is_no_json_is_refused_with_its_line, a_document_is_an_object,
          what_is_nested_too_deep_is_refused, strings_are_read_without_their_escapes,
          numbers_are_whole_and_within_their_bounds, members_and_items_are_found,
          an_error_names_the_value_and_the_way_to_it, no_damage_makes_a_wrong_document_right,
          a_document_is_written, what_is_open_too_deep_is_an_error)
