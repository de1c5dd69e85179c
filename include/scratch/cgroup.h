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

/** The value of a limit that is not to be set: it stays as it is. */
#define SCRATCH_LIMIT_NONE UINT64_MAX
/** The value that takes a limit away ("max"; -1 in v1). */
#define SCRATCH_LIMIT_UNLIMITED (UINT64_MAX - 1)

/** What a process may do with a device: bits of scratch_cgroup_rule.access. */
enum scratch_device_access {
    SCRATCH_DEVICE_READ = 1,
    SCRATCH_DEVICE_WRITE = 2,
    SCRATCH_DEVICE_MKNOD = 4,
    SCRATCH_DEVICE_ALL = 7,
};

/** Any number: of scratch_cgroup_rule.major and minor. */
#define SCRATCH_DEVICE_ANY (-1)

/**
 * A rule about device nodes, whatever their paths. The last rule that is about a node and an access
 * decides; what no rule is about is refused. Since 0.1.
 */
struct scratch_cgroup_rule {
    bool allow;
    char type;       /**< 'c', 'b', or 'a' for both kinds with all their numbers */
    int64_t major;   /**< or SCRATCH_DEVICE_ANY */
    int64_t minor;   /**< or SCRATCH_DEVICE_ANY */
    unsigned access; /**< of enum scratch_device_access */
};

/** Limits of one block device. Each may be SCRATCH_LIMIT_NONE. Since 0.1. */
struct scratch_cgroup_io {
    unsigned major;
    unsigned minor;
    uint64_t weight;     /**< 1 to 10000 */
    uint64_t read_bps;   /**< bytes in a second */
    uint64_t write_bps;  /**< bytes in a second */
    uint64_t read_iops;  /**< operations in a second */
    uint64_t write_iops; /**< operations in a second */
};

/** A limit of something that has a name. Since 0.1. */
struct scratch_cgroup_named {
    const char *name; /**< hugetlb: a page size as the kernel has it, "2MB"; misc: a resource,
                         "sev"; net_priorities: an interface */
    uint64_t value;   /**< bytes (hugetlb); how many (misc); a priority (net_priorities) */
};

/** Limits of an RDMA device. Each may be SCRATCH_LIMIT_NONE. Since 0.1. */
struct scratch_cgroup_rdma {
    const char *device;   /**< "mlx5_0" */
    uint64_t hca_handles; /**< how many */
    uint64_t hca_objects; /**< how many */
};

/** Who makes the group. */
enum scratch_cgroup_driver {
    SCRATCH_CGROUP_FILES = 0, /**< libscratch, in the hierarchies' files */
    SCRATCH_CGROUP_SYSTEMD,   /**< systemd is asked for a scope, and delegates it */
};

