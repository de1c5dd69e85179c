/* SPDX-License-Identifier: MIT */
#include "cli/json.h"

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

void json_string(FILE *out, const char *text)
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

static void begin(struct json *json, const char *name)
{
    if (json->more)
        fputc(',', json->out);
    json->more = true;
    if (name) {
        json_string(json->out, name);
        fputc(':', json->out);
    }
}

void json_open(struct json *json, const char *name, char bracket)
{
    begin(json, name);
    fputc(bracket, json->out);
    json->more = false;
}

void json_close(struct json *json, char bracket)
{
    fputc(bracket, json->out);
    json->more = true;
}

void json_text(struct json *json, const char *name, const char *text)
{
    begin(json, name);
    if (text)
        json_string(json->out, text);
    else
        fputs("null", json->out);
}

void json_bool(struct json *json, const char *name, bool value)
{
    begin(json, name);
    fputs(value ? "true" : "false", json->out);
}

void json_number(struct json *json, const char *name, long value)
{
    begin(json, name);
    fprintf(json->out, "%ld", value);
}
