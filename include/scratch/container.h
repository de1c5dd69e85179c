/* SPDX-License-Identifier: MIT */
/**
 * @file container.h
 * Containers that stay: found again by name, from any process, until they are deleted.
 *
 * A spec with scratch_spec.keep leaves a record of each container that it starts: a directory
 * ROOT/ID with `state.json`, the log, and the exit status once there is one. Whoever may read it
 * can open the container by its id:
 *
 *     struct scratch_keep_options keep = SCRATCH_KEEP_OPTIONS_INIT;
 *     spec.keep = &keep;
 *     options.id = "web";
 *     scratch_plan_start(plan, &options, &container, &err);
 *     …
 *     scratch_container_open(NULL, "web", &container, &err); // another program, later
 *     scratch_container_stop(container, 10000, &err);
 *     scratch_container_delete(container, false, &err);
 *
 * No process of libscratch's waits outside: what is known of a container is read from its record
 * and from the kernel. A process is known by its id and the time at which it was started, so that
 * an id that is used again is not taken for it.
 */
#ifndef SCRATCH_CONTAINER_H
#define SCRATCH_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <scratch/cgroup.h>
#include <scratch/error.h>
#include <scratch/plan.h>
#include <scratch/process.h>
#include <scratch/terminal.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** A handle: what scratch_plan_start() and scratch_container_open() give. See <scratch/plan.h>. */
typedef struct scratch_container scratch_container;

/** What is to be remembered of a container. All is borrowed until the plan has been compiled. */
struct scratch_keep_options {
    size_t size;        /**< sizeof(struct scratch_keep_options) */
    const char *root;   /**< the directory of the records, an absolute path, made if missing; NULL:
                             /run/libscratch, or for an ordinary user $XDG_RUNTIME_DIR/libscratch */
    bool wait;          /**< scratch_plan_start() returns when all is ready but the command, which
                             waits for scratch_container_start(), and outlives its creator: so
                             scratch_process_options.die_with_parent cannot be */
    bool log;           /**< standard output and error go to a file of the record's, standard input
                             is empty. With a terminal, which scratch_process_options.init has to
                             hold the other end of, that is what it shows, and no key is pressed */
    bool remove;        /**< the record goes when the container has ended: with
                             scratch_container_wait() of who started it, or with a scratch_sweep() */
    const char *bundle; /**< path of an OCI bundle; NULL: none */
    const char *const *annotations; /**< KEY=VALUE, ends with NULL; NULL: none */
    const char *data; /**< any text that the caller wants back; NULL: none. 256 KiB at most */
    int stop_signal;  /**< by which scratch_container_stop() asks it to end; 0: SIGTERM */
    bool groups; /**< its control groups stay with the record, until scratch_container_delete() */
    bool notify; /**< with a directory "notify" in the record: who makes a socket "notify.sock" in
                      it, and has the directory mounted inside, hears sd_notify(3) by it */
};

#define SCRATCH_KEEP_OPTIONS_INIT                                                                  \
    {                                                                                              \
        sizeof(struct scratch_keep_options), NULL, false, false, false, NULL, NULL, NULL, 0,       \
            false, false                                                                           \
    }

/** Where a container is in its life. */
enum scratch_status {
    SCRATCH_STATUS_CREATING, /**< its starter is at work */
    SCRATCH_STATUS_CREATED,  /**< it waits for scratch_container_start() */
    SCRATCH_STATUS_RUNNING,
    SCRATCH_STATUS_PAUSED,
    SCRATCH_STATUS_STOPPED,
};

/** The word for a status, as the OCI runtime specification has it. Thread-safe. Since 0.1. */
const char *scratch_status_name(enum scratch_status status);

