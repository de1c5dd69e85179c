/* SPDX-License-Identifier: MIT */
/*
 * What a container has besides when it shall have all of the machine: every device, and the file
 * systems of the control groups.
 */
#include "mount/compile.h"
#include "base/open.h"

#include <errno.h>
#include <ftw.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CGROUPS          "/sys/fs/cgroup"
#define NO_SUID_DEV_EXEC (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/* ---- devices --------------------------------------------------------------------------------- */

struct paths {
    char **path;
    size_t count, room;
};

/* The container has its own terminals, and its own of what every container has. */
static bool is_own(const char *path)
{
    static const char *const own[] = {"/dev/pts/", "/dev/shm/",    "/dev/mqueue/", "/dev/fd/",
                                      "/dev/ptmx", "/dev/console", "/dev/null",    "/dev/zero",
                                      "/dev/full", "/dev/tty",     "/dev/random",  "/dev/urandom"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        size_t n = strlen(own[i]);
        if (own[i][n - 1] == '/' ? strncmp(path, own[i], n) == 0 : strcmp(path, own[i]) == 0)
            return true;
    }
    return false;
}

/* nftw(3) has no argument for its caller. */
static _Thread_local struct paths *found;

static int take(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)walk;
    if (type != FTW_F || !(S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode)) || is_own(path))
        return 0;
    if (found->count == found->room) {
        size_t room = found->room ? 2 * found->room : 128;
        char **paths = realloc(found->path, room * sizeof *paths);
        if (!paths)
            return -ENOMEM;
        found->path = paths;
        found->room = room;
    }
    found->path[found->count] = strdup(path);
    return found->path[found->count++] ? 0 : -ENOMEM;
}

static void put_devices(struct builder *b)
{
    struct paths paths = {0};
    found = &paths;
    if (nftw("/dev", take, 16, FTW_PHYS) == -ENOMEM)
        b->block.failed = -ENOMEM;
    found = NULL;
    if (paths.count && !b->block.failed) {
        uint32_t list = builder_list(b, (const char *const *)paths.path, paths.count);
        struct step *step = builder_add(b, STEP_HOST_DEVICES, STEP_CONTAINER);
        step->text[0] = list;
        step->num[0] = b->user_namespace || b->nested;
    }
    for (size_t i = 0; i < paths.count; i++)
        free(paths.path[i]);
    free(paths.path);
}

/* ---- control groups -------------------------------------------------------------------------- */

static void put_mount(struct builder *b, const char *type, const char *target, const char *data)
{
    uint32_t type_text = builder_text(b, type), target_text = builder_text(b, target);
    uint32_t data_text = builder_text(b, data);
    struct step *step = builder_add(b, STEP_MOUNT, STEP_CONTAINER);
    step->text[0] = step->text[2] = type_text;
    step->text[1] = target_text;
    step->text[3] = data_text;
    step->num[0] = NO_SUID_DEV_EXEC;
    step->num[1] = ROOT_MAKE_DIRECTORY;
    step->flags = STEP_BEST_EFFORT; /* those of version 1 are not for user namespaces */
}

/* "N:CONTROLLERS:PATH"; without controllers it is version 2, which stands alone or beside others.
 */
static void put_hierarchy(struct builder *b, char *line, bool *begun)
{
    char target[128];
    char *controllers = strchr(line, ':'), *end = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!end)
        return;
    *end = '\0';
    controllers++;
    if (!*controllers && !*begun) {
        put_mount(b, "cgroup2", CGROUPS, NULL);
        return;
    }
    if (!*begun)
        put_mount(b, "tmpfs", CGROUPS, "mode=755");
    *begun = true;
    const char *name = strncmp(controllers, "name=", 5) == 0 ? controllers + 5 : controllers;
    snprintf(target, sizeof target, CGROUPS "/%s", *name ? name : "unified");
    put_mount(b, *name ? "cgroup" : "cgroup2", target, *name ? controllers : NULL);
}

/* The line of version 2 is the last. */
static void put_cgroups(struct builder *b)
{
    char line[512];
    bool begun = false;
    FILE *in = fopen("/proc/self/cgroup", "re");
    while (in && fgets(line, sizeof line, in))
        put_hierarchy(b, line, &begun);
    if (in)
        fclose(in);
}

void mount_compile_host(struct builder *b)
{
    put_devices(b);
    put_cgroups(b);
}
