/* SPDX-License-Identifier: MIT */
#include "cli/environment.h"
#include "cli/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 16
#define HOME       "HOME=/root"

static struct variable *find(const struct environment *e, const char *text)
{
    size_t name = strcspn(text, "=") + 1;
    for (size_t i = 0; e->variables && i < e->count; i++)
        if (strncmp(e->variables[i].text, text, name) == 0)
            return &e->variables[i];
    return NULL;
}

static struct variable *append(struct environment *e, struct pool *pool)
{
    if (e->count == e->room) {
        size_t room = e->room ? 2 * e->room : ROOM_FIRST;
        struct variable *variables = pool_take(pool, room, sizeof *variables);
        if (e->count && e->variables)
            memcpy(variables, e->variables, e->count * sizeof *variables);
        e->variables = variables;
        e->room = room;
    }
    return &e->variables[e->count++];
}

static void put(struct environment *e, struct pool *pool, const char *text, bool by_option)
{
    struct variable *variable = find(e, text);
    if (variable && variable->by_option && !by_option)
        return;
    if (!variable)
        variable = append(e, pool);
    *variable = (struct variable){text, by_option};
}

/* What struct scratch_process_options has where env is NULL: with env, it has nothing else. */
static void begin(struct environment *e, struct pool *pool)
{
    const char *term = getenv("TERM");
    if (e->variables)
        return;
    put(e, pool, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", false);
    if (term && *term)
        put(e, pool, pool_print(pool, "TERM=%s", term), false);
}

static void take(struct environment *e, struct pool *pool, const char *text, bool by_option)
{
    const char *value = strchr(text, '=') ? NULL : getenv(text);
    if (strchr(text, '='))
        put(e, pool, text, by_option);
    else if (value)
        put(e, pool, pool_print(pool, "%s=%s", text, value), by_option);
}

void environment_finish(struct environment *e, struct pool *pool, bool user)
{
    if (e->variables && !user && !find(e, HOME))
        put(e, pool, HOME, false);
}

int environment_add(struct environment *e, struct pool *pool, const char *text,
                    struct scratch_error *err)
{
    if (!*text || *text == '=')
        return usage_error(err, text, "write NAME=VALUE, or NAME", "the name is empty");
    begin(e, pool);
    take(e, pool, text, true);
    return 0;
}

/* ---- from a file ----------------------------------------------------------------------------- */

/* One line, without its newline. */
static int add_line(struct environment *e, struct pool *pool, const char *line,
                    struct scratch_error *err)
{
    line += strspn(line, " \t");
    size_t name = strcspn(line, "=");
    if (!*line || *line == '#')
        return 0;
    if (name == 0)
        return usage_error(err, line, "write NAME=VALUE, or NAME", "the name is empty");
    if (strcspn(line, " \t") < name)
        return usage_error(err, line, "write NAME=VALUE, without blanks around the '='",
                           "there is a blank in the name");
    take(e, pool, pool_print(pool, "%s", line), false);
    return 0;
}

static int add_lines(struct environment *e, struct pool *pool, FILE *in, const char *path,
                     struct scratch_error *err)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    int rc = 0;
    for (unsigned number = 1; rc == 0 && (length = getline(&line, &size, in)) >= 0; number++) {
        line[strcspn(line, "\n")] = '\0';
        if (strlen(line) + 1 < (size_t)length)
            rc = usage_error(err, NULL, NULL, "there is a NUL in it");
        else
            rc = add_line(e, pool, line, err);
        if (rc < 0)
            snprintf(err->subject, sizeof err->subject, "%s:%u", path, number);
    }
    free(line);
    return rc;
}

int environment_add_file(struct environment *e, struct pool *pool, const char *path,
                         struct scratch_error *err)
{
    FILE *in = fopen(path, "re");
    if (!in)
        return usage_error(err, path, NULL, "%s", strerror(errno));
    begin(e, pool);
    int rc = add_lines(e, pool, in, path, err);
    if (rc == 0 && ferror(in))
        rc = usage_error(err, path, "give a file with a variable on each line", "%s",
                         strerror(errno));
    fclose(in);
    return rc;
}

const char *const *environment_list(const struct environment *e, struct pool *pool)
{
    if (!e->variables)
        return NULL;
    const char **list = pool_take(pool, e->count + 1, sizeof *list);
    for (size_t i = 0; i < e->count; i++)
        list[i] = e->variables[i].text;
    return list;
}
