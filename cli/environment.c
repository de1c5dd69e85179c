/* SPDX-License-Identifier: MIT */
#include "cli/environment.h"
#include "cli/report.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULTS 3
#define HOME     "HOME=/root"

static void put(struct environment *e, const char *variable)
{
    size_t name = strcspn(variable, "=") + 1, i = 0;
    while (i < e->count && strncmp(e->variables[i], variable, name) != 0)
        i++;
    e->variables[i] = variable;
    e->count += i == e->count;
}

/* What struct scratch_process_options has where env is NULL: with env, it has nothing else. */
static void begin(struct environment *e, struct pool *pool, size_t room)
{
    const char *term = getenv("TERM");
    e->variables = pool_take(pool, room + DEFAULTS + 1, sizeof *e->variables);
    put(e, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    if (term && *term)
        put(e, pool_print(pool, "TERM=%s", term));
}

void environment_finish(struct environment *e, bool user)
{
    for (size_t i = 0; i < e->count; i++)
        if (strncmp(e->variables[i], HOME, strcspn(HOME, "=") + 1) == 0)
            return;
    if (e->variables && !user)
        put(e, HOME);
}

int environment_add(struct environment *e, struct pool *pool, size_t room, const char *text,
                    struct scratch_error *err)
{
    if (!*text || *text == '=')
        return usage_error(err, text, "write NAME=VALUE, or NAME", "the name is empty");
    if (!e->variables)
        begin(e, pool, room);
    const char *value = strchr(text, '=') ? NULL : getenv(text);
    if (strchr(text, '='))
        put(e, text);
    else if (value)
        put(e, pool_print(pool, "%s=%s", text, value));
    return 0;
}
