/* SPDX-License-Identifier: MIT */
/**
 * @file oci.h
 * Bundles of the OCI runtime specification: config.json as a spec.
 *
 *     struct scratch_oci_options options = SCRATCH_OCI_OPTIONS_INIT;
 *     scratch_oci_bundle *bundle;
 *     options.bundle = "/srv/web";
 *     options.id = "web";
 *     if (scratch_oci_load(&options, &bundle, &err) == 0) {
 *         status = scratch_run(scratch_oci_spec(bundle), NULL, &err);
 *         scratch_oci_free(bundle);
 *     }
 *
 * What becomes of each key of config.json, scratch_oci_key() says.
 */
#ifndef SCRATCH_OCI_H
#define SCRATCH_OCI_H

#include <stdbool.h>
#include <stddef.h>
#include <scratch/error.h>
#include <scratch/plan.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** The newest version of the specification whose keys are known; any 1.x is read. */
#define SCRATCH_OCI_VERSION "1.2.1"

/** An annotation: the socket of who gets the container's pidfd. That is for who starts it. */
#define SCRATCH_OCI_PIDFD_RECEIVER "run.oci.pidfd_receiver"

/** Which bundle, and what a runtime's command line adds to it. */
struct scratch_oci_options {
    size_t size;         /**< sizeof(struct scratch_oci_options) */
    const char *bundle;  /**< the directory; NULL: "." */
    const char *config;  /**< the configuration's path; NULL: config.json in the bundle */
    const char *id;      /**< the container's id; NULL: one is made up at the start */
    const char *text;    /**< the configuration itself, in place of a file; NULL: the file's */
    const char *process; /**< path of a file with another "process", in place of the
                              configuration's; NULL: none */
    bool process_only;   /**< read the process alone, for one more in a running container: the spec
                              has nothing else, and no system call filter */
    bool hooks_only;     /**< read the hooks, annotations and scratch_oci_listener() alone: the spec
                              has nothing else */
    bool resources_only; /**< @ref text is linux.resources alone, as an update has it: the spec has
                              the limits in it, and nothing else */
    bool systemd;        /**< control groups are made by systemd */
    bool no_keyring;     /**< the container has the caller's session keyring, not one of its own */
    bool no_pivot;       /**< chroot(2) in place of pivot_root(2), for a root in an initramfs */
    bool no_cgroup;      /**< make no control group, and set no limits */
    bool notify;         /**< mount the directory of scratch_keep_options.notify at /run/notify; it
                              needs an id */
    const char *records; /**< where that record will be: as scratch_keep_options.root */
};

#define SCRATCH_OCI_OPTIONS_INIT                                                                   \
    {                                                                                              \
        sizeof(struct scratch_oci_options), NULL, NULL, NULL, NULL, NULL, false, false, false,     \
            false, false, false, false, false, NULL                                                \
    }

/** A bundle that has been read. */
typedef struct scratch_oci_bundle scratch_oci_bundle;

/**
 * Read a bundle's configuration.
 *
 * Members that the specification does not know are passed over, as it demands, with a warning; one
 * that it knows and libscratch does not is an error.
 *
 * @param bundle  the result; free it with scratch_oci_free()
 * @return 0; -ENOENT: there is no config.json; -EINVAL: it is not valid (the error's subject is the
 *         member and its value); -ENOTSUP: a member that is not supported; -ENOSYS: a library is
 *         missing; -ENOMEM
 *
 * Thread-safe. Since 0.1.
 */
int scratch_oci_load(const struct scratch_oci_options *options, scratch_oci_bundle **bundle,
                     struct scratch_error *err);

/** The spec of a bundle; it lives as long. Thread-safe. Since 0.1. */
const struct scratch_spec *scratch_oci_spec(const scratch_oci_bundle *bundle);

/**
 * What is not as the configuration says, and no reason not to start: see scratch_plan_warning().
 *
 * @param index  counted from 0
 * @return 0; -ERANGE: there are not that many
 *
 * Thread-safe. Since 0.1.
 */
int scratch_oci_warning(const scratch_oci_bundle *bundle, size_t index,
                        struct scratch_error *warning);

/**
 * Who is to answer for the bundle's system call filter (linux.seccomp.listenerPath): whoever starts
 * the container connects there and sends scratch_container_seccomp_fd(), with what config-linux.md
 * calls the container process state.
 *
 * @param metadata  what belongs into that (listenerMetadata), or NULL; NULL: not asked for
 * @return the socket's path; NULL: it names none. Both live as long as the bundle
 *
 * Thread-safe. Since 0.1.
 */
const char *scratch_oci_listener(const scratch_oci_bundle *bundle, const char **metadata);

/** A bundle's configuration as it was read; it lives as long. Thread-safe. Since 0.1. */
const char *scratch_oci_text(const scratch_oci_bundle *bundle);

/** Free a bundle; NULL is fine. Thread-safe for different bundles. Since 0.1. */
void scratch_oci_free(scratch_oci_bundle *bundle);

/**
 * A configuration that runs: a shell at a terminal, in the root file system "rootfs".
 *
 * @param rootless  for a user without privilege: with a user namespace, and without limits
 * @return JSON, to free(3); NULL: there is no memory
 *
 * Thread-safe. Since 0.1.
 */
char *scratch_oci_template(bool rootless);

/**
 * What the library can do as an OCI runtime, in the specification's JSON: features.md.
 *
 * @return JSON, to free(3); NULL: there is no memory
 *
 * Thread-safe. Since 0.1.
 */
char *scratch_oci_features(void);

/** What becomes of a key of config.json. */
enum scratch_oci_support {
    SCRATCH_OCI_SUPPORTED = 0,
    SCRATCH_OCI_IGNORED, /**< it may be there, and changes nothing */
    SCRATCH_OCI_REFUSED, /**< a configuration that has it is not run */
};

/** A key of the specification. Strings are static. */
struct scratch_oci_key {
    const char *key; /**< "linux.resources.pids.limit"; "[]": an item of an array; "*": any name */
    enum scratch_oci_support support;
    const char *why; /**< it is not supported; or where not, of one that is: "" for most */
};

/**
 * The keys of the specification, one after the other, in its order.
 *
 * @param index  counted from 0
 * @return 0; -ERANGE: there are not that many
 *
 * Thread-safe. Since 0.1.
 */
int scratch_oci_key(size_t index, struct scratch_oci_key *key);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
