/* SPDX-License-Identifier: MIT */
/*
 * "linux": config-linux.md.
 */
#include "base/error.h"
#include "oci/bundle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- namespaces ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    uint64_t type;
} types[] = {
    {"cgroup", SCRATCH_NS_CGROUP}, {"ipc", SCRATCH_NS_IPC}, {"mount", SCRATCH_NS_MNT},
    {"network", SCRATCH_NS_NET},   {"pid", SCRATCH_NS_PID}, {"time", SCRATCH_NS_TIME},
    {"user", SCRATCH_NS_USER},     {"uts", SCRATCH_NS_UTS},
};

static int read_namespace(struct scratch_oci_bundle *bundle, const struct json_in *value,
                          uint64_t *seen)
{
    const char *name = "", *path = NULL;
    uint64_t type = 0;
    int rc = json_expect(value, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = oci_text(bundle, value, "type", &name);
    if (rc == 0)
        rc = oci_text(bundle, value, "path", &path);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0)
            type = types[i].type;
    if (!type)
        return json_wrong(value, "invalid namespace: there is none of this type",
                          "see namespaces(7)", bundle->err);
    if (type & *seen)
        return json_wrong(value, "duplicate namespace: there is another of this type", NULL,
                          bundle->err);
    *seen |= type;
    if (!path || !*path)
        bundle->namespaces.create |= type;
    else
        bundle->joins[bundle->namespaces.join_count++] =
            (struct scratch_namespace_join){type, -1, path};
    return 0;
}

int oci_read_namespaces(struct scratch_oci_bundle *bundle, const struct json_in *object)
{
    struct json_in array, item;
    uint64_t seen = 0;
    size_t count;
    int rc = oci_array(bundle, object, "namespaces", &array, &count);
    for (size_t i = 0; i < count && rc == 0; i++) {
        json_item(&array, i, &item);
        rc = read_namespace(bundle, &item, &seen);
    }
    bundle->namespaces.join = bundle->joins;
    return rc;
}

static int read_offset(struct scratch_oci_bundle *bundle, const struct json_in *offsets,
                       const char *clock, int64_t *nanoseconds)
{
    struct json_in value;
    int64_t seconds = 0;
    uint64_t rest = 0;
    if (!json_member(offsets, clock, &value))
        return 0;
    int rc = json_expect(&value, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = oci_signed(bundle, &value, "secs", INT64_MIN / 1000000000, INT64_MAX / 1000000000 - 1,
                        &seconds);
    if (rc == 0)
        rc = oci_number(bundle, &value, "nanosecs", 999999999, &rest);
    *nanoseconds = seconds * 1000000000 + (int64_t)rest;
    return rc;
}

static int read_offsets(struct scratch_oci_bundle *bundle, const struct json_in *object)
{
    struct json_in offsets;
    if (!json_member(object, "timeOffsets", &offsets))
        return 0;
    int rc = json_expect(&offsets, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = read_offset(bundle, &offsets, "monotonic", &bundle->namespaces.monotonic_offset);
    return rc < 0 ? rc
                  : read_offset(bundle, &offsets, "boottime", &bundle->namespaces.boottime_offset);
}

/* "kernel.NAME", or with a '/'. */
static bool is_kernels(const char *setting, const char *name)
{
    static const char above[] = "kernel";
    const size_t length = sizeof above - 1;
    return strncmp(setting, above, length) == 0 &&
           (setting[length] == '.' || setting[length] == '/') &&
           strcmp(setting + length + 1, name) == 0;
}

/* What a key of the document says, too. */
static int check_setting(struct scratch_oci_bundle *bundle, const struct json_in *setting,
                         const char *value)
{
    const char *domain = value;
    if (is_kernels(setting->name, "hostname"))
        return json_wrong(setting, "hostname is a key of its own", "leave one of them out",
                          bundle->err);
    if (!is_kernels(setting->name, "domainname"))
        return 0;
    int rc = oci_text(bundle, &bundle->document, "domainname", &domain);
    return rc == 0 && strcmp(domain, value) != 0
               ? json_wrong(setting, "domainname says something else", "leave one of them out",
                            bundle->err)
               : rc;
}

static int read_sysctl(struct scratch_oci_bundle *bundle, const struct json_in *object)
{
    struct json_in map, member;
    const char *value;
    size_t at = 0, count = 0;
    if (!json_member(object, "sysctl", &map))
        return 0;
    int rc = json_expect(&map, JSON_OBJECT, bundle->err);
    while (rc == 0 && json_next(&map, &at, &member))
        count++;
    const char **settings = rc < 0 ? NULL : oci_take(bundle, count + 1, sizeof *settings);
    if (!settings)
        return rc < 0 ? rc : -ENOMEM;
    for (at = 0; rc == 0 && json_next(&map, &at, &member);) {
        rc = json_get_text(&member, &value, bundle->err);
        if (rc == 0)
            rc = check_setting(bundle, &member, value);
        if (rc == 0 && !(settings[at - 1] = oci_print(bundle, "%s=%s", member.name, value)))
            rc = -ENOMEM;
    }
    bundle->namespaces.sysctl = settings;
    return rc;
}

/* ---- devices -------------------------------------------------------------------------------- */

/* "/dev/one/" is a node as well. */
static const char *without_slash(struct scratch_oci_bundle *bundle, const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    return path[length] ? oci_print(bundle, "%.*s", (int)length, path) : path;
}

static int read_device(struct scratch_oci_bundle *bundle, const struct json_in *value,
                       struct scratch_device *device)
{
    static const struct {
        const char *name;
        mode_t type;
    } kinds[] = {{"c", S_IFCHR}, {"u", S_IFCHR}, {"b", S_IFBLK}, {"p", S_IFIFO}};
    const char *type = "";
    int64_t major = 0, minor = 0;
    uint64_t mode = 0666, uid = 0, gid = 0;
    int rc = json_expect(value, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = oci_text(bundle, value, "type", &type);
    if (rc == 0)
        rc = oci_text(bundle, value, "path", &device->target);
    if (rc == 0)
        rc = oci_signed(bundle, value, "major", -1, UINT32_MAX, &major);
    if (rc == 0)
        rc = oci_signed(bundle, value, "minor", -1, UINT32_MAX, &minor);
    if (rc == 0)
        rc = oci_number(bundle, value, "fileMode", UINT32_MAX, &mode);
    if (rc == 0)
        rc = oci_number(bundle, value, "uid", UINT32_MAX, &uid);
    if (rc == 0)
        rc = oci_number(bundle, value, "gid", UINT32_MAX, &gid);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, type) == 0)
            device->mode = kinds[i].type | (mode & 07777);
    if (!device->mode)
        return json_wrong(value, "its type is none of c, u, b and p", NULL, bundle->err);
    if (!device->target)
        return oci_missing(bundle, value, "path");
    device->target = without_slash(bundle, device->target);
    if (!device->target)
        return -ENOMEM;
    device->major = (unsigned)major;
    device->minor = (unsigned)minor;
    device->uid = (uid_t)uid;
    device->gid = (gid_t)gid;
    return 0;
}

int oci_read_devices(struct scratch_oci_bundle *bundle, const struct json_in *object)
{
    struct json_in array, item;
    size_t count;
    int rc = oci_array(bundle, object, "devices", &array, &count);
    if (rc < 0 || count == 0)
        return rc;
    struct scratch_device *devices = oci_take(bundle, count, sizeof *devices);
    if (!devices)
        return -ENOMEM;
    size_t kept = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        json_item(&array, i, &item);
        devices[kept] = (struct scratch_device){0};
        rc = read_device(bundle, &item, &devices[kept]);
        if (rc == 0 && strcmp(devices[kept].target, "/dev/ptmx") != 0) /* that is a link */
            kept++;
    }
    bundle->rootfs.devices = devices;
    bundle->rootfs.device_count = kept;
    return rc;
}

