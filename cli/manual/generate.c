/* SPDX-License-Identifier: MIT */
/*
 * manual_generate: copies a template from standard input to standard output, and fills it in.
 */
#include "cli/manual/generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct insertion *const insertions[] = {
    page_insertions,
    bash_insertions,
    zsh_insertions,
    fish_insertions,
};

static const struct insertion *find(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof insertions / sizeof *insertions; i++)
        for (const struct insertion *row = insertions[i]; row->name; row++)
            if (strlen(row->name) == length && strncmp(row->name, name, length) == 0)
                return row;
    return NULL;
}

/* Returns 0, or -1 when nothing has the name that the line asks for. */
static int write_line(const char *line)
{
    size_t length = strcspn(line, "\n");
    if (length < 3 || line[0] != '@' || line[length - 1] != '@')
        return fputs(line, stdout) < 0 ? -1 : 0;
    const struct insertion *insertion = find(line + 1, length - 2);
    if (!insertion) {
        fprintf(stderr, "manual_generate: nothing is called %s", line);
        return -1;
    }
    insertion->write();
    return 0;
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    int rc = 0;
    while (rc == 0 && getline(&line, &size, stdin) > 0)
        rc = write_line(line);
    free(line);
    return rc < 0 || ferror(stdin) || fflush(stdout) ? 1 : 0;
}
