/* SPDX-License-Identifier: MIT */
/*
 * The groups of a machine, whichever hierarchies they are in.
 */
#include <scratch/figures.h>
#include "cgroup/layout.h"
#include "cgroup/tree.h"
#include "base/error.h"
#include "step/step.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* What has been found: paths in rising order, each once, with a mark before those of containers. */
struct found {
    char **path;
    size_t count, room;
};

static int add(struct found *f, const char *path, bool container)
{
    if (f->count == f->room) {
        size_t room = f->room ? 2 * f->room : 64;
        char **more = realloc(f->path, room * sizeof *more);
        if (!more)
            return -ENOMEM;
        f->path = more;
        f->room = room;
    }
    char *copy = malloc(strlen(path) + 2);
    if (!copy)
        return -ENOMEM;
    copy[0] = container ? '*' : ' ';
    memcpy(copy + 1, path, strlen(path) + 1);
    f->path[f->count++] = copy;
    return 0;
}

bool tree_is_container(int groupfd, const char *name)
{
    char mark[1];
    return strncmp(name, SLOT_ID_PREFIX, sizeof SLOT_ID_PREFIX - 1) == 0 ||
           fgetxattr(groupfd, TREE_MARK, mark, sizeof mark) > 0;
}

static int find_below(struct found *f, int groupfd, const char *path);

static int find_entry(struct found *f, int above, const char *path, const char *name)
{
    char full[PATH_MAX];
    struct stat st;
    int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return 0;
    snprintf(full, sizeof full, "%s%s%s", path, *path ? "/" : "", name);
    int rc = add(f, full, tree_is_container(fd, name));
    if (rc == 0 && fstat(fd, &st) == 0 && st.st_nlink > 2) /* "." and "..": there are some below */
        rc = find_below(f, fd, full);
    close(fd);
    return rc;
}

static int find_below(struct found *f, int groupfd, const char *path)
{
    int fd = openat(groupfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    while (dir && rc == 0 && (entry = readdir(dir)))
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            rc = find_entry(f, fd, path, entry->d_name);
    if (dir)
        closedir(dir);
    else if (fd >= 0)
        close(fd);
    return rc;
}

static int find_all(struct found *f, const char *path)
{
    struct cgroup_hierarchy hierarchy[LAYOUT_CONTROLLERS + 1];
    const char *controller[LAYOUT_CONTROLLERS + 1];
    int rc = 0;
    for (int i = 0, count = layout_all(hierarchy, controller); i < count && rc == 0; i++) {
        char full[PATH_MAX];
        snprintf(full, sizeof full, "%s/%s", hierarchy[i].mount, path);
        int fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            continue;
        rc = find_below(f, fd, path);
        close(fd);
    }
    return rc;
}

static int by_path(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x + 1, *y + 1);
}

int scratch_cgroup_walk(const char *path,
                        int (*visit)(const char *path, bool container, void *argument),
                        void *argument, struct scratch_error *err)
{
    struct found f = {0};
    int rc = find_all(&f, path ? path : "");
    if (rc < 0)
        error_set(err, -rc, "list control groups", path, NULL);
    if (f.count)
        qsort(f.path, f.count, sizeof *f.path, by_path);
    for (size_t i = 0; i < f.count && rc == 0; i++)
        if (i == 0 || strcmp(f.path[i - 1] + 1, f.path[i] + 1) != 0)
            rc = visit(f.path[i] + 1, f.path[i][0] == '*', argument);
    for (size_t i = 0; i < f.count; i++)
        free(f.path[i]);
    free(f.path);
    return rc;
}