/**
 * The limits of a spec. A group is made when any of them, or @ref always or @ref managed, is set.
 *
 * scratch_cgroup_limit() tells the unit and the range of each number. The same vocabulary holds for
 * both versions; where one of them has no such limit, asking for it is -ENOTSUP.
 */
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

    /**
     * Make it so that it can be frozen, killed, measured and limited later: on v1 it is then in the
     * hierarchies of all controllers that do it, of which those that are not there, or not the
     * caller's to write, are passed over.
     */
    bool managed;

    /**
     * The group's whole path below the root, in place of @ref parent and a name made from the id.
     * Groups above it that are not there are made, and removed with it when they are empty. A group
     * that is there is taken when nothing runs in it, nobody else holds it, and it is not frozen.
     * A plan with a path has one container at a time.
     */
    const char *path;

    uint64_t memory_high;         /**< bytes from which on it is slowed and reclaimed (v2) */
    uint64_t memory_low;          /**< bytes that are kept when memory runs short; v1: soft limit */
    uint64_t memory_min;          /**< bytes that are never reclaimed (v2) */
    uint64_t memory_swap;         /**< bytes of swap beside memory_max, which v1 needs with it */
    uint64_t memory_swappiness;   /**< 0 to 100 (v1) */
    bool memory_oom_wait;         /**< out of memory it is stopped rather than killed (v1) */
    uint64_t cpu_weight;          /**< 1 to 10000, 100 is common */
    uint64_t cpu_shares;          /**< the same in v1's unit, 2 to 262144, 1024 is common */
    uint64_t cpu_burst;           /**< microseconds it may save up and use above the quota */
    uint64_t cpu_idle;            /**< 1: runs only where nobody else wants to; 0 */
    uint64_t cpu_rt_period;       /**< microseconds, for real-time processes (v1) */
    uint64_t cpu_rt_runtime;      /**< microseconds in each such period (v1) */
    const char *cpuset_partition; /**< "member", "root" or "isolated" (v2) */
    uint64_t io_weight;           /**< 1 to 10000, 100 is common */
    const struct scratch_cgroup_io *io;
    size_t io_count;
    const struct scratch_cgroup_named *hugetlb;
    size_t hugetlb_count;
    const struct scratch_cgroup_rdma *rdma;
    size_t rdma_count;
    const struct scratch_cgroup_named *misc;
    size_t misc_count;
    const struct scratch_cgroup_rule *rules; /**< devices; none: all that its parent allows */
    size_t rule_count;
    uint64_t net_class; /**< a mark on its packets, 0 to 0xffffffff (v1) */
    const struct scratch_cgroup_named *net_priorities; /**< of its packets (v1) */
    size_t net_priority_count;

    /** Raw settings, "CONTROLLER.FILE=VALUE", in this machine's version. They are made last. */
    const char *const *values;
    size_t value_count;

    enum scratch_cgroup_driver driver; /**< who makes it */

    /**
     * It has all controllers that the caller may give it, also those that nothing is set of: as
     * those expect who look at a container from outside, or make groups inside. On v1 it is in all
     * hierarchies then; a cpuset is filled from the group above, and left out where that is empty.
     */
    bool everywhere;

    /**
     * A memory limit below what is used is EBUSY. Without it v2 reclaims what it can, and then
     * kills; v1 refuses it anyhow.
     */
    bool memory_check;
};

#define SCRATCH_CGROUP_OPTIONS_INIT                                                                \
    {                                                                                              \
        sizeof(struct scratch_cgroup_options), NULL, SCRATCH_LIMIT_NONE, SCRATCH_LIMIT_NONE,       \
            SCRATCH_LIMIT_NONE, 0, NULL, NULL, false, false, NULL, SCRATCH_LIMIT_NONE,             \
            SCRATCH_LIMIT_NONE, SCRATCH_LIMIT_NONE, SCRATCH_LIMIT_NONE, SCRATCH_LIMIT_NONE, false, \
            SCRATCH_LIMIT_NONE, SCRATCH_LIMIT_NONE, SCRATCH_LIMIT_NONE, SCRATCH_LIMIT_NONE,        \
            SCRATCH_LIMIT_NONE, SCRATCH_LIMIT_NONE, NULL, SCRATCH_LIMIT_NONE, NULL, 0, NULL, 0,    \
            NULL, 0, NULL, 0, NULL, 0, SCRATCH_LIMIT_NONE, NULL, 0, NULL, 0, SCRATCH_CGROUP_FILES, \
            false, false                                                                           \
    }

/** One of the numbers that can be limited: see scratch_cgroup_limit(). Since 0.1. */
struct scratch_cgroup_limit {
    const char *name;       /**< the member of struct scratch_cgroup_options: "memory_max" */
    const char *controller; /**< "memory" */
    const char *unit;       /**< "bytes" */
    uint64_t least;         /**< the smallest value */
    uint64_t most;          /**< the largest value */
    const char *v1_file;    /**< where v1 has it; NULL: it has not */
    const char *v2_file;    /**< where v2 has it; NULL: it has not */
    bool unlimited;         /**< SCRATCH_LIMIT_UNLIMITED is a value */
};

/**
 * The unit and range of each number that can be limited. They are the vocabulary's: what a machine
 * can apply is known when a plan is compiled.
 *
 * @param index  counted from 0
 * @param limit  filled; its strings live as long as the program
 * @return 0; -ERANGE: there are not so many
 *
 * Thread-safe. Since 0.1.
 */
int scratch_cgroup_limit(size_t index, struct scratch_cgroup_limit *limit);

/** v2's weight for v1's cpu shares, as OCI runtimes convert it. Thread-safe. Since 0.1. */
uint64_t scratch_cgroup_cpu_weight(uint64_t shares);

/** io_weight for v1's blkio weight (10 to 1000), likewise. Thread-safe. Since 0.1. */
uint64_t scratch_cgroup_io_weight(uint64_t weight);

