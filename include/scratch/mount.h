/* SPDX-License-Identifier: MIT */
/**
 * @file mount.h
 * Mounts, in fstab(5)'s words.
 *
 * A mount is four strings, as a line of fstab has them; what the words mean is mount(8)'s affair:
 *
 *     { "tmpfs",    "/tmp",  "tmpfs", "size=64m,nosuid,nodev" }
 *     { "/srv/web", "/data", NULL,    "rbind,ro" }            // read-only to its last submount
 *
 * Targets are paths inside a root, and cannot leave it: symbolic links are followed as a process
 * inside that root would follow them.
 */
#ifndef SCRATCH_MOUNT_H
#define SCRATCH_MOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <scratch/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** One mount: the first four fields of a line of fstab(5). Strings are borrowed. */
struct scratch_mount {
    const char *source;  /**< device, directory or file to bind, or any word; NULL: the type */
    const char *target;  /**< absolute path inside the root */
    const char *type;    /**< file system type; NULL or "none" for a bind */
    const char *options; /**< comma-separated; NULL: "defaults" */
};

/*
 * The options: ro rw nosuid suid nodev dev noexec exec nosymfollow noatime relatime strictatime
 * nodiratime bind rbind, and the propagation words private rprivate slave rslave shared rshared
 * unbindable runbindable, as in mount(8). "ro" on an rbind holds for all submounts, or is an error
 * where the kernel cannot do that (before Linux 5.12, with mounts below); "rro" is the same word in
 * docker's and podman's mouth. Words of the file system itself (size=, mode=, uid=) are handed to
 * it; so are context=, fscontext=, defcontext= and rootcontext=, which label a new file system or
 * its files where SELinux is on, and are refused elsewhere (a label with a comma: in quotes). Words
 * of user space (X-, x-, noauto, _netdev, nofail …) are refused, but X-mount.mkdir and nofail: the
 * first makes a missing target, the second makes the mount best-effort.
 *
 * "idmap" on a bind of a container with a new user namespace: its files have the owners inside that
 * they have outside (Linux 5.12, CAP_SYS_ADMIN, and a file system that can be idmapped; for an
 * rbind all that is mounted below it as well). So it is with SCRATCH_ID_MAPS_AUTO, unless "noidmap"
 * is given: then owners outside are nobody inside.
 *
 * Words of container engines besides:
 *
 *   tmpcopyup  a tmpfs begins with a copy of what is in its target: all but hard links and extended
 *              attributes, with the directory's own owner and mode unless mode=, uid= or gid= is
 *              given. At most 200 levels deep; other mounts below are left out. (notmpcopyup: not)
 *   U          in a container, a bind's source is given, with all that is in it, to the user and
 *              group of the container's process, at each start. The change stays. Links are not
 *              followed, nor other mounts entered. It is an error for directories that the host
 *              needs as they are, such as /, /etc and /home themselves.
 *   z, Z       in a container, on a machine with SELinux, a bind's source gets the label of
 *              container files, at each start: z for all containers to share, Z with two
 *              categories by chance, which differ from plan to plan. Without SELinux there is
 *              nothing to do.
 *
 * What is made as a target: a directory, or for a bind of a file a file; behind a link that leads
 * nowhere, what it leads to inside the root. In a container, missing targets are also made without
 * X-mount.mkdir where the root has an upper layer. A directory does not go on a file, nor a file on
 * a directory.
 *
 * Propagation in a container: "slave" lets mounts that the host makes below the source later appear
 * below the target; "shared" holds among the mount namespaces made inside. Nothing that is mounted
 * inside ever spreads to the host. Binds are private where no word is given.
 *
 * An ordinary user cannot take back what the host's mount is restricted to: "rw", "dev", "suid" and
 * "exec" on a bind leave it as restricted as it was; nor change how access times are kept; and
 * cannot bind a tree without the mounts below it: rbind. In a container on the host's tree, targets
 * can be made in directories directly below "/", or in one of their own; deeper directories belong
 * to a user who is not in the container.
 */

