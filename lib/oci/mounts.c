/* SPDX-License-Identifier: MIT */
/*
 * "root" and "mounts": config.md.
 */
#include "base/error.h"
#include "oci/bundle.h"

#include <errno.h>
#include <string.h>

int oci_read_root(struct scratch_oci_bundle *bundle, const struct json_in *root)
{
    const char *path = NULL;
    int rc = oci_text(bundle, root, "path", &path);
    if (rc == 0 && (!path || !*path))
        rc = oci_missing(bundle, root, "path");
    if (rc == 0)
        rc = oci_flag(bundle, root, "readonly", &bundle->rootfs.read_only);
    if (rc < 0)
        return rc;
    bundle->rootfs.path = oci_path(bundle, bundle->path, path);
    return bundle->rootfs.path ? 0 : -ENOMEM;
}

/* As a line of fstab has them: with commas between. */
static int join_options(struct scratch_oci_bundle *bundle, const char **options, size_t count,
                        const char **joined)
{
    size_t size = 1;
    for (size_t i = 0; i < count; i++)
        size += strlen(options[i]) + 1;
    char *text = oci_take(bundle, size, 1);
    if (!text)
        return -ENOMEM;
    *joined = text;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *text++ = ',';
        text = stpcpy(text, options[i]);
    }
    return 0;
}

static bool has(const char **options, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(options[i], word) == 0)
            return true;
    return false;
}

/* Relative paths of sources begin at the bundle, those of destinations at the root. */
static int read_mount(struct scratch_oci_bundle *bundle, const struct json_in *value,
                      struct scratch_mount *mount)
{
    const char *source = NULL, **options = NULL, *destination = NULL;
    size_t count = 0;
    int rc = json_expect(value, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = oci_text(bundle, value, "destination", &destination);
    if (rc == 0 && (!destination || !*destination))
        rc = oci_missing(bundle, value, "destination");
    if (rc == 0)
        rc = oci_text(bundle, value, "source", &source);
    if (rc == 0)
        rc = oci_text(bundle, value, "type", &mount->type);
    if (rc == 0)
        rc = oci_texts(bundle, value, "options", &options, &count);
    if (rc == 0)
        rc = join_options(bundle, options, count, &mount->options);
    if (rc < 0)
        return rc;
    bool bind = has(options, count, "bind") || has(options, count, "rbind") ||
                (mount->type && strcmp(mount->type, "bind") == 0);
    mount->target = oci_path(bundle, "", destination);
    mount->source = bind && source ? oci_path(bundle, bundle->path, source) : source;
    if (bind && !source)
        return oci_missing(bundle, value, "source");
    return mount->target ? 0 : -ENOMEM;
}

int oci_read_mounts(struct scratch_oci_bundle *bundle, const struct json_in *document)
{
    struct json_in array, item;
    size_t count;
    int rc = oci_array(bundle, document, "mounts", &array, &count);
    if (rc < 0 || count == 0)
        return rc;
    struct scratch_mount *mounts = oci_take(bundle, count * OCI_CGROUP_MOUNTS_MAX, sizeof *mounts);
    if (!mounts)
        return -ENOMEM;
    size_t at = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        struct scratch_mount mount = {0};
        json_item(&array, i, &item);
        rc = read_mount(bundle, &item, &mount);
        if (rc == 0 && mount.type && strcmp(mount.type, "cgroup") == 0)
            rc = oci_put_cgroup_mounts(bundle, &mount, mounts, &at);
        else
            mounts[at++] = mount;
    }
    bundle->spec.mounts = mounts;
    bundle->spec.mount_count = at;
    return rc;
}
