/* SPDX-License-Identifier: MIT */
#include "rootfs/host.h"
#include "base/open.h"
#include "mount/idmap.h"
#include "rootfs/diagnose.h"
#include "rootfs/mounts.h"
#include "rootfs/overlay.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* These get mounts of the container's own. */
static const char *const standard[] = {"proc", "sys", "dev"};

/* What lives here is for this boot and its sockets: a container begins with none of it. */
static const struct volatile_directory {
    const char *path, *options;
} volatile_directories[] = {{"/run", "mode=755"}, {"/tmp", "mode=1777"}};

static bool is_standard(const char *name)
{
    for (size_t i = 0; i < sizeof standard / sizeof *standard; i++)
        if (strcmp(name, standard[i]) == 0)
            return true;
    return false;
}

static const struct volatile_directory *find_volatile(const char *path)
{
    for (size_t i = 0; i < sizeof volatile_directories / sizeof *volatile_directories; i++)
        if (strcmp(path, volatile_directories[i].path) == 0)
            return &volatile_directories[i];
    return NULL;
}

/* ---- parts ---------------------------------------------------------------------------------- */

static struct step *put_part(struct builder *b, const char *path, uint64_t flags)
{
    uint32_t text = builder_text(b, path);
    struct step *step = builder_add(b, STEP_OVERLAY_PART, STEP_CONTAINER);
    step->text[0] = step->text[1] = text;
    step->num[0] = OVERLAY_THROW_AWAY | flags;
    return step;
}

static void put_bind(struct builder *b, const char *path)
{
    uint32_t text = builder_text(b, path);
    struct step *step = builder_add(b, STEP_BIND, STEP_CONTAINER);
    step->text[0] = step->text[1] = text;
    step->num[0] = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
    step->num[1] = ROOT_MAKE_DIRECTORY;
    step->num[2] = BIND_TREE;
}

static void put_volatile(struct builder *b, const struct volatile_directory *directory)
{
    uint32_t type = builder_text(b, "tmpfs"), path = builder_text(b, directory->path);
    uint32_t options = builder_text(b, directory->options);
    struct step *step = builder_add(b, STEP_MOUNT, STEP_CONTAINER);
    step->text[0] = step->text[2] = type;
    step->text[1] = path;
    step->text[3] = options;
    step->num[0] = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
    step->num[1] = ROOT_MAKE_DIRECTORY;
}

/* ---- as root -------------------------------------------------------------------------------- */

/* True for what the standard mounts cover, and for what is volatile. */
static bool is_covered(const char *path)
{
    char first[NAME_MAX + 2];
    size_t n = 1 + strcspn(path + 1, "/");
    if (n >= sizeof first)
        return false;
    memcpy(first, path, n);
    first[n] = '\0';
    return is_standard(first + 1) || find_volatile(first);
}

typedef int put_disk(struct builder *b, const char *path);

static int each_disk(struct builder *b, put_disk *put)
{
    struct mount_points points;
    struct stat st;
    int rc = mount_points_read(&points);
    if (rc < 0)
        return error_call(b->err, -rc, "open(2)", "read the host's mounts", "/proc/self/mountinfo",
                          "see that proc is mounted on /proc");
    for (size_t i = 0; i < points.count && rc == 0; i++) {
        const char *path = points.path[i];
        if (!points.device[i] || strcmp(path, "/") == 0 || is_covered(path))
            continue;
        if (stat(path, &st) == 0 && S_ISDIR(st.st_mode) && layers_can_be_lower(path))
            rc = put(b, path);
    }
    mount_points_free(&points);
    return rc;
}

static int put_idmapped_disk(struct builder *b, const char *path)
{
    const struct idmap idmap = {.source = builder_text(b, path), .flags = STEP_BEST_EFFORT};
    int slot = mount_put_idmap(b, &idmap);
    return slot < 0 ? slot : 0;
}

int rootfs_compile_idmapped_disks(struct builder *b)
{
    return each_disk(b, put_idmapped_disk);
}

/* The slot of a disk's idmapped mount; -1: there was no such disk when they were looked for. */
static int find_slot(const struct builder *b, const char *path)
{
    for (uint32_t i = 0; i < b->step_count; i++) {
        const struct step *step = &b->steps[i];
        if (step->kind == STEP_ID_MOUNT && !(step->text[0] & SLOT_BIT) &&
            strcmp(block_at(b->block.data, step->text[0]), path) == 0)
            return step->fd[0];
    }
    return -1;
}

static int put_disk_part(struct builder *b, const char *path)
{
    int slot = b->id_root < 0 ? -1 : find_slot(b, path);
    if (slot < 0 && b->id_root >= 0)
        return 0;
    struct step *step = put_part(b, path, slot < 0 ? 0 : OVERLAY_USER);
    step->flags = STEP_BEST_EFFORT;
    step->fd[0] = (int16_t)slot;
    return 0;
}

int rootfs_compile_disks(struct builder *b)
{
    return each_disk(b, put_disk_part);
}

/* ---- as an ordinary user -------------------------------------------------------------------- */

static void put_directory(struct builder *b, const char *path, const struct mount_points *points)
{
    bool below = mount_points_below(points, path), on = mount_points_on(points, path);
    const struct volatile_directory *directory = below || on ? find_volatile(path) : NULL;
    if (directory)
        put_volatile(b, directory);
    else if (below || (on && !layers_can_be_lower(path)))
        put_bind(b, path);
    else
        put_part(b, path, OVERLAY_USER);
}

static void put_link(struct builder *b, const char *path)
{
    char text[PATH_MAX];
    ssize_t n = readlink(path, text, sizeof text - 1);
    if (n < 0)
        return;
    text[n] = '\0';
    uint32_t link = builder_text(b, text), target = builder_text(b, path);
    struct step *step = builder_add(b, STEP_LINK, STEP_CONTAINER);
    step->text[0] = link;
    step->text[1] = target;
}

/* Files in "/" are left out, and directories that the user may not read. */
static void put_entry(struct builder *b, const char *name, const struct mount_points *points)
{
    char path[NAME_MAX + 2];
    struct stat st;
    snprintf(path, sizeof path, "/%s", name);
    if (is_standard(name) || lstat(path, &st) < 0)
        return;
    if (S_ISLNK(st.st_mode))
        put_link(b, path);
    else if (S_ISDIR(st.st_mode) && faccessat(AT_FDCWD, path, R_OK | X_OK, AT_EACCESS) == 0)
        put_directory(b, path, points);
}

static int not_dot(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

int rootfs_compile_composed(struct builder *b)
{
    struct dirent **entries = NULL;
    struct mount_points points;
    int rc = mount_points_read(&points);
    if (rc < 0)
        return error_call(b->err, -rc, "open(2)", "read the host's mounts", "/proc/self/mountinfo",
                          "see that proc is mounted on /proc");
    int count = scandir("/", &entries, not_dot, alphasort);
    if (count < 0)
        rc = error_call(b->err, errno, "readdir(3)", "read the host's root", "/", NULL);
    builder_add(b, STEP_ROOT_COMPOSE, STEP_CONTAINER);
    for (int i = 0; i < count; i++) {
        put_entry(b, entries[i]->d_name, &points);
        free(entries[i]);
    }
    free(entries);
    mount_points_free(&points);
    return rc;
}
