/* SPDX-License-Identifier: MIT */
#include "state/text.h"
#include "base/printable.h"

void text_quoted(FILE *out, const char *text)
{
    putc('"', out);
    while (*text) {
        size_t n = utf8_length(text);
        unsigned char c = (unsigned char)*text;
        if (n == 0)
            fputs("\xef\xbf\xbd", out); /* U+FFFD, the replacement character */
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else
            fwrite(text, 1, n, out);
        text += n ? n : 1;
    }
    putc('"', out);
}

void text_member(FILE *out, const char *name, const char *text)
{
    if (!text)
        return;
    fprintf(out, "\"%s\":", name);
    text_quoted(out, text);
    putc(',', out);
}

void text_array(FILE *out, const char *name, const char *const *texts)
{
    if (!texts)
        return;
    fprintf(out, "\"%s\":[", name);
    for (size_t i = 0; texts[i]; i++) {
        if (i > 0)
            putc(',', out);
        text_quoted(out, texts[i]);
    }
    fputs("],", out);
}
