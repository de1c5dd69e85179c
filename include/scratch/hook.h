/* SPDX-License-Identifier: MIT */
/**
 * @file hook.h
 * Hooks: programs that are run at points of a container's life.
 *
 * They are those of the OCI runtime specification (config.md, "POSIX-platform Hooks"). Each gets
 * the container's state as JSON on its standard input. One that fails ends the start.
 */
#ifndef SCRATCH_HOOK_H
#define SCRATCH_HOOK_H

#include <stddef.h>
#include <sys/types.h>
#include <scratch/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** When a hook runs, and where. */
enum scratch_hook_point {
    SCRATCH_HOOK_PRESTART = 0,     /**< as createRuntime, and before those */
    SCRATCH_HOOK_CREATE_RUNTIME,   /**< in the caller's namespaces, when the container has its own,
                                        and its mounts, and before its root is entered */
    SCRATCH_HOOK_CREATE_CONTAINER, /**< then, in the container's; its path is still the host's */
    SCRATCH_HOOK_START_CONTAINER,  /**< in the container's root, before the command */
    SCRATCH_HOOK_POSTSTART,        /**< in the caller's namespaces, when the command runs:
                                        scratch_hooks_run() */
    SCRATCH_HOOK_POSTSTOP,         /**< the same, when the container is gone */
    SCRATCH_HOOK_POINTS,
};

/** One program. */
struct scratch_hook {
    const char *path;        /**< absolute */
    const char *const *args; /**< ends with NULL; NULL: the path alone */
    const char *const *env;  /**< NAME=VALUE, ends with NULL; NULL: none */
    unsigned timeout;        /**< seconds, after which it is killed and has failed; 0: none */
};

/** The hooks of a spec, and what their state says besides the container's id, status and pid. */
struct scratch_hook_options {
    size_t size; /**< sizeof(struct scratch_hook_options) */
    struct {
        const struct scratch_hook *hook; /**< run in this order */
        size_t count;
    } at[SCRATCH_HOOK_POINTS];
    const char *version;            /**< of the specification; NULL: the newest known */
    const char *bundle;             /**< absolute path; NULL: "" */
    const char *const *annotations; /**< KEY=VALUE, ends with NULL; NULL: none */
};

#define SCRATCH_HOOK_OPTIONS_INIT                                                                  \
    {                                                                                              \
        sizeof(struct scratch_hook_options),                                                       \
            {{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}}, NULL, NULL, NULL   \
    }

/** The name of a point in config.json: "createRuntime". Thread-safe. Since 0.1. */
const char *scratch_hook_name(enum scratch_hook_point point);

/**
 * Run the hooks of one point, one after the other, and wait for each; as a plan does it for those
 * before the command. All are run, also behind one that has failed.
 *
 * @param options  the hooks
 * @param id       of the container
 * @param status   "running", "stopped": state.md of the specification
 * @param pid      of its first process; 0: it has ended
 * @return 0; or why the first that failed did: -ECANCELED: its exit status (the error says which);
 *         -ETIMEDOUT; or as execve(2)
 *
 * Thread-safe. Since 0.1.
 */
int scratch_hooks_run(const struct scratch_hook_options *options, enum scratch_hook_point point,
                      const char *id, const char *status, pid_t pid, struct scratch_error *err);

/**
 * A container's state in the specification's JSON, as hooks get it: state.md.
 *
 * @return a string to free(3); NULL: there is no memory
 *
 * Thread-safe. Since 0.1.
 */
char *scratch_hook_state(const struct scratch_hook_options *options, const char *id,
                         const char *status, pid_t pid);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
