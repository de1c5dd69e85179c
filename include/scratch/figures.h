/* SPDX-License-Identifier: MIT */
/**
 * @file figures.h
 * What a control group uses, and what happens to it.
 *
 * A figure or an event that the kernel or the version does not have is unknown, and never made up.
 */
#ifndef SCRATCH_FIGURES_H
#define SCRATCH_FIGURES_H

#include <scratch/cgroup.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** A figure that this machine does not have of this group. */
#define SCRATCH_FIGURE_UNKNOWN UINT64_MAX

/**
 * How long processes have waited for something: PSI of the kernel's documentation. v1 has none.
 * Since 0.1.
 */
struct scratch_pressure {
    uint64_t average_10;  /**< hundredths of a percent of the last 10 seconds */
    uint64_t average_60;  /**< of the last minute */
    uint64_t average_300; /**< of the last five minutes */
    uint64_t total;       /**< microseconds since the group was made */
};

/** Figures of a group and all below it. Each may be SCRATCH_FIGURE_UNKNOWN. Since 0.1. */
struct scratch_cgroup_figures {
    size_t size; /**< sizeof(struct scratch_cgroup_figures) */

    uint64_t memory_current; /**< bytes */
    uint64_t memory_peak;    /**< bytes, the most that there has been (v2: Linux 5.19) */
    uint64_t memory_limit;   /**< bytes; SCRATCH_LIMIT_UNLIMITED */
    uint64_t memory_anon;    /**< bytes of it: the processes' own */
    uint64_t memory_file;    /**< bytes of it: of files, which can be read again */
    uint64_t memory_shmem;   /**< bytes of these: shared memory and tmpfs */
    uint64_t memory_kernel;  /**< bytes of it: the kernel's, for them (v2: Linux 5.18) */
    uint64_t memory_sock;    /**< bytes of it: the network's */
    uint64_t memory_swap;    /**< bytes in swap */
    uint64_t memory_hits;    /**< how often the limit was hit */
    uint64_t memory_kills;   /**< how many processes were killed: out of memory */

    uint64_t cpu_usage;          /**< microseconds of processor time */
    uint64_t cpu_user;           /**< of it: in programs */
    uint64_t cpu_system;         /**< of it: in the kernel */
    uint64_t cpu_periods;        /**< periods of the quota in which something ran */
    uint64_t cpu_throttled;      /**< of them: in which it was held back */
    uint64_t cpu_throttled_time; /**< microseconds for which it was held back */

    uint64_t pids_current; /**< processes and threads */
    uint64_t pids_peak;    /**< the most that there have been (Linux 6.1) */
    uint64_t pids_limit;   /**< SCRATCH_LIMIT_UNLIMITED */
    uint64_t pids_hits;    /**< how often one more was refused */

    uint64_t io_read_bytes;  /**< from block devices; what is read from memory does not count */
    uint64_t io_write_bytes; /**< to block devices */
    uint64_t io_reads;       /**< operations */
    uint64_t io_writes;      /**< operations */

    struct scratch_pressure cpu_some;    /**< some process waited for a processor */
    struct scratch_pressure memory_some; /**< for memory to be reclaimed */
    struct scratch_pressure memory_full; /**< all did */
    struct scratch_pressure io_some;     /**< for a block device */
    struct scratch_pressure io_full;     /**< all did */
};

/**
 * Read a group's figures.
 *
 * @param figures  filled; its @p size is set by the caller, as sizeof *figures
 * @return 0; -EINVAL: the size; -ENODEV: the group has been removed
 *
 * Thread-safe. Since 0.1.
 */
int scratch_cgroup_figures(const scratch_cgroup *group, struct scratch_cgroup_figures *figures,
                           struct scratch_error *err);

/**
 * Visit all groups below one, those above before those below, each path once however many
 * hierarchies have it.
 *
 * @param path   where to begin, below the roots; NULL or "": everywhere
 * @param visit  called with a path, and whether it is a container's own group; what it returns
 *               ends the walk when it is not 0, and is returned
 * @return 0, what @p visit returned, or -ENOMEM
 *
 * Thread-safe. Since 0.1.
 */
int scratch_cgroup_walk(const char *path,
                        int (*visit)(const char *path, bool container, void *argument),
                        void *argument, struct scratch_error *err);

/** What happens to a group: bits. Since 0.1. */
enum scratch_cgroup_event {
    SCRATCH_EVENT_MEMORY_KILL = 1,  /**< processes were killed, for memory ran out */
    SCRATCH_EVENT_MEMORY_LIMIT = 2, /**< the limit of memory was hit (v2) */
    SCRATCH_EVENT_MEMORY_HIGH = 4,  /**< the high mark of memory was passed (v2) */
    SCRATCH_EVENT_PIDS_LIMIT = 8,   /**< a process more was refused */
    SCRATCH_EVENT_EMPTY = 16,       /**< the last process has ended (v2 and hybrid) */
    SCRATCH_EVENT_PRESSURE = 32,    /**< waiting has passed a threshold (v2, hybrid; PSI) */
};

/** A threshold of pressure. Since 0.1. */
struct scratch_pressure_threshold {
    const char *resource; /**< "cpu", "memory" or "io"; NULL: none */
    bool full;            /**< all processes wait, rather than some */
    uint64_t stall;       /**< microseconds of waiting */
    uint64_t window;      /**< in so many microseconds, 500000 to 10000000; an ordinary user's
                               is a multiple of 2000000 */
};

/** What is to be watched, and how far it can be. */
typedef struct scratch_cgroup_watch scratch_cgroup_watch;

/**
 * Watch a group: its file descriptor becomes readable when something has happened.
 *
 * @param threshold  of pressure; NULL: none
 * @param watch      free it with scratch_cgroup_watch_free()
 * @return the events that can come, as bits: what the kernel or the version lacks is not among
 *         them; or -ENOMEM, -EMFILE, -EINVAL: a threshold that the kernel refuses
 *
 * Thread-safe. Since 0.1.
 */
int scratch_cgroup_watch_open(const scratch_cgroup *group,
                              const struct scratch_pressure_threshold *threshold,
                              scratch_cgroup_watch **watch, struct scratch_error *err);

/** The one to poll(2) for POLLIN; it belongs to the watch. Thread-safe. Since 0.1. */
int scratch_cgroup_watch_fd(const scratch_cgroup_watch *watch);

/**
 * Tell what has happened since the last call. It does not wait.
 *
 * @param happened  called for each kind of event, with how often it came about
 * @return the events, as bits; or 0: none
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_cgroup_watch_read(scratch_cgroup_watch *watch,
                              void (*happened)(enum scratch_cgroup_event event, uint64_t count,
                                               void *argument),
                              void *argument);

/** Stop watching. NULL is fine. Thread-safe for different ones. Since 0.1. */
void scratch_cgroup_watch_free(scratch_cgroup_watch *watch);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