/* ---- network devices ------------------------------------------------------------------------ */

static int read_net_device(struct scratch_oci_bundle *bundle, const struct json_in *member,
                           struct scratch_network_device *device)
{
    int rc = json_expect(member, JSON_OBJECT, bundle->err);
    device->name = member->name;
    if (rc == 0)
        rc = oci_text(bundle, member, "name", &device->inside);
    if (device->inside && !*device->inside)
        device->inside = NULL;
    return rc;
}

static int read_net_devices(struct scratch_oci_bundle *bundle, const struct json_in *object)
{
    struct json_in map, member;
    size_t at = 0, count = 0;
    if (!json_member(object, "netDevices", &map))
        return 0;
    int rc = json_expect(&map, JSON_OBJECT, bundle->err);
    while (rc == 0 && json_next(&map, &at, &member))
        count++;
    struct scratch_network_device *devices =
        rc < 0 || count == 0 ? NULL : oci_take(bundle, count, sizeof *devices);
    if (!devices)
        return rc < 0 ? rc : count ? -ENOMEM : 0;
    for (at = 0; rc == 0 && json_next(&map, &at, &member);)
        rc = read_net_device(bundle, &member, &devices[at - 1]);
    bundle->network.devices = devices;
    bundle->network.device_count = count;
    bundle->spec.network = &bundle->network;
    return rc;
}

/* ---- paths ---------------------------------------------------------------------------------- */

static int read_paths(struct scratch_oci_bundle *bundle, const struct json_in *object)
{
    static const char *const none[] = {NULL};
    const char **masked = NULL, **read_only = NULL;
    struct scratch_rootfs_options *root = &bundle->rootfs;
    int rc = oci_texts(bundle, object, "maskedPaths", &masked, &root->masked_path_count);
    if (rc == 0)
        rc = oci_texts(bundle, object, "readonlyPaths", &read_only, &root->read_only_path_count);
    root->masked_paths = masked ? masked : none;
    root->read_only_paths = read_only ? read_only : none;
    return rc;
}

/* ---- all ------------------------------------------------------------------------------------ */

int oci_read_linux(struct scratch_oci_bundle *bundle, const struct json_in *object)
{
    struct scratch_namespace_options *n = &bundle->namespaces;
    int rc = oci_read_namespaces(bundle, object);
    if (rc == 0)
        rc = oci_id_map(bundle, object, "uidMappings", &n->uid_map, &n->uid_map_count);
    if (rc == 0)
        rc = oci_id_map(bundle, object, "gidMappings", &n->gid_map, &n->gid_map_count);
    if (rc == 0)
        rc = read_offsets(bundle, object);
    if (rc == 0)
        rc = read_sysctl(bundle, object);
    if (rc == 0)
        rc = oci_read_devices(bundle, object);
    if (rc == 0)
        rc = read_net_devices(bundle, object);
    if (rc == 0)
        rc = read_paths(bundle, object);
    if (rc == 0)
        rc = oci_text(bundle, object, "rootfsPropagation", &bundle->rootfs.propagation);
    if (rc == 0)
        rc = oci_read_personality(bundle, object);
    if (rc == 0)
        rc = oci_read_memory_policy(bundle, object);
    if (rc == 0)
        rc = oci_read_resources(bundle, object);
    return rc;
}
