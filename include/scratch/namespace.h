/* SPDX-License-Identifier: MIT */
/**
 * @file namespace.h
 * Namespaces: what a process can see. See namespaces(7).
 *
 * In a spec, `struct scratch_namespace_options` says which namespaces the container gets anew and
 * which it joins. Called alone, the functions below do the same one step at a time:
 *
 *     scratch_namespace_unshare_self(SCRATCH_NS_UTS, &err);
 *     sethostname("demo", 4);                              // the host keeps its name
 */
#ifndef SCRATCH_NAMESPACE_H
#define SCRATCH_NAMESPACE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <scratch/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** The eight types of namespace; the values are those of CLONE_NEW* in clone(2). */
#define SCRATCH_NS_TIME   UINT64_C(0x00000080)
#define SCRATCH_NS_MNT    UINT64_C(0x00020000)
#define SCRATCH_NS_CGROUP UINT64_C(0x02000000)
#define SCRATCH_NS_UTS    UINT64_C(0x04000000)
#define SCRATCH_NS_IPC    UINT64_C(0x08000000)
#define SCRATCH_NS_USER   UINT64_C(0x10000000)
#define SCRATCH_NS_PID    UINT64_C(0x20000000)
#define SCRATCH_NS_NET    UINT64_C(0x40000000)

/** What a container gets unless it is told otherwise: all but user and time. */
#define SCRATCH_NS_DEFAULT                                                                         \
    (SCRATCH_NS_MNT | SCRATCH_NS_CGROUP | SCRATCH_NS_UTS | SCRATCH_NS_IPC | SCRATCH_NS_PID |       \
     SCRATCH_NS_NET)

/** A range of user or group ids: see user_namespaces(7), "uid_map". */
struct scratch_id_map {
    uint32_t inside;  /**< first id inside the namespace */
    uint32_t outside; /**< first id in the caller's user namespace */
    uint32_t count;   /**< how many, at least 1 */
};

/** Where the id maps of a new user namespace come from. */
enum scratch_id_maps {
    /**
     * The maps that are given. Without any, the caller's own user and group become id 0 inside; and
     * where the caller has no CAP_SYS_ADMIN, but ranges of its own in /etc/subuid and /etc/subgid,
     * and newuidmap(1) and newgidmap(1) are installed and can work, the ids from 1 on are those.
     */
    SCRATCH_ID_MAPS_DEFAULT = 0,
    SCRATCH_ID_MAPS_OWN,    /**< the caller's own user and group become id 0, and that is all */
    SCRATCH_ID_MAPS_RANGES, /**< own ids, and the caller's ranges; an error where there are none */
    /**
     * The caller's own user and group keep their numbers inside. Around them are the caller's
     * ranges, where they can be had as with SCRATCH_ID_MAPS_DEFAULT.
     */
    SCRATCH_ID_MAPS_KEEP,
    /**
     * For root: every start takes a range of SCRATCH_ID_RANGE ids that no other container has, and
     * whose files on disk keep their owners: the root and all binds are idmapped, so that id 0
     * inside is id 0 on disk (Linux 5.12; 5.19 where the root has layers).
     *
     * The ranges are those of the user "containers" in /etc/subuid and /etc/subgid, or else the
     * caller's own, or where neither has a line, 0x70000000 to 0x7ffdffff without those that are
     * anybody's there. They begin at multiples of SCRATCH_ID_RANGE. A range is held by a lock in
     * /run/libscratch/ids, which goes with scratch_container_wait(), or with the caller and
     * scratch-init: a caller that is killed, with neither scratch_process_options.init nor
     * die_with_parent set, leaves a container whose range can be taken again.
     */
    SCRATCH_ID_MAPS_AUTO,
};

/** How many ids one container has with SCRATCH_ID_MAPS_AUTO. */
#define SCRATCH_ID_RANGE 65536

/**
 * A namespace to join rather than make. A user namespace owns what is made new besides it, and its
 * map is that of the container; a mount namespace gets the container's root over its own, and
 * cannot be the caller's.
 */
struct scratch_namespace_join {
    uint64_t type;    /**< one SCRATCH_NS_ value */
    int fd;           /**< an fd of the namespace (from /proc/PID/ns/, or an nsfs mount), or -1 */
    const char *path; /**< its path, used when @ref fd is -1 */
};

/** Network namespaces that are ready to be used: scratch_namespace_pool_new(). */
typedef struct scratch_namespace_pool scratch_namespace_pool;

