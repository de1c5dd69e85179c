/* SPDX-License-Identifier: MIT */
#include "base/json.h"
#include "base/printable.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* How many bytes are written as they are: ASCII, for the most part. */
static size_t plain_length(const char *text)
{
    size_t n = 0;
    while ((unsigned char)text[n] >= 0x20 && (unsigned char)text[n] < 0x80 && text[n] != '"' &&
           text[n] != '\\')
        n++;
    return n ? n : utf8_length(text);
}

void json_write_string(FILE *out, const char *text)
{
    putc('"', out);
    while (*text) {
        unsigned char c = (unsigned char)*text;
        size_t n = plain_length(text);
        if (n == 0)
            fputs("\xef\xbf\xbd", out); /* U+FFFD, the replacement character */
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else {
            if (c == '"' || c == '\\')
                putc('\\', out);
            fwrite(text, 1, n, out);
        }
        text += n ? n : 1;
    }
    putc('"', out);
}

/* ---- what is open --------------------------------------------------------------------------- */

static void new_line(const struct json *j)
{
    if (j->pretty)
        fprintf(j->out, "\n%*s", 2 * j->depth, "");
}

/* All that stands before a value. False when something has failed. */
static bool lead_in(struct json *j, const char *name)
{
    if (j->failed)
        return false;
    if (j->open[j->depth - 1].filled)
        putc(',', j->out);
    j->open[j->depth - 1].filled = true;
    new_line(j);
    if (!name)
        return true;
    json_write_string(j->out, name);
    fputs(j->pretty ? ": " : ":", j->out);
    return true;
}

static void open_one(struct json *j, char open, char close)
{
    if (j->depth == JSON_DEPTH) {
        j->failed = -E2BIG;
        return;
    }
    putc(open, j->out);
    j->open[j->depth].close = close;
    j->open[j->depth++].filled = false;
}

void json_begin(struct json *j, bool pretty)
{
    *j = (struct json){.pretty = pretty};
    j->out = open_memstream(&j->text, &j->size);
    if (j->out)
        open_one(j, '{', '}');
    else
        j->failed = -ENOMEM;
}

void json_open_object(struct json *j, const char *name)
{
    if (lead_in(j, name))
        open_one(j, '{', '}');
}

void json_open_array(struct json *j, const char *name)
{
    if (lead_in(j, name))
        open_one(j, '[', ']');
}

void json_close(struct json *j)
{
    if (j->failed)
        return;
    j->depth--;
    if (j->open[j->depth].filled)
        new_line(j);
    putc(j->open[j->depth].close, j->out);
}

char *json_end(struct json *j)
{
    json_close(j);
    if (j->out && (fclose(j->out) != 0 || j->failed)) {
        free(j->text);
        j->text = NULL;
        j->failed = j->failed ? j->failed : -ENOMEM;
    }
    return j->text;
}

/* ---- values --------------------------------------------------------------------------------- */

void json_text(struct json *j, const char *name, const char *text)
{
    if (!lead_in(j, name))
        return;
    if (text)
        json_write_string(j->out, text);
    else
        fputs("null", j->out);
}

void json_number(struct json *j, const char *name, uint64_t number)
{
    if (lead_in(j, name))
        fprintf(j->out, "%" PRIu64, number);
}

void json_flag(struct json *j, const char *name, bool flag)
{
    if (lead_in(j, name))
        fputs(flag ? "true" : "false", j->out);
}
