/* SPDX-License-Identifier: MIT */
/*
 * The map of its own that a mount is given: "uids=0-1000-10#20-2000-5;gids=0-1000-10". Each line is
 * of an id on disk, an id of the caller's, and how many there are; with "@" before it, its second
 * id is one of the container's.
 */
#include "mount/idmap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int wrong(struct builder *b, const char *words, const char *cause)
{
    return error_because(b->err, EINVAL, "idmapped mount", words, cause,
                         "write idmap=uids=0-1000-10;gids=0-1000-10: on disk, here, how many; "
                         "# between two lines");
}

/* A number, and the character behind it. */
static bool read_number(const char **at, char behind, uint32_t *number)
{
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    errno = 0;
    unsigned long value = strtoul(*at, &end, 10);
    bool good = errno == 0 && value <= UINT32_MAX && (!behind || *end == behind);
    *number = (uint32_t)value;
    *at = behind ? end + 1 : end;
    return good;
}

/* One line of the kernel's: user_namespaces(7). */
static int put_line(struct builder *b, const char *words, const char **at,
                    const struct builder_ids *ids, FILE *out)
{
    uint32_t disk, here, count;
    bool relative = **at == '@';
    *at += relative;
    if (!read_number(at, '-', &disk) || !read_number(at, '-', &here) ||
        !read_number(at, 0, &count) || count == 0)
        return wrong(b, words, "it has a line that is not three numbers");
    if (relative && !builder_id_outside(ids, &here))
        return wrong(b, words, "the container's map, which @ refers to, has no such id");
    fprintf(out, "%u %u %u\n", disk, here, count);
    return 0;
}

/* All lines of one kind, up to ";" or the end. */
static int put_lines(struct builder *b, const char *words, const char **at,
                     const struct builder_ids *ids, uint32_t *text)
{
    char *lines = NULL;
    size_t size;
    int rc = 0;
    FILE *out = open_memstream(&lines, &size);
    if (!out)
        return error_set(b->err, ENOMEM, "idmapped mount", words, NULL);
    do
        rc = put_line(b, words, at, ids, out);
    while (rc == 0 && **at == '#' && (*at)++);
    fclose(out);
    if (rc == 0 && *text)
        rc = wrong(b, words, "it has uids or gids twice");
    if (rc == 0)
        *text = builder_text(b, lines);
    free(lines);
    return rc;
}

int mount_read_idmap(struct builder *b, const char *words, uint32_t text[2])
{
    static const char *const names[] = {"uids=", "gids="};
    const char *at = words;
    int rc = 0;
    text[0] = text[1] = 0;
    while (*at && rc == 0) {
        int kind = strncmp(at, names[0], 5) == 0 ? 0 : strncmp(at, names[1], 5) == 0 ? 1 : -1;
        if (kind < 0)
            return wrong(b, words, "it begins with neither uids= nor gids=");
        at += strlen(names[kind]);
        rc = put_lines(b, words, &at, kind ? &b->gids : &b->uids, &text[kind]);
        if (rc == 0 && *at && *at++ != ';')
            rc = wrong(b, words, "between its parts belongs a semicolon");
    }
    if (rc == 0 && (!text[0] || !text[1]))
        rc = wrong(b, words, "users without groups, or groups without users");
    return rc;
}
