/* SPDX-License-Identifier: MIT */
/*
 * Which directories of records there are, and what is in each.
 *
 * Another than the default one is known by a symbolic link in it, .roots/NAME, which is made with
 * the first container there. NAME says nothing: it only is another for each.
 */
#include "state/directory.h"
#include "state/record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* FNV-1a, of 64 bits. */
static uint64_t hash(const char *text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return h;
}

void record_register(const char *known_in, const char *root)
{
    char name[32];
    int dir = record_root_open(known_in, true);
    if (dir < 0)
        return;
    snprintf(name, sizeof name, RECORD_ROOTS "/%016llx", (unsigned long long)hash(root));
    if (symlinkat(root, dir, name) < 0 && errno == ENOENT && mkdirat(dir, RECORD_ROOTS, 0700) == 0)
        if (symlinkat(root, dir, name) < 0)
            errno = 0; /* then it is only found by who knows of it */
    close(dir);
}

static DIR *open_roots(int dir)
{
    int fd = openat(dir, RECORD_ROOTS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *roots = fd < 0 ? NULL : fdopendir(fd);
    if (!roots && fd >= 0)
        close(fd);
    return roots;
}

static int each_registered(int dir, record_root_visit *visit, void *data)
{
    DIR *roots = open_roots(dir);
    struct dirent *entry;
    int rc = 0;
    while (roots && rc == 0 && (entry = readdir(roots))) {
        char path[PATH_MAX];
        ssize_t n = readlinkat(dirfd(roots), entry->d_name, path, sizeof path - 1);
        if (n <= 0)
            continue;
        path[n] = '\0';
        if (access(path, F_OK) < 0 && errno == ENOENT)
            unlinkat(dirfd(roots), entry->d_name, 0);
        else
            rc = visit(path, data);
    }
    if (roots)
        closedir(roots);
    return rc;
}

int record_each_root(record_root_visit *visit, void *data)
{
    char path[STATE_PATH];
    int rc = state_path(path, "find containers", NULL);
    if (rc < 0)
        return rc;
    rc = visit(path, data);
    int dir = rc == 0 ? record_root_open(path, false) : -1;
    if (dir < 0)
        return rc;
    rc = each_registered(dir, visit, data);
    close(dir);
    return rc;
}

/* ---- what is in one ------------------------------------------------------------------------- */

static int is_record(const struct dirent *entry)
{
    return record_is_id(entry->d_name);
}

void record_free_ids(char **ids)
{
    for (size_t i = 0; ids && ids[i]; i++)
        free(ids[i]);
    free(ids);
}

/* The names, taken out of their entries. */
static char **names_of(struct dirent **entries, int count)
{
    char **ids = calloc((size_t)count + 1, sizeof *ids);
    bool complete = ids;
    for (int i = 0; i < count; i++) {
        if (complete) {
            ids[i] = strdup(entries[i]->d_name);
            complete = ids[i];
        }
        free(entries[i]);
    }
    free(entries);
    if (complete)
        return ids;
    record_free_ids(ids);
    return NULL;
}

char **record_ids(int rootfd)
{
    struct dirent **entries;
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", rootfd);
    int count = scandir(path, &entries, is_record, alphasort);
    return count < 0 ? NULL : names_of(entries, count);
}
