/* SPDX-License-Identifier: MIT */
#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include <jsmn.h>

#include "base/json_parse.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What a document may be nested: more than any that is read here. */
#define DEPTH 32

#define ENDS_EARLY "it ends too early"

/* ---- what is between the tokens ------------------------------------------------------------- */

/*
 * jsmn says where each token begins and ends. It does not ask whether a comma is where one belongs,
 * what a number looks like, or what a string must not hold: that is looked at here, from the first
 * character to the last.
 */
struct check {
    struct json_document *document;
    size_t at;      /* what has been looked at */
    uint32_t token; /* the next */
    int depth;
    struct json_fault *fault;
};

static bool wrong(struct check *c, size_t at, const char *cause)
{
    *c->fault = (struct json_fault){cause, at};
    return false;
}

static char next_character(struct check *c)
{
    const char *text = c->document->text;
    c->at += strspn(text + c->at, " \t\r\n");
    return text[c->at];
}

static bool take(struct check *c, char character, const char *cause)
{
    if (next_character(c) != character)
        return wrong(c, c->at, cause);
    c->at++;
    return true;
}

static unsigned digits(const char **at)
{
    unsigned count = 0;
    for (; **at >= '0' && **at <= '9'; ++*at)
        count++;
    return count;
}

static bool is_number(const char *at, const char *end)
{
    at += *at == '-';
    if (*at == '0')
        at++;
    else if (!digits(&at))
        return false;
    if (*at == '.' && (at++, !digits(&at)))
        return false;
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '+' || *at == '-';
        if (!digits(&at))
            return false;
    }
    return at == end;
}

/* true, false, null or a number. */
static bool check_primitive(struct check *c, const jsmntok_t *t)
{
    static const char *const words[] = {"true", "false", "null"};
    const char *text = c->document->text + t->start;
    size_t size = (size_t)(t->end - t->start);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (size == strlen(words[i]) && memcmp(text, words[i], size) == 0)
            return true;
    return is_number(text, text + size) || wrong(c, c->at, "it is not a value");
}

/* ---- strings -------------------------------------------------------------------------------- */

/* The four digits of \uXXXX, which jsmn has seen to. */
static uint32_t hexadecimal(const char *at)
{
    char text[5] = {at[0], at[1], at[2], at[3]};
    return (uint32_t)strtoul(text, NULL, 16);
}