/** The namespaces of a spec. */
struct scratch_namespace_options {
    size_t size;                               /**< sizeof(struct scratch_namespace_options) */
    uint64_t create;                           /**< SCRATCH_NS_ values, or-ed: made anew */
    const struct scratch_namespace_join *join; /**< borrowed until the call returns */
    size_t join_count;
    const char *hostname;   /**< needs SCRATCH_NS_UTS in @ref create; NULL: unchanged */
    const char *domainname; /**< likewise */
    const struct scratch_id_map *uid_map; /**< needs SCRATCH_NS_USER; NULL: see id_maps */
    size_t uid_map_count;
    const struct scratch_id_map *gid_map;
    size_t gid_map_count;
    int64_t monotonic_offset;  /**< nanoseconds, needs SCRATCH_NS_TIME: time_namespaces(7) */
    int64_t boottime_offset;   /**< nanoseconds, likewise */
    const char *const *sysctl; /**< NAME=VALUE, ends with NULL: net.* with a new network namespace,
                                    kernel.shm*, kernel.msg*, kernel.sem and fs.mqueue.* with a new
                                    ipc, kernel.hostname and kernel.domainname with a new uts one */
    enum scratch_id_maps id_maps; /**< needs SCRATCH_NS_USER, and that no maps are given */
    uint32_t id_count; /**< SCRATCH_ID_MAPS_AUTO: so many ids of the range are in the container; 0:
                            all SCRATCH_ID_RANGE */
    /**
     * Where each start takes its network namespace from; NULL: it is made then. Needs
     * SCRATCH_NS_NET in @ref create, and none of SCRATCH_NS_USER, whose own it could not be. When
     * the pool is empty, the start makes one. The plan does not need the pool to be there for
     * longer than scratch_plan_compile() takes.
     */
    const scratch_namespace_pool *pool;
};

/**
 * The default namespaces. What is mapped where @ref create has SCRATCH_NS_USER and there is no map,
 * SCRATCH_ID_MAPS_DEFAULT says.
 */
#define SCRATCH_NAMESPACE_OPTIONS_INIT                                                             \
    {                                                                                              \
        sizeof(struct scratch_namespace_options), SCRATCH_NS_DEFAULT, NULL, 0, NULL, NULL, NULL,   \
            0, NULL, 0, 0, 0, NULL, SCRATCH_ID_MAPS_DEFAULT, 0, NULL                               \
    }

/** The most network namespaces that a pool keeps ready. */
#define SCRATCH_NAMESPACE_POOL_MAX 64

/**
 * A pool of network namespaces, for programs that start containers one after the other: to make a
 * network namespace is most of what a start costs, and this does it beforehand, or beside, in a
 * thread that calls scratch_namespace_pool_fill(). Nothing is made before that is called, and no
 * thread by the pool itself.
 *
 * Each namespace is new, has its loopback device up, and is given to one container; it is never
 * used again. Those that are ready cost an open file and about 150 kB of the kernel's memory each.
 *
 * @param size  how many it keeps ready: 1 to SCRATCH_NAMESPACE_POOL_MAX
 * @param pool  freed with scratch_namespace_pool_free()
 * @return 0; -EINVAL: the size; -ENOMEM; -EMFILE
 *
 * Thread-safe. Since 0.1.
 */
int scratch_namespace_pool_new(unsigned size, scratch_namespace_pool **pool,
                               struct scratch_error *err);

/**
 * Make as many as are missing. The calling thread stays where it is.
 *
 * @return how many were made; -EPERM: no CAP_SYS_ADMIN; -ENOSPC: a limit in /proc/sys/user/ is
 *         reached; -EMFILE; those that were made before that are in the pool
 *
 * Thread-safe, while others start plans that take from the same pool. Since 0.1.
 */
int scratch_namespace_pool_fill(scratch_namespace_pool *pool, struct scratch_error *err);

/**
 * Free a pool, with the namespaces that nobody has taken. Plans that take from it go on, and make
 * their own. NULL is fine. Thread-safe for different pools. Since 0.1.
 */
void scratch_namespace_pool_free(scratch_namespace_pool *pool);

/**
 * Move the calling thread into new namespaces: unshare(2).
 *
 * A new pid or time namespace holds for the caller's future children only. With SCRATCH_NS_MNT the
 * new namespace's mounts are made private, so that nothing done there reaches the host. With
 * SCRATCH_NS_USER the caller's own user and group become id 0. When one of these fails, the thread
 * is in the new namespaces already.
 *
 * @param types  SCRATCH_NS_ values, or-ed
 * @return 0; -EPERM: no CAP_SYS_ADMIN, or user namespaces are refused (the error's cause says by
 *         what); -EINVAL: an unknown type, or SCRATCH_NS_USER in a process with several threads, or
 *         SCRATCH_NS_MNT in a chroot; -ENOSPC: a limit in /proc/sys/user/ is reached
 *
 * Changes the calling thread. Since 0.1.
 */
int scratch_namespace_unshare_self(uint64_t types, struct scratch_error *err);