/** A list of mounts read from text. */
typedef struct scratch_mount_set scratch_mount_set;

/**
 * Read mounts written as fstab(5) lines (parsed by libmount).
 *
 * @param text  lines, with comments and blank lines allowed
 * @param set   the result; free it with scratch_mount_set_free()
 * @return 0; -EINVAL: a line that is not fstab's (the error's subject is the line); -ENOMEM;
 *         -ENOSYS: libmount is not installed
 *
 * Thread-safe. Since 0.1.
 */
int scratch_mount_set_parse(const char *text, scratch_mount_set **set, struct scratch_error *err);

/**
 * The mounts of a set: an array that lives as long as the set.
 *
 * Thread-safe. Since 0.1.
 */
const struct scratch_mount *scratch_mount_set_get(const scratch_mount_set *set, size_t *count);

/** Free a set; NULL is fine. Thread-safe for different sets. Since 0.1. */
void scratch_mount_set_free(scratch_mount_set *set);

/**
 * Mount something in the caller's own mount namespace: the step that a container's start takes.
 *
 * @param rootfd  a directory fd, or AT_FDCWD, the working directory: the target is looked up below
 *                it and cannot leave it
 * @param mount   what to mount
 * @return 0; -EINVAL: an option that is unknown, or that the file system refuses; -ENOENT: no
 *         source or no target; -EPERM: no CAP_SYS_ADMIN over the mount namespace
 *
 * Thread-safe. Since 0.1.
 */
int scratch_mount_apply(int rootfd, const struct scratch_mount *mount, struct scratch_error *err);

/**
 * Unmount what is mounted on a path: umount2(2).
 *
 * @param rootfd  as in scratch_mount_apply()
 * @param target  the mount point; links are followed below rootfd
 * @param lazy    detach now, let go when no longer busy (MNT_DETACH)
 * @return 0; -EINVAL: not a mount point; -EBUSY; -ENOENT
 *
 * Thread-safe. Since 0.1.
 */
int scratch_mount_remove(int rootfd, const char *target, bool lazy, struct scratch_error *err);

/**
 * Change how mounts and unmounts spread between a mount and its peers.
 *
 * @param rootfd  as in scratch_mount_apply()
 * @param word    "private", "slave", "shared", "unbindable", or with an r before it for the whole
 *                tree: mount_namespaces(7)
 * @return 0; -EINVAL: no such word, or @p target is not a mount point; -ENOENT; -EPERM: no
 *         CAP_SYS_ADMIN over the mount namespace
 *
 * Thread-safe. Since 0.1.
 */
int scratch_mount_propagation(int rootfd, const char *target, const char *word,
                              struct scratch_error *err);

/** One row of a mount table: proc_pid_mountinfo(5). Strings live as long as the table. */
struct scratch_mount_entry {
    int id;
    int parent;
    const char *root;   /**< which part of the file system is seen */
    const char *target; /**< where, as the process whose table it is sees it */
    const char *type;
    const char *source;
    const char *options;     /**< of this mount: ro, nosuid, … */
    const char *fs_options;  /**< of the file system */
    const char *propagation; /**< "private", "shared", "slave", "unbindable", comma-separated */
};

/** The mounts that a process saw when they were read. */
typedef struct scratch_mount_table scratch_mount_table;

/**
 * Read the mounts that a process sees (by libmount).
 *
 * @param pid  the process; 0: the calling thread
 * @return 0; -ENOENT: no such process; -EACCES; -ENOMEM; -ENOSYS: libmount is not installed
 *
 * Thread-safe. Since 0.1.
 */
int scratch_mount_table_read(int pid, scratch_mount_table **table, struct scratch_error *err);

/**
 * The rows of a table, in the kernel's order: an array that lives as long as the table.
 *
 * Thread-safe. Since 0.1.
 */
const struct scratch_mount_entry *scratch_mount_table_get(const scratch_mount_table *table,
                                                          size_t *count);

/** Free a table; NULL is fine. Thread-safe for different tables. Since 0.1. */
void scratch_mount_table_free(scratch_mount_table *table);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