/* The character of \uXXXX, or of two that are one beyond them. One half alone becomes U+FFFD. */
static uint32_t decode_number(const char **from, const char *end)
{
    uint32_t first = hexadecimal(*from + 2), second = 0;
    *from += 6;
    if (first < 0xd800 || first > 0xdfff)
        return first;
    if (first < 0xdc00 && end - *from >= 6 && memcmp(*from, "\\u", 2) == 0)
        second = hexadecimal(*from + 2);
    if (second < 0xdc00 || second > 0xdfff)
        return 0xfffd;
    *from += 6;
    return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

/* As UTF-8. It is never longer than what it was written as. */
static char *put_character(char *to, uint32_t character)
{
    if (character < 0x80) {
        *to++ = (char)character;
        return to;
    }
    int more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    static const unsigned char first[] = {0, 0xc0, 0xe0, 0xf0};
    *to++ = (char)(first[more] | character >> (6 * more));
    while (more-- > 0)
        *to++ = (char)(0x80 | (character >> (6 * more) & 0x3f));
    return to;
}

static char unescaped(char letter)
{
    static const char letters[] = "bfnrt", characters[] = "\b\f\n\r\t";
    const char *found = strchr(letters, letter);
    return found ? characters[found - letters] : letter;
}

static bool decode(struct check *c, const jsmntok_t *t)
{
    const char *text = c->document->text, *from = text + t->start, *end = text + t->end;
    char *to = c->document->decoded + t->start;
    while (from < end) {
        const char *here = from;
        uint32_t character = (unsigned char)*from;
        if (character < 0x20)
            return wrong(c, (size_t)(here - text), "there is a control character in a string");
        if (character != '\\')
            *to++ = *from++;
        else if (from[1] != 'u') {
            *to++ = unescaped(from[1]);
            from += 2;
        } else if ((character = decode_number(&from, end)) != 0)
            to = put_character(to, character);
        else
            return wrong(c, (size_t)(here - text), "there is a NUL character in a string");
    }
    *to = '\0';
    return true;
}

/* ---- values --------------------------------------------------------------------------------- */

static bool check_value(struct check *c);

static bool check_name(struct check *c)
{
    if (next_character(c) != '"')
        return wrong(c, c->at, "a member's name is expected");
    return check_value(c) && take(c, ':', "a colon is expected");
}

static bool take_comma(struct check *c)
{
    bool comma = next_character(c) == ',';
    c->at += comma;
    return comma;
}

static bool check_members(struct check *c, bool object)
{
    const char close = object ? '}' : ']';
    if (++c->depth > DEPTH)
        return wrong(c, c->at, "it is nested too deep");
    c->at++;
    if (next_character(c) != close)
        do {
            if ((object && !check_name(c)) || !check_value(c))
                return false;
        } while (take_comma(c));
    c->depth--;
    return take(c, close, object ? "a comma or } is expected" : "a comma or ] is expected");
}

/* The next token, which begins right here. Calls itself, as deep as DEPTH. */
static bool check_value(struct check *c)
{
    struct json_document *d = c->document;
    const uint32_t own = c->token;
    const jsmntok_t *t = &d->tokens[own];
    bool right;
    next_character(c);
    if (own == d->count || (size_t)t->start != c->at + (t->type == JSMN_STRING))
        return wrong(c, c->at, d->text[c->at] ? "a value is expected" : ENDS_EARLY);
    c->token++;
    if (t->type == JSMN_STRING || t->type == JSMN_PRIMITIVE) {
        right = t->type == JSMN_STRING ? decode(c, t) : check_primitive(c, t);
        c->at = (size_t)t->end + (t->type == JSMN_STRING);
    } else
        right = check_members(c, t->type == JSMN_OBJECT);
    d->after[own] = c->token;
    return right;
}

static bool check_document(struct check *c, size_t size)
{
    if (!check_value(c))
        return false;
    next_character(c);
    return c->at == size || wrong(c, c->at, "something follows the value");
}

/* ---- the document --------------------------------------------------------------------------- */

static int copy_text(struct json_document *d, const char *text, size_t size)
{
    d->text = calloc(3, size + 1);
    if (!d->text)
        return -ENOMEM;
    d->decoded = d->text + size + 1;
    d->shown = d->decoded + size + 1;
    memcpy(d->text, text, size);
    return 0;
}

/* Once to count them, and once for good. */
static int find_tokens(struct json_document *d, size_t size, struct json_fault *fault)
{
    jsmn_parser parser;
    jsmn_init(&parser);
    int n = jsmn_parse(&parser, d->text, size, NULL, 0);
    if (n > 0) {
        d->tokens = calloc((size_t)n, sizeof *d->tokens);
        d->after = calloc((size_t)n, sizeof *d->after);
        if (!d->tokens || !d->after)
            return -ENOMEM;
        jsmn_init(&parser);
        n = jsmn_parse(&parser, d->text, size, d->tokens, (unsigned)n);
    }
    d->count = n > 0 ? (uint32_t)n : 0;
    if (n > 0)
        return 0;
    *fault = n == JSMN_ERROR_INVAL
                 ? (struct json_fault){"there is an unexpected character", parser.pos}
                 : (struct json_fault){ENDS_EARLY, size};
    return -EINVAL;
}

static int parse(struct json_document *d, const char *text, size_t size, struct json_fault *fault)
{
    struct check c = {.document = d, .fault = fault};
    int rc = copy_text(d, text, size);
    if (rc == 0)
        rc = find_tokens(d, size, fault);
    if (rc == 0 && !check_document(&c, size))
        rc = -EINVAL;
    return rc;
}

int json_parse(const char *text, size_t size, struct json_document **document,
               struct json_fault *fault)
{
    if (size > INT_MAX / 4)
        return -EFBIG;
    struct json_document *d = calloc(1, sizeof *d);
    int rc = d ? parse(d, text, size, fault) : -ENOMEM;
    if (rc == 0)
        *document = d;
    else
        json_forget(d);
    return rc;
}

void json_forget(struct json_document *d)
{
    if (!d)
        return;
    free(d->tokens);
    free(d->after);
    free(d->text);
    free(d);
}
