/* SPDX-License-Identifier: MIT */
/*
 * Lists of mounts: those that are wanted, as text; those that there are, as the kernel tells.
 */
#include "base/error.h"
#include "base/lazy.h"
#include "mount/libmount.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scratch_mount_set {
    struct libmount_rows rows;
};

struct scratch_mount_table {
    struct libmount_rows rows;
};

static int without_libmount(struct scratch_error *err, const char *what)
{
    return lazy_missing(err, what, NULL, "libmount", "install it: Debian's package is libmount1");
}

/* ---- wanted --------------------------------------------------------------------------------- */

/* The error's subject is the line itself. */
static int bad_line(struct scratch_error *err, const char *text, unsigned number)
{
    char what[64];
    for (unsigned i = 1; i < number; i++)
        text += strcspn(text, "\n") + 1;
    char *line = strndup(text, strcspn(text, "\n"));
    snprintf(what, sizeof what, "line %u of the mounts", number);
    int rc = error_because(err, EINVAL, what, line, "not a line of fstab(5)",
                           "write: SOURCE TARGET TYPE [OPTIONS]");
    free(line);
    return rc;
}

int scratch_mount_set_parse(const char *text, scratch_mount_set **result, struct scratch_error *err)
{
    *result = NULL;
    struct scratch_mount_set *set = calloc(1, sizeof *set);
    int rc = set ? libmount_read_fstab(text, &set->rows) : -ENOMEM;
    if (rc == 0) {
        *result = set;
        return 0;
    }
    unsigned line = set ? set->rows.bad_line : 0;
    free(set);
    if (line)
        return bad_line(err, text, line);
    return rc == -ENOSYS ? without_libmount(err, "mounts")
                         : error_set(err, -rc, "mounts", NULL, NULL);
}

const struct scratch_mount *scratch_mount_set_get(const scratch_mount_set *set, size_t *count)
{
    *count = set->rows.count;
    return set->rows.row;
}

void scratch_mount_set_free(scratch_mount_set *set)
{
    if (set)
        libmount_free_rows(&set->rows);
    free(set);
}

/* ---- there ---------------------------------------------------------------------------------- */

int scratch_mount_table_read(int pid, scratch_mount_table **result, struct scratch_error *err)
{
    char path[64] = "/proc/thread-self/mountinfo";
    if (pid)
        snprintf(path, sizeof path, "/proc/%d/mountinfo", pid);
    *result = NULL;
    struct scratch_mount_table *table = calloc(1, sizeof *table);
    int rc = table ? libmount_read_mountinfo(path, &table->rows) : -ENOMEM;
    if (rc == 0) {
        *result = table;
        return 0;
    }
    free(table);
    if (rc == -ENOSYS)
        return without_libmount(err, "read the mount table");
    return error_call(err, -rc, "open(2)", "read the mount table", path,
                      rc == -ENOENT ? "there is no such process" : NULL);
}

const struct scratch_mount_entry *scratch_mount_table_get(const scratch_mount_table *table,
                                                          size_t *count)
{
    *count = table->rows.count;
    return table->rows.row;
}

void scratch_mount_table_free(scratch_mount_table *table)
{
    if (table)
        libmount_free_rows(&table->rows);
    free(table);
}
