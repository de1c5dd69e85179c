/* SPDX-License-Identifier: MIT */
#include "support/test.h"
#include "base/printable.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *written(void (*write)(FILE *, const char *), const char *text)
{
    char *result = NULL;
    size_t size;
    FILE *out = open_memstream(&result, &size);
    assert_non_null(out);
    write(out, text);
    assert_int_equal(fclose(out), 0);
    return result;
}

static void assert_written(void (*write)(FILE *, const char *), const char *text, const char *want)
{
    char *result = written(write, text);
    assert_string_equal(result, want);
    free(result);
}

static void utf8_is_told_from_other_bytes(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
        {"a", 1},
        {"\xc3\xa9", 2},         /* é */
        {"\xe2\x80\xa6", 3},     /* … */
        {"\xf0\x9f\x93\xa6", 4}, /* a parcel */
        {"\xf4\x8f\xbf\xbf", 4}, /* U+10FFFF */
        {"", 0},
        {"\x80", 0},             /* a continuation alone */
        {"\xc3", 0},             /* cut */
        {"\xe2\x80", 0},         /* cut */
        {"\xc0\xaf", 0},         /* overlong '/' */
        {"\xe0\x80\xaf", 0},     /* overlong '/' */
        {"\xed\xa0\x80", 0},     /* a surrogate */
        {"\xf4\x90\x80\x80", 0}, /* beyond U+10FFFF */
        {"\xff", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(utf8_length(cases[i].text), cases[i].length);
}

static void a_cut_is_never_within_a_character(void **state)
{
    static const char text[] = "a\xe2\x80\xa6z";
    (void)state;
    assert_int_equal(utf8_fit(text, 0), 0);
    assert_int_equal(utf8_fit(text, 1), 1);
    assert_int_equal(utf8_fit(text, 2), 1);
    assert_int_equal(utf8_fit(text, 3), 1);
    assert_int_equal(utf8_fit(text, 4), 4);
    assert_int_equal(utf8_fit(text, 5), 5);
    assert_int_equal(utf8_fit(text, 50), 5);
}

static void control_characters_are_escaped(void **state)
{
    (void)state;
    assert_written(write_escaped, "/srv/\xc3\xa9", "/srv/\xc3\xa9");
    assert_written(write_escaped, "a\nb\tc\rd", "a\\nb\\tc\\rd");
    assert_written(write_escaped, "\x1b[2J\x7f", "\\x1b[2J\\x7f");
    assert_written(write_escaped, "\xc2\x9b", "\\xc2\\x9b"); /* CSI, as one character */
    assert_written(write_escaped, "\xff", "\\xff");
}

static void what_is_too_long_is_shortened_in_the_middle(void **state)
{
    char text[300];
    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text, "/begin/", 7);
    memcpy(text + sizeof text - 5, "/end", 5);
    char *result = written(write_shortened, text);
    assert_true(strlen(result) < 110);
    assert_memory_equal(result, "/begin/", 7);
    assert_string_equal(result + strlen(result) - 4, "/end");
    assert_non_null(strstr(result, "\xe2\x80\xa6"));
    free(result);
}

static void words_are_quoted_where_a_shell_needs_it(void **state)
{
    (void)state;
    assert_written(write_quoted, "", "''");
    assert_written(write_quoted, "/usr/bin-1.2_x", "/usr/bin-1.2_x");
    assert_written(write_quoted, "/a b", "'/a b'");
    assert_written(write_quoted, "it's", "'it'\\''s'");
    assert_written(write_quoted, "~", "'~'");
    assert_written(write_quoted, "$(reboot)`reboot`;", "'$(reboot)`reboot`;'");
    assert_written(write_quoted, "a\nb'\\\xff", "$'a\\nb\\'\\\\\\xff'");
}

/* Every byte that a word can have comes out of a shell as it was. */
static void a_shell_reads_the_same_word(void **state)
{
    char text[1024], command[2048], result[1024] = "";
    size_t size = 0;
    (void)state;
    if (access("/bin/bash", X_OK) != 0)
        TEST_SKIP("needs bash");
    for (int c = 1; c < 256; c++) {
        text[size++] = (char)c;
        text[size++] = '\'';
    }
    text[size] = '\0';
    char *quoted = written(write_quoted, text);
    char *words = NULL;
    assert_true(asprintf(&words, "printf %%s %s", quoted) > 0);
    assert_true(setenv("WORDS", words, 1) == 0);
    snprintf(command, sizeof command, "exec /bin/bash -c 'eval \"$WORDS\"'");
    FILE *in = popen(command, "re");
    assert_non_null(in);
    size_t n = fread(result, 1, sizeof result - 1, in);
    assert_int_equal(pclose(in), 0);
    assert_int_equal(n, size);
    assert_memory_equal(result, text, size);
    free(quoted);
    free(words);
}

TEST_MAIN(utf8_is_told_from_other_bytes, a_cut_is_never_within_a_character,
          control_characters_are_escaped, what_is_too_long_is_shortened_in_the_middle,
          words_are_quoted_where_a_shell_needs_it, a_shell_reads_the_same_word)
