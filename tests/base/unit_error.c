/* SPDX-License-Identifier: MIT */
#include "support/test.h"
#include "base/error.h"
#include "base/printable.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void sentences_read_well(void **state)
{
    static const struct {
        struct scratch_error error;
        const char *sentence;
    } cases[] = {
        {{.errnum = EINVAL,
          .side = SCRATCH_SIDE_CONTAINER,
          .step = 9,
          .step_count = 23,
          .what = "mount overlay on /",
          .subject = "/srv/a",
          .cause = "lowerdir '/srv/a' does not exist"},
         "step 9 of 23 (container): mount overlay on /: EINVAL: lowerdir '/srv/a' does not exist"},
        {{.errnum = ENOENT,
          .side = SCRATCH_SIDE_HOST,
          .step = 1,
          .step_count = 3,
          .what = "make the control group /sys/fs/cgroup/web",
          .subject = "web"},
         "step 1 of 3 (host): make the control group /sys/fs/cgroup/web: 'web': ENOENT: "
         "No such file or directory"},
        {{.errnum = EPERM, .step = 2, .step_count = 3, .what = "unshare"},
         "step 2 of 3: unshare: EPERM: Operation not permitted"},
        {{.errnum = EINVAL,
          .what = "memory limit",
          .subject = "12q",
          .hint = "give bytes, or 64m, 2g"},
         "memory limit '12q': EINVAL: Invalid argument (give bytes, or 64m, 2g)"},
        {{.errnum = EBUSY, .what = "bind /srv on /", .subject = "/"},
         "bind /srv on /: EBUSY: Device or resource busy"},
        {{.errnum = EBUSY, .what = "bind /srv", .subject = "/"},
         "bind /srv '/': EBUSY: Device or resource busy"},
        {{.errnum = ENOENT,
          .what = "container",
          .subject = "a",
          .cause = "there is a group, and no container"},
         "container 'a': ENOENT: there is a group, and no container"},
        {{.errnum = EINVAL, .what = "container", .subject = "container", .cause = "it is running"},
         "container 'container': EINVAL: it is running"},
        {{.errnum = ENOENT,
          .side = SCRATCH_SIDE_CONTAINER,
          .what = "execute a",
          .subject = "a",
          .cause = "it is not found"},
         "execute a: ENOENT: it is not found"},
        {{.errnum = ENOMEM}, "ENOMEM: Cannot allocate memory"},
        {{.errnum = ENOENT, .subject = "/x"}, "'/x': ENOENT: No such file or directory"},
        {{.errnum = 9999, .what = "try"}, "try: error 9999: Unknown error 9999"},
        {{.what = "try"}, "try"},
        {{.errnum = 0}, "no error"},
        {{.errnum = ENOENT, .what = "open", .subject = "/a\nb\x1b[2J"},
         "open '/a\\nb\\x1b[2J': ENOENT: No such file or directory"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[SCRATCH_ERROR_LINE];
        int length = scratch_error_format(&cases[i].error, line, sizeof line);
        assert_string_equal(line, cases[i].sentence);
        assert_int_equal(length, strlen(line));
    }
}

static void assert_utf8(const char *text)
{
    while (*text) {
        assert_int_not_equal(printable_length(text), 0);
        text += printable_length(text);
    }
}

/* The worst that can be in an error: every member full, of a byte that is escaped or cut. */
static void fill_with(struct scratch_error *e, const char *unit)
{
    char text[1024];
    for (size_t at = 0; at < sizeof text; at++)
        text[at] = unit[at % strlen(unit)];
    text[sizeof text - 1] = '\0';
    error_because(e, ENOTRECOVERABLE, text, text, text, text);
    e->subject[0] = 'x'; /* so that it is not found in the others */
    e->side = SCRATCH_SIDE_CONTAINER;
    e->step = e->step_count = UINT32_MAX;
}

static const char *const hostile[] = {"\x01", "\x80", "\xff", "\xe2\x80\xa6", "\"\\\n", "a"};

static void no_sentence_outgrows_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct scratch_error e;
        char line[SCRATCH_ERROR_LINE];
        fill_with(&e, hostile[i]);
        int length = scratch_error_format(&e, line, sizeof line);
        assert_int_equal(length, strlen(line));
        assert_true(length < SCRATCH_ERROR_LINE - 1);
        assert_utf8(line);
    }
}

