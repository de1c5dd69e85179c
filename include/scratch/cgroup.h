/* SPDX-License-Identifier: MIT */
/**
 * @file cgroup.h
 * Control groups: what a process can use. See cgroups(7).
 *
 * One vocabulary over cgroup v1, hybrid and v2. A group is named by its path below the root of the
 * hierarchies, such as "libscratch/web"; on v1 it is one directory for each controller in use.
 */
#ifndef SCRATCH_CGROUP_H
#define SCRATCH_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <scratch/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** No limit: the value of a limit that is not to be set. */
#define SCRATCH_LIMIT_NONE UINT64_MAX

/** The limits of a spec. A group is made when any of them, or @ref always, is set. */
struct scratch_cgroup_options {
    size_t size;             /**< sizeof(struct scratch_cgroup_options) */
    const char *parent;      /**< group above, by its path below the root; NULL: the root */
    uint64_t memory_max;     /**< bytes */
    uint64_t pids_max;       /**< processes and threads */
    uint64_t cpu_quota;      /**< microseconds of processor time in each period; 1000 at least */
    uint64_t cpu_period;     /**< microseconds, 1000 to 1000000; 0: 100000 */
    const char *cpuset_cpus; /**< a list such as "0-2,7"; NULL: the parent's */
    const char *cpuset_mems; /**< memory nodes, likewise */
    bool always;             /**< make a group even without a limit */
};

#define SCRATCH_CGROUP_OPTIONS_INIT                                                                \
    {                                                                                              \
        sizeof(struct scratch_cgroup_options), NULL, SCRATCH_LIMIT_NONE, SCRATCH_LIMIT_NONE,       \
            SCRATCH_LIMIT_NONE, 0, NULL, NULL, false                                               \
    }

/** How this machine's hierarchies are mounted. */
enum scratch_cgroup_layout {
    SCRATCH_CGROUP_NONE = 0, /**< no hierarchy is mounted */
    SCRATCH_CGROUP_V1,       /**< one hierarchy for each controller */
    SCRATCH_CGROUP_HYBRID,   /**< v1 hierarchies, and a v2 one beside them */
    SCRATCH_CGROUP_V2,       /**< one unified hierarchy */
};

/** One controller, as this machine has it. */
struct scratch_cgroup_controller {
    char name[32];   /**< "memory", "pids", … */
    char mount[224]; /**< where its hierarchy is mounted */
    int version;     /**< 1 or 2 */
};

/**
 * Which layout this machine has, and which controllers are where (by libcgroup).
 *
 * @param layout       the layout; may be NULL
 * @param controllers  an array that the caller owns; may be NULL
 * @param count        in: its length; out: how many there are, which may be more; may be NULL
 * @return 0; -ENOSYS: libcgroup is not installed
 *
 * Thread-safe. Since 0.1.
 */
int scratch_cgroup_discover(enum scratch_cgroup_layout *layout,
                            struct scratch_cgroup_controller *controllers, size_t *count,
                            struct scratch_error *err);

/** A handle to a group. */
typedef struct scratch_cgroup scratch_cgroup;

/**
 * Make a group and set its limits. On v1 it gets a directory in the hierarchy of each controller
 * that @p options limit; without any limit, in those of memory, pids and cpu.
 *
 * @param name     a file name, below @p options->parent
 * @param options  limits; NULL: none, at the root
 * @param group    the handle; free it with scratch_cgroup_free()
 * @return 0; -EEXIST; -EPERM or -EACCES: the hierarchy is not the caller's to write; -EINVAL: a
 *         value the kernel refuses (the error's subject); -ENOENT: the controller is not there
 *
 * What was made is taken back when a later part fails. Thread-safe. Since 0.1.
 */
int scratch_cgroup_create(const char *name, const struct scratch_cgroup_options *options,
                          scratch_cgroup **group, struct scratch_error *err);

/*
 * Groups whose names begin with "libscratch-" are those of containers; scratch_sweep() removes them
 * when nobody holds them. Choose other names.
 */

/**
 * Open an existing group by its path below the hierarchies' roots.
 *
 * @param group  the handle; free it with scratch_cgroup_free()
 * @return 0; -ENOENT: no hierarchy has such a group; -ENOMEM
 *
 * Thread-safe. Since 0.1.
 */
int scratch_cgroup_open(const char *path, scratch_cgroup **group, struct scratch_error *err);

/** Close the handle; the group stays. NULL is fine. Thread-safe for different ones. Since 0.1. */
void scratch_cgroup_free(scratch_cgroup *group);

/**
 * The group's path below the hierarchies' roots. Lives as long as the handle.
 *
 * Thread-safe. Since 0.1.
 */
const char *scratch_cgroup_path(const scratch_cgroup *group);

/**
 * Change the limits of a group that has been made; what is not set in @p options stays.
 *
 * @return 0; -EINVAL: a value that is wrong, or that the kernel refuses; -ENOENT: the group is not
 *         in a controller's hierarchy; -EACCES: the group is not the caller's to change
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_cgroup_set(scratch_cgroup *group, const struct scratch_cgroup_options *options,
                       struct scratch_error *err);

/**
 * Read one file of a group, such as "memory.max" or "pids.current" (by libcgroup). The version
 * matters: on v1 the file has v1's name.
 *
 * @return the length read, without the newline at its end; -ENOENT: no such file
 *
 * Thread-safe. Since 0.1.
 */
int scratch_cgroup_read(const scratch_cgroup *group, const char *file, char *value, size_t size,
                        struct scratch_error *err);

/**
 * The processes in a group, in every hierarchy that it is in.
 *
 * @param pids   an array that the caller owns; may be NULL
 * @param count  in: its length; out: how many there are, which may be more
 * @return 0; -ENOENT: the group has been removed; -ENOMEM; -ENOSYS: libcgroup is not installed
 *
 * Thread-safe. Since 0.1.
 */
int scratch_cgroup_processes(const scratch_cgroup *group, pid_t *pids, size_t *count,
                             struct scratch_error *err);

/**
 * Move the calling process (v2), or thread (v1), into the group.
 *
 * @return 0; -EACCES or -EPERM: the group is not the caller's to join; -EBUSY: on v2, a group whose
 *         controllers are on for groups below it; -ENODEV: it has been removed
 *
 * Changes the caller. Since 0.1.
 */
int scratch_cgroup_join_self(const scratch_cgroup *group, struct scratch_error *err);

/**
 * Remove a group with all groups below it (by libcgroup).
 *
 * @param path  below the hierarchies' roots; never a root itself, nor with "." or ".." in it
 * @return 0; -EBUSY: there are processes in it; -ENOENT; -EINVAL: not such a path
 *
 * A process that joins it at the very moment is moved to the group above.
 *
 * Thread-safe. Since 0.1.
 */
int scratch_cgroup_delete(const char *path, struct scratch_error *err);

/**
 * Remove what containers have left whose starters were killed: the groups directly below the
 * hierarchies' roots that no starter holds any more, and that have no processes, nor has any group
 * below them; this user's claims of names (scratch_spec.claim_id), and the locks of ranges of ids
 * (SCRATCH_ID_MAPS_AUTO), that nobody holds.
 *
 * @return how many directories, claims and locks were removed
 *
 * Thread-safe. Since 0.1.
 */
int scratch_sweep(struct scratch_error *err);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
