/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "oci/bundle.h"
#include "oci/keys.h"
#include "state/directory.h"
#include "state/record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG_MAX (64u << 20) /* bytes */
#define PIPE_MAX   (1 << 20)

/* ---- the file ------------------------------------------------------------------------------- */

static int read_fd(int fd, char **text, size_t *size)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
        return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
    if (st.st_size > CONFIG_MAX)
        return -EFBIG;
    bool pipe = S_ISFIFO(st.st_mode); /* "exec -p <(…)": whoever writes to it is waited for */
    size_t room = pipe ? PIPE_MAX + 1 : (size_t)st.st_size;
    if (pipe && fcntl(fd, F_SETFL, 0) < 0)
        return -errno;
    *text = malloc(room + 1);
    if (!*text)
        return -ENOMEM;
    ssize_t n;
    *size = 0;
    while ((n = read(fd, *text + *size, room - *size)) > 0)
        *size += (size_t)n;
    (*text)[*size] = '\0';
    return n < 0 ? -errno : pipe && *size == room ? -EFBIG : 0;
}

static int read_file(struct scratch_oci_bundle *bundle, const char *path, char **text, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int rc = fd < 0 ? -errno : read_fd(fd, text, size);
    if (fd >= 0)
        close(fd);
    if (rc == 0)
        return 0;
    return error_because(bundle->err, -rc, "read the bundle", path,
                         rc == -EINVAL ? "it is not a file"
                         : rc == -EFBIG
                             ? "it has more than 64 MiB, or is a pipe and has more than 1"
                             : NULL,
                         rc == -ENOENT ? "scratchctl spec writes a config.json that runs" : NULL);
}

static int take_text(struct scratch_oci_bundle *bundle, const char *text, size_t *size)
{
    bundle->text = strdup(text);
    *size = strlen(text);
    return bundle->text ? 0 : error_set(bundle->err, ENOMEM, "read the bundle", bundle->path, NULL);
}

/* ---- the document --------------------------------------------------------------------------- */

/* "1.2.1", "1.0.0-rc5-dev": all of version 1 are read alike. */
static int read_version(struct scratch_oci_bundle *bundle, const struct json_in *document)
{
    struct json_in value;
    unsigned number[3];
    if (!json_member(document, "ociVersion", &value))
        return oci_missing(bundle, document, "ociVersion");
    int rc = json_get_text(&value, &bundle->version, bundle->err);
    if (rc < 0)
        return rc;
    if (sscanf(bundle->version, "%u.%u.%u", &number[0], &number[1], &number[2]) != 3)
        return json_wrong(&value, "it is not a version such as 1.2.0", NULL, bundle->err);
    if (number[0] != 1)
        return json_wrong(&value, "version 1 of the specification is supported", NULL, bundle->err);
    return 0;
}

