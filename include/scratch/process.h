/* SPDX-License-Identifier: MIT */
/**
 * @file process.h
 * The process that runs inside: who it is, what it may do, what it executes.
 */
#ifndef SCRATCH_PROCESS_H
#define SCRATCH_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/resource.h>
#include <scratch/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** The bit of a capability: SCRATCH_CAP(CAP_NET_ADMIN), with capability numbers of
 * <linux/capability.h>. */
#define SCRATCH_CAP(number) (UINT64_C(1) << (number))

/**
 * The capabilities that a container's root has by default: CHOWN, DAC_OVERRIDE, FOWNER, FSETID,
 * KILL, NET_BIND_SERVICE, SETFCAP, SETGID, SETPCAP, SETUID, SYS_CHROOT. The same as podman's.
 */
#define SCRATCH_CAP_DEFAULT UINT64_C(0x800405fb)

/** Every capability that the caller has. */
#define SCRATCH_CAP_ALL UINT64_MAX

/**
 * The system call filter.
 *
 * The default profile allows what ordinary programs call. Calls that reach the host, make
 * namespaces, mount, or use keyrings, io_uring or bpf give EPERM; a capability opens those that it
 * is for (CAP_SYS_ADMIN: mount(2), unshare(2), …). clone3(2), whose flags a filter cannot see, and
 * calls newer than the profile give ENOSYS, so that C libraries take their older way. Programs of
 * another architecture (32 bits, x32) do not run under it.
 */
enum scratch_seccomp {
    SCRATCH_SECCOMP_DEFAULT =
        0,                   /**< libscratch's profile, with the parts that the capabilities need */
    SCRATCH_SECCOMP_NONE,    /**< unconfined */
    SCRATCH_SECCOMP_FILTER,  /**< a filter of the caller's own */
    SCRATCH_SECCOMP_PROFILE, /**< the profile in a file: seccomp_profile */
};

/** One limit: setrlimit(2). */
struct scratch_rlimit {
    int resource; /**< RLIMIT_* */
    uint64_t soft;
    uint64_t hard;
};

/** The caller's own oom_score_adj stays. */
#define SCRATCH_OOM_SCORE_KEEP INT32_MIN
/** What a Landlock rule grants on a path, and on all below it. */
#define SCRATCH_LANDLOCK_READ    1u /**< read files, list directories */
#define SCRATCH_LANDLOCK_WRITE   2u /**< write, make, remove, rename */
#define SCRATCH_LANDLOCK_EXECUTE 4u /**< execute files */

/** A path in the container, and what may be done there: landlock(7). */
struct scratch_landlock_rule {
    const char *path;
    unsigned access; /**< SCRATCH_LANDLOCK_READ, _WRITE, _EXECUTE */
};

/** What a Landlock rule grants on a TCP port. */
#define SCRATCH_LANDLOCK_BIND    1u
#define SCRATCH_LANDLOCK_CONNECT 2u

/** A TCP port, and what may be done with it: landlock(7), since Linux 6.7. */
struct scratch_landlock_port {
    uint16_t port;
    unsigned access; /**< SCRATCH_LANDLOCK_BIND, _CONNECT */
};

/** Sets of SCRATCH_CAP() bits, as execve(2) is called with them: capabilities(7). */
struct scratch_capability_sets {
    uint64_t permitted;
    uint64_t effective;
    uint64_t inheritable;
};

