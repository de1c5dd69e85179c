/* SPDX-License-Identifier: MIT */
/**
 * @file plan.h
 * posix_spawn(3) for containers: spec, plan, container.
 *
 * A spec is plain data: what you want. Compiling it gives a plan: a flat list of steps, which can
 * be printed, and started as often as you like, from several threads at once. Starting gives a
 * container: a pidfd, for your own poll loop.
 *
 *     const char *const argv[] = {"ps", "-ef", NULL};
 *     struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
 *     struct scratch_spec spec = SCRATCH_SPEC_INIT;
 *     process.argv = argv;
 *     spec.process = &process;
 *     int status = scratch_run(&spec, NULL, &err);
 */
#ifndef SCRATCH_PLAN_H
#define SCRATCH_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <scratch/cgroup.h>
#include <scratch/error.h>
#include <scratch/hook.h>
#include <scratch/mount.h>
#include <scratch/namespace.h>
#include <scratch/network.h>
#include <scratch/process.h>
#include <scratch/rootfs.h>
#include <scratch/terminal.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct scratch_keep_options; /* <scratch/container.h> */

/**
 * What you want. Everything is borrowed until scratch_plan_compile() returns.
 *
 * A relative path on the host counts from the caller's working directory, as it is when the plan is
 * compiled, and again at each start: do not change it between them, or give absolute paths.
 */
struct scratch_spec {
    size_t size;                                        /**< sizeof(struct scratch_spec) */
    const struct scratch_namespace_options *namespaces; /**< NULL: the defaults */
    const struct scratch_rootfs_options *rootfs;        /**< NULL: the host's own tree */
    const struct scratch_mount *mounts;                 /**< mounted last, in this order */
    size_t mount_count;
    const struct scratch_cgroup_options *cgroup;     /**< NULL: no limits */
    const struct scratch_process_options *process;   /**< what to run; must be given */
    const struct scratch_terminal_options *terminal; /**< NULL: the caller's streams, as they are */
    const struct scratch_network_options *network;   /**< NULL: what the namespaces have */
    const struct scratch_keep_options *keep; /**< <scratch/container.h>; NULL: nothing is kept */
    bool oci_mounts; /**< the mounts' options are in the words of the OCI runtime specification
                          (config.md, "Linux mount options"): "ro" and the like are of the mount
                          itself, those of its whole tree begin with "r"; a bind's type is not
                          looked at, and of words that its file system would have, those with a
                          value are passed over; and missing targets are made, in any root.
                          "idmap=uids=DISK-HERE-COUNT;gids=…" is a map of the mount's own ("#"
                          between its lines, "@" before one whose second id is the container's);
                          "copy-symlink": of a source that is a link, the link */
    const struct scratch_hook_options *hooks; /**< NULL: none. Those of the points up to
                                                   SCRATCH_HOOK_START_CONTAINER are steps */
};

#define SCRATCH_SPEC_INIT                                                                          \
    {                                                                                              \
        sizeof(struct scratch_spec), NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, false,     \
            NULL                                                                                   \
    }

/** What will be done. Immutable: any number of threads may use one plan at once. */
typedef struct scratch_plan scratch_plan;

/**
 * Compile a spec into a plan. Everything that can be slow, or needs another library, or can be
 * found wrong without trying, happens here; no process is made and nothing is mounted.
 *
 * An ordinary user (without CAP_SYS_ADMIN) gets a user namespace besides those asked for.
 *
 * @param plan  the result; free it with scratch_plan_free()
 * @return 0; -EINVAL: a bad value (the error's subject and hint say which and why); -ENOENT: a
 *         path that must exist does not; -ENOMEM; -ENOSYS: a library or kernel feature is missing
 *
 * Thread-safe. Since 0.1.
 */
int scratch_plan_compile(const struct scratch_spec *spec, scratch_plan **plan,
                         struct scratch_error *err);

/**
 * Free a plan; containers that it started go on. NULL is fine.
 *
 * Thread-safe for different plans. Since 0.1.
 */