/* Another process's, or the configuration's own. */
static int read_process_alone(struct scratch_oci_bundle *bundle)
{
    struct json_in object = bundle->process_document, section;
    if (!object.whole && !json_member(&bundle->document, "process", &object))
        return oci_missing(bundle, &bundle->document, "process");
    int rc = json_expect(&object, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = oci_read_process(bundle, &object);
    if (rc == 0)
        rc = oci_read_affinity(bundle, &object);
    if (rc == 0 && json_member(&bundle->document, "linux", &section)) {
        rc = oci_read_personality(bundle, &section);
        if (rc == 0)
            rc = oci_read_memory_policy(bundle, &section);
    }
    oci_reset_affinity(bundle);
    if (rc == 0)
        rc = oci_read_listener(bundle, &bundle->document);
    return rc < 0 ? rc : oci_read_hooks(bundle, &bundle->document); /* who is told of it */
}

static int read_parts(struct scratch_oci_bundle *bundle)
{
    static const struct {
        const char *name;
        oci_part *read;
        bool needed;
    } parts[] = {
        {"root", oci_read_root, true},
        {"linux", oci_read_linux, false},
        {"process", oci_read_process, false}, /* until it is to run */
    };
    const struct json_in *document = &bundle->document;
    const bool other = bundle->process_document.whole;
    struct json_in object;
    int rc = read_version(bundle, document);
    for (size_t i = 0; rc == 0 && i < sizeof parts / sizeof *parts; i++) {
        if (other && parts[i].read == oci_read_process)
            object = bundle->process_document;
        else if (json_member(document, parts[i].name, &object))
            rc = json_expect(&object, JSON_OBJECT, bundle->err);
        else if (parts[i].needed)
            rc = oci_missing(bundle, document, parts[i].name);
        else
            continue;
        if (rc == 0)
            rc = parts[i].read(bundle, &object);
    }
    oci_reset_affinity(bundle);
    if (rc == 0)
        rc = oci_read_listener(bundle, document);
    if (rc == 0 && json_member(document, "linux", &object))
        rc = oci_read_seccomp(bundle, &object);
    if (rc == 0)
        rc = oci_text(bundle, document, "hostname", &bundle->namespaces.hostname);
    if (rc == 0)
        rc = oci_text(bundle, document, "domainname", &bundle->namespaces.domainname);
    if (rc == 0)
        rc = oci_read_hooks(bundle, document);
    return rc < 0 ? rc : oci_read_mounts(bundle, document);
}

/* An empty name is none. */
static const char *some(const char *text)
{
    return text && *text ? text : NULL;
}

static void assemble(struct scratch_oci_bundle *bundle)
{
    struct scratch_spec *spec = &bundle->spec;
    bundle->namespaces.hostname = some(bundle->namespaces.hostname);
    bundle->namespaces.domainname = some(bundle->namespaces.domainname);
    spec->namespaces = &bundle->namespaces;
    spec->rootfs = &bundle->rootfs;
    spec->cgroup = &bundle->cgroup;
    spec->process = &bundle->process;
    spec->oci_mounts = true;
}

static const char *const no_command[] = {NULL};

static void begin(struct scratch_oci_bundle *bundle, const struct scratch_oci_options *o,
                  struct scratch_error *err)
{
    *bundle = (struct scratch_oci_bundle){
        .err = err,
        .id = o->id,
        .namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT,
        .rootfs = SCRATCH_ROOTFS_OPTIONS_INIT,
        .cgroup = SCRATCH_CGROUP_OPTIONS_INIT,
        .process = SCRATCH_PROCESS_OPTIONS_INIT,
        .terminal = SCRATCH_TERMINAL_OPTIONS_INIT,
        .hooks = SCRATCH_HOOK_OPTIONS_INIT,
        .network = SCRATCH_NETWORK_OPTIONS_INIT,
        .spec = SCRATCH_SPEC_INIT,
    };
    bundle->namespaces.create = 0;
    bundle->process.argv = no_command;
    bundle->rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    bundle->rootfs.enter = o->no_pivot ? SCRATCH_ROOTFS_CHROOT : SCRATCH_ROOTFS_PIVOT;
    bundle->rootfs.standard_mounts = false;
    bundle->rootfs.default_devices = true;
    bundle->network.resolver = false;
    bundle->process.init = false;
    bundle->process.make_cwd = true;
    bundle->process.early_cwd = true;
    bundle->process.find_home = true;
    bundle->process.new_session = true;
    bundle->process.new_keyring = !o->no_keyring;
    bundle->process.seccomp = SCRATCH_SECCOMP_NONE;
    bundle->cgroup.managed = !o->no_cgroup;
    bundle->cgroup.everywhere = !o->no_cgroup;
    if (o->systemd)
        bundle->cgroup.driver = SCRATCH_CGROUP_SYSTEMD;
}

static int find_notify(struct scratch_oci_bundle *bundle, const struct scratch_oci_options *o)
{
    char path[STATE_PATH];
    int rc = 0;
    if (!o->notify || !o->id)
        return 0;
    if (!o->records)
        rc = state_path(path, "read the bundle", bundle->err);
    if (rc == 0)
        bundle->notify =
            oci_print(bundle, "%s/%s/" RECORD_NOTIFY, o->records ? o->records : path, o->id);
    return rc < 0 ? rc : bundle->notify ? 0 : -ENOMEM;
}

/* One that is not asked for is left again, as soon as the root is made in it. */
static void find_mount_namespace(struct scratch_oci_bundle *bundle)
{
    struct scratch_namespace_options *n = &bundle->namespaces;
    uint64_t types = n->create;
    for (size_t i = 0; i < n->join_count; i++)
        types |= n->join[i].type;
    if (types & SCRATCH_NS_MNT)
        return;
    n->create |= SCRATCH_NS_MNT;
    bundle->rootfs.enter = SCRATCH_ROOTFS_UNMOUNTED;
}

static int load(struct scratch_oci_bundle *bundle, const struct scratch_oci_options *o)
{
    const char *given = o->bundle ? o->bundle : ".";
    size_t size = 0;
    char *path = realpath(given, NULL);
    if (!path)
        return error_call(bundle->err, errno, "realpath(3)", "read the bundle", given, NULL);
    bundle->path = oci_print(bundle, "%s", path);
    free(path);
    const char *config = o->config ? o->config : oci_print(bundle, "%s/config.json", bundle->path);
    if (!bundle->path || !config)
        return -ENOMEM;
    int rc = o->text ? take_text(bundle, o->text, &size)
                     : read_file(bundle, config, &bundle->text, &size);
    if (rc == 0)
        rc = json_read(bundle->text, size, config, &bundle->document, bundle->err);
    if (rc == 0 && o->hooks_only)
        rc = oci_read_listener(bundle, &bundle->document);
    if (rc == 0 && o->hooks_only)
        return oci_read_hooks(bundle, &bundle->document);
    if (rc == 0 && o->resources_only)
        return oci_read_limits(bundle, &bundle->document);
    if (rc == 0)
        rc = oci_check_keys(bundle);
    if (rc == 0 && o->process)
        rc = read_file(bundle, o->process, &bundle->process_text, &size);
    if (rc == 0 && o->process)
        rc = json_read(bundle->process_text, size, o->process, &bundle->process_document,
                       bundle->err);
    if (rc == 0 && o->process_only)
        return read_process_alone(bundle);
    if (rc == 0)
        rc = find_notify(bundle, o);
    if (rc == 0)
        rc = read_parts(bundle);
    if (rc == 0)
        find_mount_namespace(bundle);
    return rc;
}

int scratch_oci_load(const struct scratch_oci_options *given, scratch_oci_bundle **result,
                     struct scratch_error *err)
{
    struct scratch_oci_options options = SCRATCH_OCI_OPTIONS_INIT;
    *result = NULL;
    if (given && (given->size < sizeof given->size || given->size > sizeof options))
        return error_set(err, EINVAL, "bundle options", NULL,
                         "begin with SCRATCH_OCI_OPTIONS_INIT of these headers");
    if (given)
        memcpy(&options, given, given->size);
    struct scratch_oci_bundle *bundle = malloc(sizeof *bundle);
    if (!bundle)
        return error_set(err, ENOMEM, "read the bundle", options.bundle, NULL);
    begin(bundle, &options, err);
    int rc = load(bundle, &options);
    if (rc < 0) {
        scratch_oci_free(bundle);
        return rc;
    }
    assemble(bundle);
    bundle->err = NULL;
    *result = bundle;
    return 0;
}

const struct scratch_spec *scratch_oci_spec(const scratch_oci_bundle *bundle)
{
    return &bundle->spec;
}

const char *scratch_oci_text(const scratch_oci_bundle *bundle)
{
    return bundle->text;
}

int scratch_oci_warning(const scratch_oci_bundle *bundle, size_t index,
                        struct scratch_error *warning)
{
    if (index >= bundle->warning_count)
        return -ERANGE;
    *warning = bundle->warnings[index];
    return 0;
}