/** How the kernel runs it: what is not set stays the caller's. */
struct scratch_schedule {
    bool has_policy;   /**< policy, nice, priority, flags, runtime, deadline and period are given */
    int policy;        /**< SCHED_*: sched(7) */
    int nice;          /**< SCHED_OTHER and SCHED_BATCH: -20 to 19 */
    unsigned priority; /**< SCHED_FIFO and SCHED_RR: 1 to 99 */
    uint64_t flags;    /**< SCHED_FLAG_* of sched_setattr(2) */
    uint64_t runtime;  /**< SCHED_DEADLINE: nanoseconds, as the next two */
    uint64_t deadline;
    uint64_t period;
    int io_priority;         /**< IOPRIO_PRIO_VALUE() of ioprio_set(2); -1: not set */
    int64_t personality;     /**< personality(2); -1: not set */
    int memory_policy;       /**< MPOL_* with its flags: set_mempolicy(2); -1: not set */
    uint64_t nodes[4];       /**< of that: a bit for each memory node */
    const char *cpus_before; /**< CPUs that it may run on before it is in its control group:
                                  "0-3,7", as in cpuset(7); NULL: those of the caller */
    const char *cpus;        /**< the same from then on */
};

#define SCRATCH_SCHEDULE_INIT                                                                      \
    {                                                                                              \
        false, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, {0, 0, 0, 0}, NULL, NULL                           \
    }

/** The process of a spec. */
struct scratch_process_options {
    size_t size;             /**< sizeof(struct scratch_process_options) */
    const char *const *argv; /**< ends with NULL; argv[0] is looked up in the container's PATH */
    const char *const *env;  /**< NAME=VALUE, ends with NULL; NULL: PATH, HOME and TERM */
    const char *cwd;         /**< working directory inside, an absolute path; NULL: "/" */
    uid_t uid;               /**< in a new user namespace, an id that is mapped there */
    gid_t gid;
    const gid_t *groups; /**< supplementary groups */
    size_t group_count;
    uint64_t
        capabilities;    /**< SCRATCH_CAP() bits: bounding, and for uid 0 permitted and effective */
    uint64_t ambient;    /**< of those, the ones that a user other than 0 keeps over exec */
    bool new_privileges; /**< let setuid programs work: without it, no_new_privs is set */
    enum scratch_seccomp seccomp;
    const void *filter;  /**< SCRATCH_SECCOMP_FILTER: an array of struct sock_filter */
    size_t filter_count; /**< its instructions */
    const struct scratch_rlimit *rlimits; /**< a hard limit is raised by CAP_SYS_RESOURCE only */
    size_t rlimit_count;
    mode_t umask;         /**< of the command */
    bool init;            /**< scratch-init stays as pid 1, reaps and hands on signals */
    bool die_with_parent; /**< SIGKILL when the thread that started it ends */
    int oom_score_adj;    /**< -1000 (never killed) to 1000: proc(5); SCRATCH_OOM_SCORE_KEEP */
    int follow_pidfd;     /**< SIGKILL when this process ends, which scratch-init sees to; -1 */

    /**
     * SCRATCH_SECCOMP_PROFILE: the path of a profile in JSON, as docker and podman take it, or as
     * linux.seccomp of the OCI runtime specification has it. Its parts that depend on capabilities
     * follow those that the command has. Calls that libseccomp does not know are passed over;
     * actions, operators, architectures and members that libscratch does not know are errors. A
     * compiled filter is kept in /var/cache/libscratch (root), $XDG_CACHE_HOME/libscratch or
     * ~/.cache/libscratch, by the profile's content.
     */
    const char *seccomp_profile;
    uint32_t filter_flags; /**< SCRATCH_SECCOMP_FILTER: SECCOMP_FILTER_FLAG_LOG, _SPEC_ALLOW,
                                _NEW_LISTENER: see scratch_container_seccomp_fd() */

    /**
     * With any rule, what no rule grants is refused: of files reading, writing and executing, of
     * TCP ports binding and connecting. The command's own file, its interpreter and libraries are
     * files like others. Not refused are: looking at names and attributes, changing modes and
     * owners, what is done with an open file, device ioctls.
     */
    const struct scratch_landlock_rule *landlock;
    size_t landlock_count;
    const struct scratch_landlock_port *landlock_ports;
    size_t landlock_port_count;
    bool landlock_best_effort; /**< refuse what this kernel can; else it is an error to ask for
                                    what it cannot */