/**
 * memory_swap for a limit of memory and swap together, which v1, OCI and docker have.
 *
 * @param memory  the limit of memory; SCRATCH_LIMIT_NONE or _UNLIMITED: there is none
 * @param total   that of both; SCRATCH_LIMIT_NONE: not said; SCRATCH_LIMIT_UNLIMITED
 * @param swap    the result
 * @return 0; -EINVAL: less than the memory alone, or no limit of memory
 *
 * Thread-safe. Since 0.1.
 */
int scratch_cgroup_swap(uint64_t memory, uint64_t total, uint64_t *swap, struct scratch_error *err);

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
 * @return 0; -ENOSYS: libcgroup is not installed; -ENOTSUP: one mount hides another one of control
 *         groups, and libcgroup gives up
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
 * Open an existing group by its path below the hierarchies' roots, in each that has it: one's own,
 * or a container's (scratch_container_cgroup()).
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
 * The processes in a group, in every hierarchy that it is in; not those in groups below it.
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
 * Freeze all processes in a group and below it: none runs again before scratch_cgroup_thaw().
 * Returns when all have stopped.
 *
 * @return 0; -ENOTSUP: the group is in no hierarchy that can: make it @p managed; -ETIMEDOUT: some
 *         have not stopped in ten seconds (they wait for hardware), and all have been thawed again;
 *         -EACCES; -ENODEV or -ENOENT: it has been removed
 *
 * Thread-safe. Since 0.1.
 */
int scratch_cgroup_freeze(const scratch_cgroup *group, struct scratch_error *err);

/**
 * Let them run again; not frozen is fine.
 *
 * @return as scratch_cgroup_freeze()
 *
 * Thread-safe. Since 0.1.
 */
int scratch_cgroup_thaw(const scratch_cgroup *group, struct scratch_error *err);

/**
 * Whether a group is frozen, by itself or with a group above it.
 *
 * @return 1, 0, or -errno as scratch_cgroup_freeze()
 *
 * Thread-safe. Since 0.1.
 */
int scratch_cgroup_frozen(const scratch_cgroup *group, struct scratch_error *err);

/**
 * SIGKILL all processes in a group and below it, also those that they start meanwhile, frozen ones
 * too; and wait until they are gone from it.
 *
 * On v2 the kernel does it in one go (5.14). Elsewhere the group is frozen where that can be, and
 * each process is killed through a pidfd, again and again until none is left.
 *
 * @return 0; -EPERM: some are not the caller's; -ETIMEDOUT: some are left after ten seconds
 *
 * Thread-safe. Since 0.1.
 */
int scratch_cgroup_kill(const scratch_cgroup *group, struct scratch_error *err);

/**
 * Remove the group of a handle, with all groups below it, in every hierarchy. The handle is then
 * good for scratch_cgroup_free() alone.
 *
 * @return 0, also when it was gone already; -EBUSY: there are processes in it
 *
 * Thread-safe. Since 0.1.
 */
int scratch_cgroup_remove(const scratch_cgroup *group, struct scratch_error *err);

/**
 * Move all processes of the caller's own group of cgroup v2 into a leaf below it. v2 lets a group
 * have either processes or groups below it that controllers are handed down to: a program that was
 * given a group of its own (delegation) calls this once, and then makes groups with limits beside
 * the leaf. It moves the other processes of the group too.
 *
 * @param name    the leaf's name; it is made when it is not there
 * @param parent  gets the group that the caller was in, by its path below the root: what
 *                scratch_cgroup_options.parent is then; may be NULL
 * @param size    of @p parent; PATH_MAX is always enough
 * @return 0, also at the root, which is free of that rule; -ENOTSUP: there is no v2; -EACCES or
 *         -EPERM: the group is not the caller's to change; -EBUSY: processes come all the time
 *
 * Changes the caller, and others. Since 0.1.
 */
int scratch_cgroup_leaf_self(const char *name, char *parent, size_t size,
                             struct scratch_error *err);

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
 * Remove what containers have left whose starters were killed: the groups, wherever in the
 * hierarchies, that no starter holds any more, and that have no processes, nor has any group below
 * them; the locks of ranges of ids (SCRATCH_ID_MAPS_AUTO) that nobody holds; and this user's
 * records of containers (<scratch/container.h>) that go with those, which have ended.
 *
 * @return how many groups, locks and records were removed
 *
 * Thread-safe. Since 0.1.
 */
int scratch_sweep(struct scratch_error *err);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