void scratch_plan_free(scratch_plan *plan);

/**
 * What will not be quite as asked, and is no reason not to start: a memory limit above that of the
 * group above. Written as an error is: scratch_error_format(); its errnum is 0.
 * @param index    counted from 0
 * @param warning  filled in
 * @return 0; -ERANGE: there are not that many
 * Thread-safe. Since 0.1.
 */
int scratch_plan_warning(const scratch_plan *plan, size_t index, struct scratch_error *warning);

/** One step, to look at. Strings live as long as the plan. */
struct scratch_step {
    unsigned number;        /**< counted from 1 */
    enum scratch_side side; /**< where it runs */
    const char *name;       /**< of its kind: "mount", "pivot-root" */
    const char *what;       /**< what it does here: "mount proc on /proc" */
    const char *call;       /**< the system call */
    const char *why;        /**< a sentence */
    const char *shell;      /**< the command that would do the same, or "" */
    const char *undo;       /**< what takes it back, or "" */
    bool best_effort;       /**< a failure is passed over */
};

/** How many steps a plan has. Thread-safe. Since 0.1. */
size_t scratch_plan_count(const scratch_plan *plan);

/**
 * Look at one step.
 *
 * @param index  counted from 0
 * @param step   filled in
 * @return 0; -ERANGE: there are not that many; -ENOMEM
 *
 * Thread-safe. Since 0.1.
 */
int scratch_plan_step(const scratch_plan *plan, size_t index, struct scratch_step *step);

/**
 * The plan as text for people: each step, the system call it makes, why it is there, the shell
 * command that would do the same.
 *
 * @return a string to free(3), or NULL when there is no memory
 *
 * Thread-safe. Since 0.1.
 */
char *scratch_plan_explain(const scratch_plan *plan);

/**
 * The plan as JSON: an object with the member "steps", an array with every step's number, side,
 * name, call, what, why, shell, undo, best_effort and arguments. What only a start will say is
 * named in capitals: "libscratch-ID".
 *
 * @return a string to free(3), or NULL when there is no memory
 *
 * Thread-safe. Since 0.1.
 */
char *scratch_plan_json(const scratch_plan *plan);

struct winsize; /* <sys/ioctl.h> */

/** What differs between two starts of one plan. */
struct scratch_start_options {
    size_t size;    /**< sizeof(struct scratch_start_options) */
    const char *id; /**< the container's name, and its group's: 1 to 128 letters, digits, '_', '.'
                         and '-', with a letter or digit first; NULL: one is made up */
    int stdin_fd;   /**< standard streams of the command; -1: the caller's */
    int stdout_fd;
    int stderr_fd;
    const char *upper; /**< other upper and work directories, for a plan that has its own */
    const char *work;
    const char *hostname;   /**< another host name, for a plan that sets one */
    const char *const *env; /**< NAME=VALUE, added to the plan's, ends with NULL */
    unsigned fail_step;     /**< make this step (from 1) fail, to test what happens then; 0: none */
    int fail_errno;         /**< with this errno */
    const int *fds;         /**< open files that become the command's 3, 4, and so on */
    size_t fd_count;        /**< at most 1024; no other file of the caller's reaches the command */
    const struct winsize
        *window;   /**< size of the terminal, for a plan with one; NULL: the plan's */
    bool in_place; /**< where the plan allows it, without scratch-init: see scratch_plan_start() */
};

#define SCRATCH_START_OPTIONS_INIT                                                                 \
    {                                                                                              \
        sizeof(struct scratch_start_options), NULL, -1, -1, -1, NULL, NULL, NULL, NULL, 0, 0,      \
            NULL, 0, NULL, false                                                                   \
    }

/** What is running. One handle has one user at a time. */
typedef struct scratch_container scratch_container;