    const char *apparmor_profile; /**< the command's; "unconfined"; NULL: as the policy says */
    const char *selinux_label; /**< the command's: USER:ROLE:TYPE:LEVEL; NULL: as the policy says */
    /**
     * Who the command is, in place of @ref uid, @ref gid and @ref groups: "USER" or "USER:GROUP",
     * each a name or a number, which are looked up in the container's /etc/passwd and /etc/group
     * when it starts. Only digits are a number. Without GROUP it has the group that passwd(5) says,
     * and the groups that have it as a member; a number that is not in the file has group 0. HOME
     * is the user's own where @ref env has none. NULL: the numbers.
     */
    const char *user;
    const char *const *group_names; /**< more groups, names or numbers; needs @ref user */
    size_t group_name_count;
    /**
     * The sets other than bounding (@ref capabilities) and @ref ambient, one by one. What the
     * caller does not have is left out of all, with a warning: scratch_plan_warning(). NULL: as is
     * said above.
     */
    const struct scratch_capability_sets *capability_sets;
    bool make_cwd;  /**< the working directory is made where it is missing, with mode 0755 */
    bool early_cwd; /**< the working directory may be one that the command's user cannot enter: it
                         is gone to before, when that is possible */
    bool find_home; /**< where @ref env has no HOME, it is what the container's /etc/passwd says of
                         @ref uid, if anything */
    bool new_keyring; /**< a session keyring of its own: keyrings(7). Where the kernel has none, it
                           is left out */
    const struct scratch_schedule *schedule; /**< NULL: the caller's */
    bool new_session; /**< a session of its own, also without a terminal: setsid(2). Then it is not
                           stopped or interrupted with the caller's */
    bool keep_groups; /**< the caller's supplementary groups stay, and @ref groups are not set */
};

#define SCRATCH_PROCESS_OPTIONS_INIT                                                               \
    {                                                                                              \
        sizeof(struct scratch_process_options), NULL, NULL, NULL, 0, 0, NULL, 0,                   \
            SCRATCH_CAP_DEFAULT, 0, false, SCRATCH_SECCOMP_DEFAULT, NULL, 0, NULL, 0, 022, true,   \
            false, SCRATCH_OOM_SCORE_KEEP, -1, NULL, 0, NULL, 0, NULL, 0, false, NULL, NULL, NULL, \
            NULL, 0, NULL, false, false, false, false, NULL, false, false                          \
    }

/**
 * The number of a capability, by its name in capabilities(7), with or without "CAP_", in either
 * case.
 *
 * @return 0 or more; -EINVAL: no such capability
 *
 * Thread-safe. Since 0.1.
 */
int scratch_capability_from_name(const char *name, struct scratch_error *err);

/**
 * The name of a capability ("CAP_CHOWN"), or "CAP_41" for a number without one.
 *
 * @return as snprintf(3)
 *
 * Thread-safe. Since 0.1.
 */
int scratch_capability_name(int number, char *name, size_t size);

/**
 * Set no_new_privs and load the default system call filter in the calling thread; what it executes
 * inherits both: seccomp(2).
 *
 * @param capabilities  SCRATCH_CAP() bits that the filter makes room for
 * @return 0; -EINVAL: no seccomp in this kernel; -ENOSYS: @p capabilities need a filter that
 *         libseccomp has to build, and it is not installed
 *
 * Changes the calling thread. Since 0.1.
 */
int scratch_seccomp_self(uint64_t capabilities, struct scratch_error *err);

/**
 * Reduce the calling thread's capabilities to those given, in all five sets: capabilities(7). What
 * stays permitted becomes effective.
 *
 * @return 0; -EPERM: something would have to leave the bounding set, and that takes CAP_SETPCAP
 *
 * Changes the calling thread. Since 0.1.
 */
int scratch_capabilities_self(uint64_t capabilities, struct scratch_error *err);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
