/* SPDX-License-Identifier: MIT */
/*
 * The options of scratchctl run about what is mounted, and what is hidden.
 */
#include "cli/report.h"
#include "cli/run.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

int take_overlay(const struct option *option, void *target, const char *value,
                 struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    (void)err;
    run->lowers[run->lower_count++] = value;
    return 0;
}

int take_volume(const struct option *option, void *target, const char *value,
                struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    return value_volume(&run->pool, value, &run->mounts[run->mount_count++], err);
}

int take_mount(const struct option *option, void *target, const char *value,
               struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    return value_mount(&run->pool, value, &run->mounts[run->mount_count++], err);
}

int take_tmpfs(const struct option *option, void *target, const char *value,
               struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    return value_tmpfs(&run->pool, value, &run->mounts[run->mount_count++], err);
}

int take_device(const struct option *option, void *target, const char *value,
                struct scratch_error *err)
{
    struct run *run = target;
    struct scratch_device *device = &run->devices[run->rootfs.device_count++];
    unsigned access;
    (void)option;
    int rc = value_device(&run->pool, value, device, &access, err);
    return rc < 0 ? rc : limits_add_device(&run->limits, device->source, access, err);
}

/* ---- hidden paths --------------------------------------------------------------------------- */

/* A list of its own instead of the defaults, with room for some more. */
static const char **copy_paths(struct pool *pool, const char *const *paths, size_t count,
                               size_t more)
{
    const char **copy = pool_take(pool, count + more + 1, sizeof *copy);
    if (count)
        memcpy(copy, paths, count * sizeof *copy);
    return copy;
}

/* The defaults, unless there is a list already. */
static void begin_paths(struct scratch_rootfs_options *root)
{
    if (!root->masked_paths)
        root->masked_paths = scratch_rootfs_masked_paths(&root->masked_path_count);
    if (!root->read_only_paths)
        root->read_only_paths = scratch_rootfs_read_only_paths(&root->read_only_path_count);
}

static size_t count_colons(const char *text)
{
    size_t colons = 0;
    for (; *text; text++)
        colons += *text == ':';
    return colons;
}

static int add_paths(struct run *run, const char *text, struct scratch_error *err)
{
    struct scratch_rootfs_options *root = &run->rootfs;
    const char **paths =
        copy_paths(&run->pool, root->masked_paths, root->masked_path_count, count_colons(text) + 1);
    char *rest = pool_print(&run->pool, "%s", text);
    for (char *path; (path = strsep(&rest, ":"));) {
        if (*path != '/')
            return usage_error(err, text, "write mask=/a:/b", "'%s' is not an absolute path", path);
        paths[root->masked_path_count++] = path;
    }
    root->masked_paths = paths;
    return 0;
}

/* Returns true when there was one that matches. */
static bool remove_matches(struct pool *pool, const char *pattern, const char *const **paths,
                           size_t *count)
{
    const char **left = copy_paths(pool, NULL, 0, *count);
    size_t n = 0;
    for (size_t i = 0; i < *count; i++)
        if (fnmatch(pattern, (*paths)[i], 0) != 0)
            left[n++] = (*paths)[i];
    bool found = n < *count;
    *paths = left;
    *count = n;
    return found;
}

static int remove_paths(struct run *run, const char *text, struct scratch_error *err)
{
    struct scratch_rootfs_options *root = &run->rootfs;
    char *rest = pool_print(&run->pool, "%s", text);
    for (char *pattern; (pattern = strsep(&rest, ":"));) {
        bool masked =
            remove_matches(&run->pool, pattern, &root->masked_paths, &root->masked_path_count);
        bool kept = remove_matches(&run->pool, pattern, &root->read_only_paths,
                                   &root->read_only_path_count);
        if (!masked && !kept)
            return usage_error(err, text, "--dry-run shows what is; /proc/* is all below /proc",
                               "nothing at '%s' is hidden or read-only", pattern);
    }
    return 0;
}

int take_masks(struct run *run, bool mask, const char *paths, struct scratch_error *err)
{
    if (!mask && strcmp(paths, "ALL") == 0) {
        run->rootfs.mask_paths = false;
        return 0;
    }
    begin_paths(&run->rootfs);
    return mask ? add_paths(run, paths, err) : remove_paths(run, paths, err);
}

/* ---- --read-only-tmpfs ---------------------------------------------------------------------- */

static bool is_target(const struct run *run, const char *path)
{
    for (size_t i = 0; i < run->mount_count; i++)
        if (strcmp(run->mounts[i].target, path) == 0)
            return true;
    return false;
}

int add_writable(struct run *run, struct scratch_error *err)
{
    static const struct scratch_mount mounts[RUN_WRITABLE] = {
        {"tmpfs", "/run", "tmpfs", "nosuid,nodev,mode=755,nofail"},
        {"tmpfs", "/tmp", "tmpfs", "nosuid,nodev,mode=1777,nofail"},
        {"tmpfs", "/var/tmp", "tmpfs", "nosuid,nodev,mode=1777,nofail"},
    };
    if (!run->rootfs.read_only) {
        int rc = usage_error(err, NULL, "add --read-only", "the root is not read-only");
        snprintf(err->what, sizeof err->what, "option --read-only-tmpfs");
        return rc;
    }
    for (size_t i = 0; i < RUN_WRITABLE; i++)
        if (!is_target(run, mounts[i].target))
            run->mounts[run->mount_count++] = mounts[i];
    return 0;
}