/**
 * Start a container. Returns when the command has been executed, or when a step failed, and then
 * everything done so far has been taken back.
 *
 * The calling process is left as it was: its memory, signal mask, signal handlers, umask, working
 * directory, groups and dumpable flag are not touched, and it may have any number of threads.
 *
 * With options->in_place the child walks all steps itself, in the caller's memory, and executes no
 * scratch-init: as that of posix_spawn(3) does, with raw system calls on what the plan holds. That
 * takes a tenth off a start, for programs that exist to start containers. It is done where
 *
 * - the program is executed from what nobody can write, scratch_seal_self() sees to that: the
 *   command could be a script with the interpreter /proc/self/exe, and is the program then;
 * - no process outside has a part in the start, and nobody else can be inside: with a pid namespace
 *   of its own, and without a user or time namespace, scratch_process_options.init, a terminal, a
 *   user's name, hooks, a record, or a filter that asks.
 *
 * Elsewhere the option changes nothing. The calling thread cannot be interrupted but by SIGKILL
 * then, as long as a step takes, and needs 64 KiB of stack; and the process is not dumpable
 * afterwards (PR_SET_DUMPABLE in prctl(2)), lest another container that sees the host's processes
 * traces the child, and has the caller's memory.
 *
 * The child is the caller's, with exit signal SIGCHLD: a caller that ignores SIGCHLD, or calls
 * waitpid(-1), may take the status, and scratch_container_wait() returns -ECHILD then.
 *
 * @param options    NULL: the defaults
 * @param container  the handle; end it with scratch_container_wait() and scratch_container_free()
 * @return 0, or the failed step's -errno; -EBUSY: the upper directory is in use; -EEXIST: the id
 *         is taken
 *
 * Thread-safe. Since 0.1.
 */
int scratch_plan_start(const scratch_plan *plan, const struct scratch_start_options *options,
                       scratch_container **container, struct scratch_error *err);

/**
 * Execute this program again, from a copy in memory that nobody can write (a sealed memfd), unless
 * it is executed from one already. Who starts containers in place calls it first of all in main():
 * it begins there again, with the same arguments, environment and open files (those that are not
 * close-on-exec). Other threads end, and capabilities that the program's file gives are not given
 * again. Follows memfd_create(2) and execveat(2).
 *
 * @param argv  as main() got it
 * @return 0: it is executed from such a copy; else -errno, and nothing has changed
 *
 * Changes the calling process. Since 0.1.
 */
int scratch_seal_self(char *const argv[], struct scratch_error *err);

/**
 * The container's first process. Readable (POLLIN) when it has ended. It belongs to the handle.
 *
 * @return an fd, close-on-exec
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_pidfd(const scratch_container *container);

/** The same process's id, as the caller sees it. One handle has one user at a time. Since 0.1. */
pid_t scratch_container_pid(const scratch_container *container);

/**
 * The master of the container's terminal; it belongs to the handle. Reading it gives EIO once no
 * process inside has the terminal open any more, and everything has been read; a handle that is
 * freed hangs the terminal up.
 *
 * Read it while waiting for the container, or the command waits once the terminal is full; and once
 * more, until EIO or (O_NONBLOCK) EAGAIN, when scratch_container_pidfd() says that it has ended:
 * what was written last is still there.
 *
 * @return an fd, close-on-exec and blocking; -1: the spec had no terminal
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_terminal(const scratch_container *container);

/**
 * Where the system call filter asks: seccomp_unotify(2). Readable (POLLIN) when a process inside
 * waits for the answer to a call whose rule is SCMP_ACT_NOTIFY; to be read and answered with
 * ioctl(2), SECCOMP_IOCTL_NOTIF_RECV and _SEND. It belongs to the handle: once that is freed, such
 * calls fail with ENOSYS; dup(2) it to keep it longer.
 *
 * Calls of scratch-init itself, the exec of the command among them, have been let go on by then:
 * the first that is asked about is the command's.
 *
 * @return an fd, close-on-exec; -1: the filter has no such rule
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_seccomp_fd(const scratch_container *container);

/**
 * The same, as the caller's own from then on, and the handle has none: for who sends it to another
 * process, which is to answer. As long as anybody has it open, a call is not told ENOSYS.
 *
 * @return an fd, to be closed; -1: the filter has no such rule, or it has been taken
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_take_seccomp(scratch_container *container);

/**
 * Readable (POLLIN) when the command has stopped, as by Ctrl-Z, and from the container's end on
 * (POLLHUP). It belongs to the handle; what to read from it, scratch_container_stopped() knows.
 *
 * @return an fd; -1: nobody tells, because there is no terminal, or scratch-init is not pid 1
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_stop_fd(const scratch_container *container);

/**
 * Whether the command has stopped since this was asked last. Send SIGCONT to the container to let
 * it go on: with a terminal, it reaches the command's whole process group.
 *
 * @return the signal that stopped it, such as SIGTSTP; 0: it has not
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_stopped(scratch_container *container);

/**
 * The container's id: given, or made up. Lives as long as the handle.
 *
 * One handle has one user at a time. Since 0.1.
 */