static void a_short_buffer_holds_a_whole_number_of_characters(void **state)
{
    struct scratch_error e;
    char whole[SCRATCH_ERROR_LINE];
    (void)state;
    error_set(&e, EINVAL, "h\xc3\xb6st n\xc3\xa4me", "\xe2\x82\xac\xe2\x82\xac", NULL);
    int length = scratch_error_format(&e, whole, sizeof whole);
    for (size_t size = 1; size <= (size_t)length; size++) {
        char line[SCRATCH_ERROR_LINE];
        memset(line, '#', sizeof line);
        assert_int_equal(scratch_error_format(&e, line, size), length);
        assert_true(strlen(line) < size);
        if (size < 4)
            continue;
        assert_utf8(line);
        assert_string_equal(line + strlen(line) - 3, "\xe2\x80\xa6");
    }
    assert_int_equal(scratch_error_format(&e, NULL, 0), length);
}

static const char *member(struct json_object *object, const char *name)
{
    return json_object_get_string(json_object_object_get(object, name));
}

static void an_error_is_an_object(void **state)
{
    const struct scratch_error e = {
        .errnum = EINVAL,
        .side = SCRATCH_SIDE_CONTAINER,
        .step = 9,
        .step_count = 23,
        .call = "mount(2)",
        .what = "mount overlay on /",
        .subject = "/srv/a",
        .hint = "",
    };
    char text[1024];
    (void)state;
    int length = scratch_error_json(&e, text, sizeof text);
    assert_int_equal(length, strlen(text));
    struct json_object *object = json_tokener_parse(text);
    assert_non_null(object);
    assert_int_equal(json_object_get_int(json_object_object_get(object, "errno")), EINVAL);
    assert_string_equal(member(object, "error"), "EINVAL");
    assert_int_equal(json_object_get_int(json_object_object_get(object, "step")), 9);
    assert_int_equal(json_object_get_int(json_object_object_get(object, "steps")), 23);
    assert_string_equal(member(object, "side"), "container");
    assert_string_equal(member(object, "call"), e.call);
    assert_string_equal(member(object, "what"), e.what);
    assert_string_equal(member(object, "subject"), e.subject);
    assert_int_equal(json_object_object_length(object), 8); /* no cause, no hint */
    assert_int_equal(scratch_error_json(&e, NULL, 0), length);
    json_object_put(object);
}

/* What is written to standard error while a function of ours runs. */
static void printed(const char *prefix, const struct scratch_error *e, char *text, size_t size)
{
    int ends[2], saved = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_true(saved >= 0 && dup2(ends[1], STDERR_FILENO) >= 0);
    scratch_error_print(prefix, e);
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    close(saved);
    close(ends[1]);
    ssize_t n = read(ends[0], text, size - 1);
    assert_true(n > 0);
    text[n] = '\0';
    close(ends[0]);
}

static void a_failure_is_printed_as_one_line(void **state)
{
    const struct scratch_error e = {.errnum = ENOENT, .what = "open", .subject = "/x"};
    char line[SCRATCH_ERROR_LINE], expected[2 * SCRATCH_ERROR_LINE], text[sizeof expected];
    (void)state;
    scratch_error_format(&e, line, sizeof line);
    snprintf(expected, sizeof expected, "program: %s\n", line);
    printed("program", &e, text, sizeof text);
    assert_string_equal(text, expected);
    for (int i = 0; i < 2; i++) {
        printed(i ? "" : NULL, &e, text, sizeof text);
        assert_string_equal(text, expected + strlen("program: "));
    }
}

static void hostile_bytes_make_valid_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct scratch_error e;
        char text[16384];
        fill_with(&e, hostile[i]);
        int length = scratch_error_json(&e, text, sizeof text);
        assert_in_range(length, 1, sizeof text - 1);
        for (const char *c = text; *c; c += utf8_length(c))
            assert_int_not_equal(utf8_length(c), 0);
        enum json_tokener_error error;
        struct json_object *object = json_tokener_parse_verbose(text, &error);
        assert_int_equal(error, json_tokener_success);
        json_object_put(object);
    }
}

TEST_MAIN(sentences_read_well, no_sentence_outgrows_its_line,
          a_short_buffer_holds_a_whole_number_of_characters, an_error_is_an_object,
          a_failure_is_printed_as_one_line, hostile_bytes_make_valid_json)
