/* SPDX-License-Identifier: MIT */
#include "cli/values.h"
#include "cli/report.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The last id is -1, which means "unchanged" to setresuid(2): it is nobody's. */
#define ID_MOST (UINT32_MAX - 1)

static bool is_name(const char *text)
{
    if (!*text || *text == '-' || *text == '+')
        return false;
    for (; *text; text++)
        if (iscntrl((unsigned char)*text) || strchr(" :,", *text))
            return false;
    return true;
}

/*
 * Strict, for what is misread here runs as root: a runtime has taken "1" for 0:0
 * (CVE-2026-30892). Only digits are a number, and never a name; and what looks like a sign is none.
 */
static int check_word(const char *text, const char *word, struct scratch_error *err)
{
    static const char form[] = "give USER or USER:GROUP, names or numbers, such as 33:33";
    uint64_t number;
    if (!is_name(word))
        return usage_error(err, text, form, "'%s' is neither a name nor an id", word);
    if (word[strspn(word, "0123456789")] || value_number(word, 0, ID_MOST, &number, err) == 0)
        return 0;
    return usage_error(err, text, form, "'%s' is beyond the last id, 4294967294", word);
}

int value_user(const char *text, struct scratch_error *err)
{
    char user[256];
    const char *colon = strchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : strlen(text);
    if (length >= sizeof user)
        return usage_error(err, text, "give USER or USER:GROUP", "no name is so long");
    snprintf(user, sizeof user, "%.*s", (int)length, text);
    int rc = check_word(text, user, err);
    return rc == 0 && colon ? check_word(text, colon + 1, err) : rc;
}

static int read_part(const char **text, uint64_t least, uint32_t *part, struct scratch_error *err)
{
    char word[16];
    uint64_t number;
    size_t length = strcspn(*text, ":");
    snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word - 1),
             *text);
    int rc = value_number(word, least, ID_MOST, &number, err);
    *text += length;
    *text += **text == ':';
    if (rc == 0)
        *part = (uint32_t)number;
    return rc;
}

int value_id_map(const char *text, struct scratch_id_map *map, struct scratch_error *err)
{
    static const char form[] = "write CONTAINER:HOST:SIZE, such as 0:100000:65536";
    const char *rest = text;
    size_t colons = 0;
    for (const char *p = text; *p; p++)
        colons += *p == ':';
    map->count = 1;
    if (colons != 1 && colons != 2)
        return usage_error(err, text, form, "not two or three numbers");
    int rc = read_part(&rest, 0, &map->inside, err);
    if (rc == 0)
        rc = read_part(&rest, 0, &map->outside, err);
    if (rc == 0 && colons == 2)
        rc = read_part(&rest, 1, &map->count, err);
    return rc < 0 ? usage_error(err, text, form, "not ids, and how many of them") : 0;
}