const char *scratch_container_id(const scratch_container *container);

/**
 * The path of its control group below the roots of the hierarchies, for scratch_cgroup_open(): what
 * a caller keeps who wants to come back to it later. On v1 the path is the same in each hierarchy.
 *
 * @param path  a buffer of @p size bytes; PATH_MAX is always enough
 * @return the length of the path, as snprintf(3) does; -ENOENT: it has no group of its own
 *
 * Thread-safe. Since 0.1.
 */
int scratch_container_cgroup(const scratch_container *container, char *path, size_t size);

/** That a container ran out of memory. Since 0.1. */
struct scratch_container_oom {
    uint64_t kills;   /**< how many of its processes the kernel has killed for it */
    uint64_t limit;   /**< its limit, in bytes; or SCRATCH_LIMIT_UNLIMITED: one above it, or none */
    pid_t pid;        /**< the last of them, in the host's numbers; 0: not known */
    char command[32]; /**< its name; "": not known */
};

/**
 * Whether processes of a container were killed because it ran out of memory. It is known when
 * scratch_container_wait() has returned another status than 0, and the container has a group of
 * the memory controller; of one that was opened by its id, at any time. Of a process more in a
 * container (scratch_container_exec()): whether any in its group were while it ran. Which process
 * it was is known where the kernel's log may be read.
 *
 * @return 1, and @p oom is filled; 0: none was
 *
 * Thread-safe. Since 0.1.
 */
int scratch_container_oom(const scratch_container *container, struct scratch_container_oom *oom);

/**
 * Send a signal to the first process: pidfd_send_signal(2).
 *
 * @return 0; -ESRCH: it has ended; -EINVAL: no such signal; -EPERM: it has become another user
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_signal(const scratch_container *container, int signal,
                             struct scratch_error *err);

/**
 * Wait until the container has ended, and take back what its start left on the host.
 *
 * The status is the result even when a control group could not be removed, because somebody has
 * moved processes into it or the container had no pid namespace. @p err says so then, with the
 * group's path; when all is clean its errnum is 0.
 *
 * @return the command's exit status, or 128 + n where a signal n ended it; -ECHILD: somebody else
 *         has taken the status (the clean-up is done all the same). Of one that was opened by its
 *         id, and is another's child: -ENODATA: nobody recorded it, for it has no init; -ENOENT: it
 *         has been deleted, or its starter is still at work
 *
 * One handle has one user at a time. Since 0.1.
 */
int scratch_container_wait(scratch_container *container, struct scratch_error *err);

/**
 * Free the handle; NULL is fine. A container that has not been waited for goes on, and what its
 * start left on the host is removed by the next scratch_sweep() after its end.
 *
 * One handle has one user at a time. Since 0.1.
 */
void scratch_container_free(scratch_container *container);

/**
 * Compile, start and wait, in one call. As with scratch_container_wait(), @p err's errnum is not 0
 * when a status is returned but something is left on the host. Not for a spec with a terminal:
 * -EINVAL.
 *
 * @return as scratch_container_wait(), or a negative number as the other two
 *
 * Thread-safe. Since 0.1.
 */
int scratch_run(const struct scratch_spec *spec, const struct scratch_start_options *options,
                struct scratch_error *err);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