/** What is known of a container. Strings and arrays live as long as its handle. */
struct scratch_container_state {
    size_t size; /**< sizeof(struct scratch_container_state) */
    enum scratch_status status;
    const char *id;
    const char *root;    /**< the directory that its record is in */
    uid_t owner;         /**< who started it */
    pid_t pid;           /**< of its first process; 0 once it has ended */
    uint64_t start_time; /**< of that process, in clock ticks since the machine's start */
    int exit_status;     /**< 128 + n for signal n; -1: not ended, or nobody has recorded it */
    int64_t created;     /**< nanoseconds since 1970 */
    int64_t ended;       /**< the same; 0: not known */
    const char *rootfs;  /**< path on the host; "" for the host's own tree */
    const char *bundle;  /**< as it was given, or NULL, as are the next three */
    const char *const *annotations;
    const char *data;
    const char *const *command; /**< its command line, ends with NULL */
    const char *const *cgroups; /**< paths of its groups' directories, ends with NULL */
    const char *cgroup;         /**< its group, for scratch_cgroup_open(); NULL: it has none */
    bool log;                   /**< it has one: scratch_container_log() */
    bool terminal;              /**< its command has a terminal */
    bool remove;                /**< as scratch_keep_options.remove */
    int stop_signal;            /**< as scratch_keep_options.stop_signal, but never 0 */
    struct scratch_container_oom
        oom; /**< of one that has not ended well: scratch_container_oom() */
};

#define SCRATCH_CONTAINER_STATE_INIT                                                               \
    {                                                                                              \
        sizeof(struct scratch_container_state), SCRATCH_STATUS_CREATING, NULL, NULL, 0, 0, 0, -1,  \
            0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, false, false, 15,               \
        {                                                                                          \
            0, 0, 0, ""                                                                            \
        }                                                                                          \
    }

/**
 * Open a container by its id. Root can open another user's, to look at it alone: what its record
 * says is that user's word, and all that would act on it is refused with -EPERM.
 *
 * @param root       the directory of its record; NULL: where scratch_keep_options has it by default
 * @param container  the handle, also for scratch_container_pidfd(), _pid(), _signal() and _wait();
 *                   free it with scratch_container_free()
 * @return 0; -ENOENT: there is no such container; -EINVAL: its record cannot be read, or is from a
 *         newer version (the error names the file); -EPERM: the directory is open to other users
 *
 * Thread-safe. Since 0.1.
 */
int scratch_container_open(const char *root, const char *id, scratch_container **container,
                           struct scratch_error *err);

/**
 * Look at a container: its record, and what the kernel says at this moment.
 *
 * @param state  begin with SCRATCH_CONTAINER_STATE_INIT; filled in. What it points to is the
 *               handle's, until this is called again
 * @return 0; -EINVAL: the container has no record; -ENOENT: it has been deleted
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_state(scratch_container *container, struct scratch_container_state *state,
                            struct scratch_error *err);

/**
 * List containers.
 *
 * @param root   of those in one directory; NULL: of all that the caller may read, whoever started
 *               them: in the default directory, in others that containers were started in since,
 * and for root in those of all users
 * @param visit  called for each, in order of their ids in each directory, with @p data. What it is
 *               given is gone when it returns. @p broken is NULL, or says why a record cannot be
 *               read, and then only id, root and owner of @p state are known. It returns 0 to go
 *               on; anything else ends the list
 * @return 0, or what @p visit returned; -ENOENT: @p root is not there
 *
 * Thread-safe. Since 0.1.
 */
int scratch_container_list(const char *root,
                           int (*visit)(const struct scratch_container_state *state,
                                        const struct scratch_error *broken, void *data),
                           void *data, struct scratch_error *err);

/**
 * Let a created container's command run. Returns when it has been executed, or why it was not: the
 * container has ended then, and its record stays until it is deleted.
 *
 * @return 0; -EINVAL: it does not wait (any more); -ESRCH: it has ended; or the failed step's
 *         -errno: -ENOENT: the command is not found
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_start(scratch_container *container, struct scratch_error *err);

/** What a process more has of the container's own: bits. */
enum scratch_exec_inherit {
    SCRATCH_EXEC_USER = 1,         /**< user and groups */
    SCRATCH_EXEC_CAPABILITIES = 2, /**< capabilities, ambient ones, and no_new_privs */
    SCRATCH_EXEC_CONFINEMENT = 4,  /**< system call filter, Landlock's rules, labels */
    SCRATCH_EXEC_LIMITS = 8,       /**< rlimits and umask */
    SCRATCH_EXEC_ALL = 15,
};

