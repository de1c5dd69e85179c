/* SPDX-License-Identifier: MIT */
/*
 * The root as an overlay: "root" itself the lowest layer, empty directories above it, "upper" on
 * top. Their names are as short as they can be, for mount(2) takes one page of options.
 */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static size_t append(struct layers *l, size_t at, const char *text)
{
    return at + (size_t)snprintf(l->options + at, sizeof l->options - at, "%s", text);
}

int layers_make(struct layers *l, unsigned count)
{
    size_t at = append(l, 0, "lowerdir=");
    for (unsigned i = 0; i + 1 < count; i++) {
        snprintf(l->name[i], sizeof l->name[i], "%u", i);
        if (mkdir(l->name[i], 0755) < 0) {
            fprintf(stderr, "bench: make the layer %s: %s\n", l->name[i], strerror(errno));
            return -1;
        }
        l->lower[i] = l->name[i];
        at = append(l, at, l->name[i]);
        at = append(l, at, ":");
    }
    l->lower[count - 1] = "root";
    l->count = count;
    append(l, at, "root,upperdir=upper,workdir=work");
    return 0;
}
