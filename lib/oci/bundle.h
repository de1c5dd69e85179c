/* SPDX-License-Identifier: MIT */
/*
 * A bundle in the making: the document, and the parts of a spec that are read from it. Strings
 * belong to the document, arrays to the bundle.
 */
#ifndef OCI_BUNDLE_H
#define OCI_BUNDLE_H

#include <scratch/oci.h>
#include "base/json_read.h"

struct oci_piece; /* of memory */

/* podman's --group-add keep-groups. */
#define OCI_KEEP_GROUPS "run.oci.keep_original_groups"

/* One of each type of namespace, and a spare. */
#define OCI_JOINS_MAX 8

struct scratch_oci_bundle {
    struct json_in document;
    char *text;
    struct json_in process_document; /* scratch_oci_options.process */
    char *process_text;
    struct oci_piece *pieces;
    struct scratch_error *warnings;
    size_t warning_count;
    struct scratch_error *err; /* of the call that reads it */

    const char *path;     /* of the bundle, absolute */
    const char *id;       /* or NULL */
    const char *version;  /* ociVersion */
    const char *listener; /* who answers for linux.seccomp listens there, or NULL */
    const char *listener_metadata;
    const char *notify;      /* a directory for /run/notify, or NULL */
    const char *cgroup_path; /* below the root of the hierarchies; NULL: made up from the id */
    uint64_t created;        /* SCRATCH_NS_*, made anew */
    struct scratch_namespace_join joins[OCI_JOINS_MAX];
    struct scratch_namespace_options namespaces;
    struct scratch_rootfs_options rootfs;
    struct scratch_cgroup_options cgroup;
    struct scratch_process_options process;
    struct scratch_capability_sets sets;
    struct scratch_schedule schedule;
    struct scratch_terminal_options terminal;
    struct scratch_hook_options hooks;
    struct scratch_network_options network;
    struct scratch_spec spec;
};

/* Memory of the bundle's own, zeroed; NULL, with the error: there is none. */
void *oci_take(struct scratch_oci_bundle *bundle, size_t count, size_t size);
char *oci_print(struct scratch_oci_bundle *bundle, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A text in front of another, for paths: "base/path", or the path where it is absolute. */
const char *oci_path(struct scratch_oci_bundle *bundle, const char *base, const char *path);

/* Room for another warning, or NULL. */
struct scratch_error *oci_warn(struct scratch_oci_bundle *bundle);

/*
 * A member by its name, where it is there. 0, also where it is not and nothing changes; or -EINVAL
 * with the error.
 */
int oci_text(struct scratch_oci_bundle *bundle, const struct json_in *object, const char *name,
             const char **text);
int oci_flag(struct scratch_oci_bundle *bundle, const struct json_in *object, const char *name,
             bool *flag);
int oci_number(struct scratch_oci_bundle *bundle, const struct json_in *object, const char *name,
               uint64_t most, uint64_t *number);
int oci_signed(struct scratch_oci_bundle *bundle, const struct json_in *object, const char *name,
               int64_t least, int64_t most, int64_t *number);
/* An array of texts, which ends with NULL. */
int oci_texts(struct scratch_oci_bundle *bundle, const struct json_in *object, const char *name,
              const char ***texts, size_t *count);

/* An array, or nothing (count 0). */
int oci_array(struct scratch_oci_bundle *bundle, const struct json_in *object, const char *name,
              struct json_in *array, size_t *count);

/* An array of lines of an id map, or nothing. */
int oci_id_map(struct scratch_oci_bundle *bundle, const struct json_in *object, const char *name,
               const struct scratch_id_map **map, size_t *count);

/* A member is missing that must be there. */
int oci_missing(struct scratch_oci_bundle *bundle, const struct json_in *object, const char *name);

/* A "cgroup" mount as the mounts that it takes on this machine; *count grows. */
#define OCI_CGROUP_MOUNTS_MAX 24
int oci_put_cgroup_mounts(struct scratch_oci_bundle *bundle, const struct scratch_mount *mount,
                          struct scratch_mount *mounts, size_t *count);

/* Each reads a part of the document into the bundle. */
typedef int oci_part(struct scratch_oci_bundle *bundle, const struct json_in *object);
oci_part oci_read_process, oci_read_root, oci_read_mounts, oci_read_linux, oci_read_hooks;
/* Of process: */
oci_part oci_read_scheduler, oci_read_io_priority, oci_read_affinity;
/* Unless it says otherwise the CPUs that the caller is bound to are not the container's. */
void oci_reset_affinity(struct scratch_oci_bundle *bundle);
/* Of linux: */
oci_part oci_read_personality, oci_read_memory_policy;
oci_part oci_read_namespaces, oci_read_devices, oci_read_seccomp, oci_read_resources;
/* Of the document: who answers for its filter. */
oci_part oci_read_listener;
/* Of linux.resources, alone: */
oci_part oci_read_limits;

#endif
