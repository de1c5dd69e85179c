/* SPDX-License-Identifier: MIT */
/*
 * "root" and "mounts": config.md.
 */
#include "base/error.h"
#include "mount/options.h"
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

/* One of the two maps in the words of the option idmap=, which it is put behind. */
static int put_map(struct scratch_oci_bundle *bundle, const struct json_in *value, const char *name,
                   const char *word, const char **options)
{
    const struct scratch_id_map *map = NULL;
    size_t count = 0;
    int rc = oci_id_map(bundle, value, name, &map, &count);
    for (size_t i = 0; i < count && rc == 0; i++) {
        *options = oci_print(bundle, "%s%s%u-%u-%u", *options, i > 0 ? "#" : word, map[i].inside,
                             map[i].outside, map[i].count);
        rc = *options ? 0 : -ENOMEM;
    }
    return rc;
}

/* A mount's own maps: "uidMappings" and "gidMappings". */
static int read_maps(struct scratch_oci_bundle *bundle, const struct json_in *value, bool tree,
                     const char **options)
{
    struct json_in maps;
    bool users = json_member(value, "uidMappings", &maps);
    if (users != json_member(value, "gidMappings", &maps))
        return json_wrong(&maps, "a map of users alone, or of groups alone",
                          "give both uidMappings and gidMappings", bundle->err);
    if (!users)
        return 0;
    *options =
        oci_print(bundle, "%s%s%s", *options, **options ? "," : "", tree ? "ridmap=" : "idmap=");
    int rc = *options ? put_map(bundle, value, "uidMappings", "uids=", options) : -ENOMEM;
    return rc < 0 ? rc : put_map(bundle, value, "gidMappings", ";gids=", options);
}

/*
 * "linux.mountLabel" is for the files of what is mounted new. Those of these have labels of their
 * own; and a bind shows what has one.
 */
static bool takes_label(const char *type)
{
    static const char *const own[] = {"proc", "sysfs", "mqueue", "cgroup", "cgroup2", "none"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (!type || strcmp(type, own[i]) == 0)
            return false;
    return true;
}

static int put_label(struct scratch_oci_bundle *bundle, const char *label,
                     struct scratch_mount *mount, bool bind)
{
    if (!label || bind || !takes_label(mount->type) || strstr(mount->options, "context="))
        return 0;
    mount->options =
        oci_print(bundle, "%s%scontext=\"%s\"", mount->options, *mount->options ? "," : "", label);
    return mount->options ? 0 : -ENOMEM;
}

/* The label, or NULL where nothing has one. */
static int read_label(struct scratch_oci_bundle *bundle, const struct json_in *document,
                      const char **label)
{
    struct json_in section;
    int rc = 0;
    if (json_member(document, "linux", &section))
        rc = oci_text(bundle, &section, "mountLabel", label);
    if (rc < 0 || !*label || (**label && mount_has_selinux()))
        return rc;
    if (**label)
        error_because(oci_warn(bundle), 0, "read the bundle", "linux.mountLabel",
                      "SELinux, which labels are for, is not on in this kernel", NULL);
    *label = NULL;
    return 0;
}

/* Some name a destination by its path outside. */
static const char *without_root(const struct scratch_oci_bundle *bundle, const char *path)
{
    const char *root = bundle->rootfs.path;
    size_t length = strlen(root);
    return length > 1 && strncmp(path, root, length) == 0 && path[length] == '/' ? path + length
                                                                                 : path;
}

/* Relative paths of sources begin at the bundle, those of destinations at the root. */
static int read_mount(struct scratch_oci_bundle *bundle, const struct json_in *value,
                      const char *label, struct scratch_mount *mount)
{
    const char *source = NULL, **options = NULL, *destination = NULL;
    size_t count = 0;
    int rc = json_expect(value, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = oci_text(bundle, value, "destination", &destination);
    if (rc == 0 && (!destination || !*destination))
        return oci_missing(bundle, value, "destination");
    if (rc == 0)
        rc = oci_text(bundle, value, "source", &source);
    if (rc == 0)
        rc = oci_text(bundle, value, "type", &mount->type);
    if (rc == 0)
        rc = oci_texts(bundle, value, "options", &options, &count);
    if (rc == 0)
        rc = join_options(bundle, options, count, &mount->options);
    if (rc == 0)
        rc = read_maps(bundle, value, has(options, count, "ridmap"), &mount->options);
    if (rc != 0)
        return rc;
    bool bind = has(options, count, "bind") || has(options, count, "rbind") ||
                (mount->type && strcmp(mount->type, "bind") == 0);
    rc = put_label(bundle, label, mount, bind);
    mount->target = rc < 0 ? NULL : oci_path(bundle, "", without_root(bundle, destination));
    mount->source = bind && source ? oci_path(bundle, bundle->path, source) : source;
    if (bind && !source)
        return oci_missing(bundle, value, "source");
    return mount->target ? 0 : -ENOMEM;
}

/* Who is ready says so by a socket that will be in it. */
static void put_notify(const struct scratch_oci_bundle *bundle, struct scratch_mount *mounts,
                       size_t *count)
{
    if (bundle->notify)
        mounts[(*count)++] = (struct scratch_mount){.source = bundle->notify,
                                                    .target = "/run/notify",
                                                    .type = "bind",
                                                    .options = "bind,ro,nosuid,nodev,noexec"};
}

int oci_read_mounts(struct scratch_oci_bundle *bundle, const struct json_in *document)
{
    struct json_in array, item;
    size_t count;
    const char *label = NULL;
    int rc = oci_array(bundle, document, "mounts", &array, &count);
    if (rc == 0)
        rc = read_label(bundle, document, &label);
    if (rc < 0 || (count == 0 && !bundle->notify))
        return rc;
    size_t room = count * OCI_CGROUP_MOUNTS_MAX + 1;
    struct scratch_mount *mounts = oci_take(bundle, room, sizeof *mounts);
    if (!mounts)
        return -ENOMEM;
    size_t at = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        struct scratch_mount mount = {0};
        json_item(&array, i, &item);
        rc = read_mount(bundle, &item, label, &mount);
        if (rc == 0 && mount.type && strcmp(mount.type, "cgroup") == 0)
            rc = oci_put_cgroup_mounts(bundle, &mount, mounts, &at);
        else
            mounts[at++] = mount;
    }
    put_notify(bundle, mounts, &at);
    bundle->spec.mounts = mounts;
    bundle->spec.mount_count = at;
    return rc;
}
