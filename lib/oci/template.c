/* SPDX-License-Identifier: MIT */
/*
 * A configuration to begin with.
 */
#include "cgroup/layout.h"
#include "base/json.h"
#include "mount/compile.h"

#include <scratch/oci.h>
#include <unistd.h>

struct template_mount {
    const char *destination, *type, *source;
    const char *options[8];
};

static const struct template_mount mounts[] = {
    {"/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}},
    {"/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}},
    {"/dev/pts",
     "devpts",
     "devpts",
     {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
    {"/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
    {"/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}},
    {"/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}},
    {"/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"}},
};

/* Where it differs for a user whose only group inside is his own. */
static const struct template_mount rootless_pts = {
    "/dev/pts",
    "devpts",
    "devpts",
    {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}};

static void put_texts(struct json *j, const char *name, const char *const *texts, size_t count)
{
    json_open_array(j, name);
    for (size_t i = 0; i < count && texts[i]; i++)
        json_text(j, NULL, texts[i]);
    json_close(j);
}

static void put_mount(struct json *j, const struct template_mount *mount)
{
    json_open_object(j, NULL);
    json_text(j, "destination", mount->destination);
    json_text(j, "type", mount->type);
    json_text(j, "source", mount->source);
    put_texts(j, "options", mount->options, sizeof mount->options / sizeof *mount->options);
    json_close(j);
}

static void put_mounts(struct json *j, bool rootless)
{
    json_open_array(j, "mounts");
    for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++)
        put_mount(j, rootless && mounts[i].options[5] ? &rootless_pts : &mounts[i]);
    json_close(j);
}

static void put_process(struct json *j)
{
    static const char *const args[] = {"sh"}, *const none[] = {NULL};
    static const char *const env[] = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"};
    static const char *const caps[] = {"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"};
    static const char *const sets[] = {"bounding", "effective", "permitted"};
    json_open_object(j, "process");
    json_flag(j, "terminal", true);
    json_open_object(j, "user");
    json_number(j, "uid", 0);
    json_number(j, "gid", 0);
    json_close(j);
    put_texts(j, "args", args, 1);
    put_texts(j, "env", env, 2);
    json_text(j, "cwd", "/");
    json_open_object(j, "capabilities");
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        put_texts(j, sets[i], caps, sizeof caps / sizeof *caps);
    put_texts(j, "inheritable", none, 0);
    put_texts(j, "ambient", none, 0);
    json_close(j);
    json_open_array(j, "rlimits");
    json_open_object(j, NULL);
    json_text(j, "type", "RLIMIT_NOFILE");
    json_number(j, "hard", 1024);
    json_number(j, "soft", 1024);
    json_close(j);
    json_close(j);
    json_flag(j, "noNewPrivileges", true);
    json_close(j);
}

static void put_own_id(struct json *j, const char *name, uint64_t id)
{
    json_open_array(j, name);
    json_open_object(j, NULL);
    json_number(j, "containerID", 0);
    json_number(j, "hostID", id);
    json_number(j, "size", 1);
    json_close(j);
    json_close(j);
}

static void put_namespace(struct json *j, const char *type)
{
    json_open_object(j, NULL);
    json_text(j, "type", type);
    json_close(j);
}

/* On v1 it is left to who wants to look at the groups from inside, as in runc's. */
static void put_namespaces(struct json *j, bool rootless)
{
    static const char *const types[] = {"pid", "network", "ipc", "uts", "mount"};
    json_open_array(j, "namespaces");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        put_namespace(j, types[i]);
    if (layout_kind() == SCRATCH_CGROUP_V2)
        put_namespace(j, "cgroup");
    if (rootless)
        put_namespace(j, "user");
    json_close(j);
}

static void put_linux(struct json *j, bool rootless)
{
    size_t masked, read_only;
    const char *const *masks = scratch_rootfs_masked_paths(&masked);
    const char *const *kept = scratch_rootfs_read_only_paths(&read_only);
    json_open_object(j, "linux");
    if (rootless) {
        put_own_id(j, "uidMappings", geteuid());
        put_own_id(j, "gidMappings", getegid());
    } else {
        json_open_object(j, "resources");
        json_open_array(j, "devices");
        json_open_object(j, NULL);
        json_flag(j, "allow", false);
        json_text(j, "access", "rwm");
        json_close(j);
        json_close(j);
        json_close(j);
    }
    put_namespaces(j, rootless);
    put_texts(j, "maskedPaths", masks, masked);
    put_texts(j, "readonlyPaths", kept, read_only);
    json_close(j);
}

char *scratch_oci_template(bool rootless)
{
    struct json j;
    json_begin(&j, true);
    json_text(&j, "ociVersion", SCRATCH_OCI_VERSION);
    put_process(&j);
    json_open_object(&j, "root");
    json_text(&j, "path", "rootfs");
    json_flag(&j, "readonly", true);
    json_close(&j);
    json_text(&j, "hostname", "scratch");
    put_mounts(&j, rootless);
    put_linux(&j, rootless);
    return json_end(&j);
}
