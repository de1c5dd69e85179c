/* SPDX-License-Identifier: MIT */
#include "cli/output.h"

#include <stdint.h>
#include <string.h>

/* The length of the character that a UTF-8 text begins with; 0: it is not one (RFC 3629). */
static size_t character_length(const char *text)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text[0];
    size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : 4;
    uint32_t code = length == 1 ? first : first & (0x7fu >> length);
    if (length == 4 && first >> 3 != 30)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < least[length] || code > 0x10ffff || surrogate ? 0 : length;
}

void output_string(FILE *out, const char *text)
{
    fputc('"', out);
    while (*text) {
        size_t length = character_length(text);
        if (length == 0)
            fputs("\\ufffd", out);
        else if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            fprintf(out, "\\u%04x", *text);
        else
            fwrite(text, 1, length, out);
        text += length ? length : 1;
    }
    fputc('"', out);
}

static void begin(struct output *output, const char *name)
{
    if (output->more)
        fputc(',', output->out);
    output->more = true;
    if (name) {
        output_string(output->out, name);
        fputc(':', output->out);
    }
}

void output_open(struct output *output, const char *name, char bracket)
{
    begin(output, name);
    fputc(bracket, output->out);
    output->more = false;
}

void output_close(struct output *output, char bracket)
{
    fputc(bracket, output->out);
    output->more = true;
}

void output_text(struct output *output, const char *name, const char *text)
{
    begin(output, name);
    if (text)
        output_string(output->out, text);
    else
        fputs("null", output->out);
}

void output_bool(struct output *output, const char *name, bool value)
{
    begin(output, name);
    fputs(value ? "true" : "false", output->out);
}

void output_number(struct output *output, const char *name, long value)
{
    begin(output, name);
    fprintf(output->out, "%ld", value);
}
