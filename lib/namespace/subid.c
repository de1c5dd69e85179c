/* SPDX-License-Identifier: MIT */
#include "namespace/subid.h"
#include "base/error.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What getpwuid_r(3) may need for a line, of which we want a name and a number. */
#define PASSWD_ROOM 16384

/* ---- users ---------------------------------------------------------------------------------- */

static void fill(struct subid_user *user, const struct passwd *entry)
{
    snprintf(user->name, sizeof user->name, "%s", entry->pw_name);
    snprintf(user->number, sizeof user->number, "%u", (unsigned)entry->pw_uid);
    user->group = entry->pw_gid;
}

static void find_number(uid_t uid, struct subid_user *user)
{
    char *room = malloc(PASSWD_ROOM);
    struct passwd entry, *found = NULL;
    *user = (struct subid_user){0};
    snprintf(user->number, sizeof user->number, "%u", (unsigned)uid);
    if (room && getpwuid_r(uid, &entry, room, PASSWD_ROOM, &found) == 0 && found)
        fill(user, found);
    free(room);
}

static void find_name(const char *name, struct subid_user *user)
{
    char *room = malloc(PASSWD_ROOM);
    struct passwd entry, *found = NULL;
    *user = (struct subid_user){0};
    snprintf(user->name, sizeof user->name, "%s", name);
    if (room && getpwnam_r(name, &entry, room, PASSWD_ROOM, &found) == 0 && found)
        fill(user, found);
    free(room);
}

void subid_caller(struct subid_user *user)
{
    find_number(getuid(), user);
}

/* A whole number below 2^32; *text is moved behind it. */
static bool read_number(const char **text, uint32_t *number)
{
    uint64_t value = 0;
    const char *p = *text;
    for (; *p >= '0' && *p <= '9' && value <= UINT32_MAX; p++)
        value = value * 10 + (uint64_t)(*p - '0');
    if (p == *text || value > UINT32_MAX)
        return false;
    *text = p;
    *number = (uint32_t)value;
    return true;
}

void subid_find_user(const char *text, struct subid_user *user)
{
    const char *end = text;
    uint32_t uid;
    if (read_number(&end, &uid) && !*end)
        find_number(uid, user);
    else
        find_name(text, user);
}

/* ---- files ---------------------------------------------------------------------------------- */

char *subid_load(const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *in = fopen(path, "re");
    if (!in)
        return NULL;
    ssize_t n = getdelim(&text, &size, '\0', in);
    bool failed = ferror(in);
    fclose(in);
    if (n < 0 && !failed && text)
        text[0] = '\0'; /* an empty file */
    if (failed || !text) {
        free(text);
        errno = failed ? EIO : ENOMEM;
        return NULL;
    }
    return text;
}

static bool is_named(const char *line, size_t length, const char *name)
{
    return *name && strlen(name) == length && strncmp(line, name, length) == 0;
}

/* "NAME:FIRST:COUNT" */
static bool read_line(const char *line, const struct subid_user *user,
                      struct scratch_id_range *range, bool *own)
{
    size_t length = strcspn(line, ":\n");
    const char *p = line + length;
    if (*p++ != ':' || !read_number(&p, &range->first) || *p++ != ':')
        return false;
    if (!read_number(&p, &range->count) || (*p && *p != '\n') || range->count == 0 ||
        range->count > UINT32_MAX - range->first)
        return false;
    *own = is_named(line, length, user->name) || is_named(line, length, user->number);
    return true;
}

bool subid_next(const char **rest, const struct subid_user *user, struct scratch_id_range *range,
                bool *own)
{
    while (**rest) {
        const char *line = *rest;
        *rest += strcspn(line, "\n");
        *rest += **rest == '\n';
        if (read_line(line, user, range, own))
            return true;
    }
    return false;
}

size_t subid_ranges(const char *text, const struct subid_user *user, struct scratch_id_range *range,
                    size_t size)
{
    struct scratch_id_range next;
    size_t count = 0;
    bool own;
    while (subid_next(&text, user, &next, &own)) {
        if (own && count < size)
            range[count] = next;
        count += own;
    }
    return count;
}

/* ---- for callers ---------------------------------------------------------------------------- */

static int read_ranges(const char *path, const char *name, struct scratch_id_range *ranges,
                       size_t size, struct scratch_error *err)
{
    struct subid_user user;
    char *text = subid_load(path);
    if (!text)
        return error_call(err, errno, "open(2)", "read a user's ranges of ids", path,
                          errno == ENOENT ? "it comes with the package uidmap, or shadow" : NULL);
    if (name)
        subid_find_user(name, &user);
    else
        subid_caller(&user);
    size_t count = subid_ranges(text, &user, ranges, size);
    free(text);
    return (int)count;
}

int scratch_subuid_read(const char *user, struct scratch_id_range *ranges, size_t size,
                        struct scratch_error *err)
{
    return read_ranges(SUBUID_PATH, user, ranges, size, err);
}

int scratch_subgid_read(const char *user, struct scratch_id_range *ranges, size_t size,
                        struct scratch_error *err)
{
    return read_ranges(SUBGID_PATH, user, ranges, size, err);
}