/** A process more in a container. All is borrowed until scratch_container_exec() returns. */
struct scratch_exec_options {
    size_t size;                                   /**< sizeof(struct scratch_exec_options) */
    const struct scratch_process_options *process; /**< what to run; must be given */
    const struct scratch_terminal_options
        *terminal;      /**< it gets one of the container's, with the container's devpts */
    unsigned inherit;   /**< of enum scratch_exec_inherit: what is as the container has it, whatever
                             @ref process says; env and cwd are, too, where that has none */
    bool ignore_paused; /**< in a paused container it waits until that goes on; else -EBUSY */

    /**
     * Groups below the container's that it is in, and that are there: PATH in every hierarchy, or
     * CONTROLLER[,CONTROLLER...]:PATH in those of some on v1; "/" is the container's own. Ends with
     * NULL. NULL: the container's own; or on v2, where that has handed controllers down and takes
     * no process any more, the group of its first process.
     */
    const char *const *cgroups;

    /**
     * Where a rule of the container's filter asks, this process asks a listener of its own:
     * scratch_container_seccomp_fd(). Else it is told ENOSYS.
     */
    bool listen;
};

#define SCRATCH_EXEC_OPTIONS_INIT                                                                  \
    {                                                                                              \
        sizeof(struct scratch_exec_options), NULL, NULL, SCRATCH_EXEC_ALL, false, NULL, false      \
    }

/**
 * Run a process in a container that runs, or waits to be started: in all its namespaces, its group
 * and its root.
 *
 * @param options  what
 * @param start    standard streams, environment, open files to hand over; NULL: the defaults
 * @param process  a handle of the process: pidfd, terminal, wait, signal. It is the caller's child,
 *                 to be waited for before the container is: a pid namespace ends when all of its
 *                 processes have been waited for
 * @return as scratch_plan_start(); -ESRCH: the container has ended; -EBUSY: it is paused;
 *         -EPERM: it is another user's; -EINVAL: one of the groups is not below the container's
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_exec(scratch_container *container, const struct scratch_exec_options *options,
                           const struct scratch_start_options *start, scratch_container **process,
                           struct scratch_error *err);

/**
 * The processes in a container, those in groups and namespaces below it too: of its group where it
 * has one, else of its pid namespace.
 *
 * @param pids   an array that the caller owns, as the caller sees them; may be NULL
 * @param count  in: its length; out: how many there are, which may be more
 * @return 0; -EINVAL: it has neither; -ENOMEM
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_processes(scratch_container *container, pid_t *pids, size_t *count,
                                struct scratch_error *err);

/**
 * Send a signal to every process of a container.
 *
 * @return 0; -ESRCH: there is none; -EINVAL: no such signal, or as scratch_container_processes()
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_kill_all(scratch_container *container, int signal, struct scratch_error *err);

/**
 * End a container: SIGTERM (scratch_keep_options.stop_signal) to its first process, and SIGKILL
 * when it still runs after a time. One that is paused goes on first; one that was created and not
 * started is killed at once.
 *
 * @param timeout  milliseconds; 0: SIGKILL at once; negative: no end of patience
 * @return 0, also when it had ended before; -EPERM
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_stop(scratch_container *container, int timeout, struct scratch_error *err);

/**
 * Freeze all processes of a container, until scratch_container_resume(): scratch_cgroup_freeze().
 *
 * @return 0; -ESRCH: it does not run; -ENOTSUP: it has no group that can be frozen
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_pause(scratch_container *container, struct scratch_error *err);

/**
 * Let them run again; not paused is fine.
 *
 * @return as scratch_container_pause()
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_resume(scratch_container *container, struct scratch_error *err);

/**
 * Change a container's limits; what is not set in @p limits stays: scratch_cgroup_set().
 *
 * @return 0; -ESRCH: it has ended; -ENOTSUP: it has no group; or as scratch_cgroup_set()
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_update(scratch_container *container,
                             const struct scratch_cgroup_options *limits,
                             struct scratch_error *err);

/**
 * Remove what there is of a container that has ended: its groups, with any process that is still
 * in them, and its record. The handle stays to be freed.
 *
 * @param force  kill it first when it still runs
 * @return 0; -EBUSY: it runs; -ENOENT: it has been deleted; -EINVAL: it has no record
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_delete(scratch_container *container, bool force, struct scratch_error *err);

/**
 * Open a container's log: what its command has written so far, to read.
 *
 * @return an fd, the caller's to close; -ENOENT: it has none
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_log(scratch_container *container, struct scratch_error *err);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