/**
 * Open one namespace of a process.
 *
 * @param pidfd  the process, from pidfd_open(2) or scratch_container_pidfd(); -1: the caller
 * @param type   one SCRATCH_NS_ value
 * @return an fd, CLOEXEC, which the caller closes; -ESRCH: the process is gone;
 *         -EACCES: the caller may not trace it; -EINVAL: not one known type; -EBADF: not a pidfd
 *
 * Thread-safe. Since 0.1.
 */
int scratch_namespace_open(int pidfd, uint64_t type, struct scratch_error *err);

/**
 * Move the calling thread into existing namespaces: setns(2).
 *
 * @param fd     a pidfd (5.8: any number of types at once), or an fd of one namespace
 * @param types  SCRATCH_NS_ values, or-ed; with the fd of one namespace, its type, or 0 for any
 * @return 0; -EINVAL: the type does not fit, or SCRATCH_NS_MNT or SCRATCH_NS_USER from a process
 *         with several threads; -EUSERS: likewise SCRATCH_NS_TIME; -EPERM: no CAP_SYS_ADMIN there;
 *         -ESRCH: the process of the pidfd has ended; -EBADF
 *
 * Changes the calling thread. Since 0.1.
 */
int scratch_namespace_join_self(int fd, uint64_t types, struct scratch_error *err);

/**
 * The same for a namespace kept at a path, such as /run/netns/NAME: see ip-netns(8).
 *
 * @return as scratch_namespace_join_self(), or as open(2)
 *
 * Changes the calling thread. Since 0.1.
 */
int scratch_namespace_join_path_self(int dirfd, const char *path, uint64_t type,
                                     struct scratch_error *err);

/**
 * Run a function in new namespaces, in a child: the fork(2) of namespaces.
 *
 * The child is a copy of the calling process with one thread; as after fork(2) in a program with
 * several threads, @p function may call only async-signal-safe functions there. Its return value
 * is the child's exit status, as by _exit(2). Id maps, host name and time offsets are set, joins
 * made, and mounts made private before it is called. As in a spec, a caller without CAP_SYS_ADMIN
 * gets a user namespace besides; but where no maps are given, its own ids alone are mapped, and
 * SCRATCH_ID_MAPS_AUTO, which somebody has to hold, is refused.
 *
 * @param options   which namespaces; NULL: the defaults
 * @param function  called in the child
 * @param argument  handed to it
 * @return a pidfd, CLOEXEC, which the caller waits on with waitid(P_PIDFD) and closes; or as
 *         scratch_namespace_unshare_self()
 *
 * Thread-safe. Since 0.1.
 */
int scratch_namespace_call(const struct scratch_namespace_options *options,
                           int (*function)(void *argument), void *argument,
                           struct scratch_error *err);

/** A range of ids that a user may map: a line of subuid(5). */
struct scratch_id_range {
    uint32_t first;
    uint32_t count;
};

/**
 * The ranges of user ids that a user has in /etc/subuid, by name or by number.
 *
 * @param user    a name or a number; NULL: the caller's real user
 * @param ranges  filled in, in the order of the file
 * @param size    how many there is room for
 * @return how many the user has, which may be more than @p size; 0: none; -ENOENT: there is no such
 *         file; -EACCES; -ENOMEM
 *
 * Thread-safe. Since 0.1.
 */
int scratch_subuid_read(const char *user, struct scratch_id_range *ranges, size_t size,
                        struct scratch_error *err);

/**
 * The same of group ids, in /etc/subgid: subgid(5). Its lines name users, too.
 *
 * @return as scratch_subuid_read()
 *
 * Thread-safe. Since 0.1.
 */
int scratch_subgid_read(const char *user, struct scratch_id_range *ranges, size_t size,
                        struct scratch_error *err);

/**
 * Keep a namespace alive without a process in it, by a bind mount on a file, which is made if it
 * is missing: what `ip netns add` does. Taken back by scratch_namespace_release().
 *
 * @param nsfd   from scratch_namespace_open()
 * @param dirfd  where @p path begins, or AT_FDCWD
 * @return 0; -EPERM: no CAP_SYS_ADMIN; -EINVAL: not a namespace, or a mount namespace that would
 *         hold itself; -EBUSY: one is kept there already
 *
 * Thread-safe. Since 0.1.
 */
int scratch_namespace_keep(int nsfd, int dirfd, const char *path, struct scratch_error *err);

/**
 * Undo scratch_namespace_keep(): the mount and the file are removed.
 *
 * @return 0; -EINVAL: no namespace is kept there, and nothing is removed; -EPERM; -ENOENT
 *
 * Thread-safe. Since 0.1.
 */
int scratch_namespace_release(int dirfd, const char *path, struct scratch_error *err);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
