/* SPDX-License-Identifier: MIT */
#include "state/text.h"
#include "base/json.h"

void text_member(FILE *out, const char *name, const char *text)
{
    if (!text)
        return;
    fprintf(out, "\"%s\":", name);
    json_write_string(out, text);
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
        json_write_string(out, texts[i]);
    }
    fputs("],", out);
}
