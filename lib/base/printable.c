/* SPDX-License-Identifier: MIT */
#include "base/printable.h"

#include <stdbool.h>
#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"

/* Of what is too long: enough to know a path by. */
#define SHORTENED_HEAD 30
#define SHORTENED_TAIL 66

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Unicode 15, table 3-7: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
size_t utf8_length(const char *s)
{
    static const struct {
        unsigned char first, last;        /* of the first byte */
        unsigned char second, second_end; /* of the second */
        unsigned char length;
    } forms[] = {
        {0x01, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    const unsigned char *u = (const unsigned char *)s;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t n = forms[i].length;
        if (u[0] < forms[i].first || u[0] > forms[i].last)
            continue;
        if (n > 1 && (u[1] < forms[i].second || u[1] > forms[i].second_end))
            return 0;
        if ((n > 2 && !is_continuation(s[2])) || (n > 3 && !is_continuation(s[3])))
            return 0;
        return n;
    }
    return 0;
}

size_t printable_length(const char *s)
{
    size_t n = utf8_length(s);
    unsigned char first = (unsigned char)s[0], second = n > 1 ? (unsigned char)s[1] : 0;
    if (n == 1 && (first < ' ' || first == 0x7f))
        return 0;
    if (n == 2 && first == 0xc2 && second < 0xa0) /* C1: U+0080 to U+009F */
        return 0;
    return n;
}

size_t utf8_fit(const char *s, size_t size)
{
    size_t n = strnlen(s, size), back = 0;
    if (n < size || !s[n])
        return n;
    while (back < 3 && back < n && is_continuation(s[n - back]))
        back++;
    return utf8_length(s + n - back) > back ? n - back : n;
}

size_t show_character(char shown[SHOWN_CHARACTER], const char *s)
{
    static const char *const names[] = {['\t'] = "\\t", ['\n'] = "\\n", ['\r'] = "\\r"};
    unsigned char byte = (unsigned char)*s;
    size_t n = printable_length(s);
    if (n) {
        memcpy(shown, s, n);
        shown[n] = '\0';
        return n;
    }
    if (byte < sizeof names / sizeof *names && names[byte])
        snprintf(shown, SHOWN_CHARACTER, "%s", names[byte]);
    else
        snprintf(shown, SHOWN_CHARACTER, "\\x%02x", byte);
    return 1;
}

void write_escaped(FILE *out, const char *text)
{
    char shown[SHOWN_CHARACTER];
    while (*text) {
        text += show_character(shown, text);
        fputs(shown, out);
    }
}

void cut_text(char *text, size_t size)
{
    size_t at = utf8_fit(text, size - sizeof ELLIPSIS);
    memcpy(text + at, ELLIPSIS, sizeof ELLIPSIS);
}

void put_escaped(char *buffer, size_t size, const char *text)
{
    char shown[SHOWN_CHARACTER];
    size_t at = 0;
    buffer[0] = '\0';
    while (*text) {
        text += show_character(shown, text);
        size_t n = strlen(shown);
        if (at + n >= size) {
            cut_text(buffer, size);
            return;
        }
        memcpy(buffer + at, shown, n + 1);
        at += n;
    }
}

void write_shortened(FILE *out, const char *text)
{
    char head[SHORTENED_HEAD + 1];
    size_t length = strlen(text);
    if (length <= SHORTENED_HEAD + SHORTENED_TAIL) {
        write_escaped(out, text);
        return;
    }
    const char *tail = text + length - SHORTENED_TAIL;
    while (is_continuation(*tail))
        tail++;
    size_t n = utf8_fit(text, SHORTENED_HEAD);
    memcpy(head, text, n);
    head[n] = '\0';
    write_escaped(out, head);
    fputs(ELLIPSIS, out);
    write_escaped(out, tail);
}

/* ---- shell ---------------------------------------------------------------------------------- */

static bool is_safe(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           strchr("_@%+=:,./-", c);
}

/* 0: no quotes are needed; 1: '…'; 2: $'…' (POSIX 2024), for what is not printable. */
static int quotes_for(const char *text)
{
    int quotes = *text ? 0 : 1;
    while (*text) {
        size_t n = printable_length(text);
        if (n == 0)
            return 2;
        if (n == 1 && !is_safe(*text))
            quotes = 1;
        text += n;
    }
    return quotes;
}

static void write_single_quoted(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fputc(*text, out);
    fputc('\'', out);
}

static void write_dollar_quoted(FILE *out, const char *text)
{
    char shown[SHOWN_CHARACTER];
    fputs("$'", out);
    while (*text) {
        if (*text == '\'' || *text == '\\')
            fputc('\\', out);
        text += show_character(shown, text);
        fputs(shown, out);
    }
    fputc('\'', out);
}

void write_quoted(FILE *out, const char *text)
{
    static void (*const write[])(FILE *, const char *) = {write_escaped, write_single_quoted,
                                                          write_dollar_quoted};
    write[quotes_for(text)](out, text);
}
