/* SPDX-License-Identifier: MIT */
/**
 * @file rootfs.h
 * The root file system: a directory, an overlay of several, or the host's own tree.
 */
#ifndef SCRATCH_ROOTFS_H
#define SCRATCH_ROOTFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <scratch/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** Where the root comes from. */
enum scratch_rootfs_kind {
    SCRATCH_ROOTFS_HOST = 0,  /**< the host's own tree, under a throw-away upper layer */
    SCRATCH_ROOTFS_DIRECTORY, /**< a directory, written through unless read_only or throw_away */
    SCRATCH_ROOTFS_OVERLAY,   /**< lower layers, and an upper one that takes the writes */
    SCRATCH_ROOTFS_UNCHANGED, /**< the caller's root, as it is: no mounts, no pivot_root; what would
                                   change something of it is an error */
};

/*
 * Masked paths are hidden from all, root as well: an empty read-only directory lies over a
 * directory, the null device over anything else. Read-only paths are so to their last submount.
 * Both may be links, which are followed inside the root, and are passed over where they are
 * missing. They come after the spec's mounts. To take from the defaults or add to them, copy what
 * scratch_rootfs_masked_paths() and scratch_rootfs_read_only_paths() give.
 *
 * A device is a node of the container's own, with the host's mode, owner and number, where the
 * caller may make nodes (root in the first user namespace); else the host's node is bound. It is
 * made in the container's /dev, or anywhere in a root with an upper layer; elsewhere there has to
 * be a file to bind it on. Whether it may be opened is decided by its mode, and by the group's
 * device controller, which libscratch leaves as it is.
 */

/** How the root is entered. */
enum scratch_rootfs_enter {
    SCRATCH_ROOTFS_PIVOT = 0, /**< pivot_root(2), and the old root is gone from the namespace */
    SCRATCH_ROOTFS_CHROOT,    /**< chroot(2): for teaching. The old root stays mounted below */
    /**
     * chroot(2), in the caller's mount namespace: the new one is only where the root is made, and
     * is left again. The root is mounted nowhere then: the host does not see its mounts, inside
     * mountinfo(5) is empty and mount(2) fails, and all of it goes with the last process in it.
     * What has CAP_SYS_ADMIN and CAP_SYS_CHROOT inside can go to the host's root by setns(2).
     * Needs open_tree(2), and no user namespace.
     */
    SCRATCH_ROOTFS_UNMOUNTED,
};

/*
 * A missing mount point is made where that changes nothing of the caller's: in an upper layer. In a
 * SCRATCH_ROOTFS_DIRECTORY that is written through, only those of the standard mounts are made,
 * /proc, /sys and /dev, and they stay; also with read_only, which is set last. On a read-only file
 * system they have to be there.
 *
 * SCRATCH_ROOTFS_HOST shows the host's disks, each under a throw-away layer; not what is mounted
 * on /run and /tmp. As an ordinary user it shows what that user can read: directories without
 * mounts below them under a throw-away layer, those with mounts read-only. Files that lie in "/"
 * itself are left out then.
 */

/** A device node that the container is given. */
struct scratch_device {
    const char *source; /**< a character or block device of the host, or a directory of them */
    const char *target; /**< absolute path inside the root; NULL: as source */
    mode_t mode;        /**< not 0: a node of this type (S_IFCHR, S_IFBLK, S_IFIFO), permissions and
                             owner is made from its number, @ref source is not looked at, and
                             missing directories above it are made */
    unsigned major;
    unsigned minor;
    uid_t uid;
    gid_t gid;
};

/** The root of a spec. */
struct scratch_rootfs_options {
    size_t size; /**< sizeof(struct scratch_rootfs_options) */
    enum scratch_rootfs_kind kind;
    enum scratch_rootfs_enter enter;
    const char *path;          /**< SCRATCH_ROOTFS_DIRECTORY: the directory */
    const char *const *lowers; /**< SCRATCH_ROOTFS_OVERLAY: topmost first, at most 500 */
    size_t lower_count;
    const char *upper;    /**< overlay: takes the writes; NULL: a throw-away tmpfs */
    const char *work;     /**< overlay: an empty directory on upper's file system */
    bool read_only;       /**< nothing in the root itself can be written; mounts in it may be */
    bool throw_away;      /**< directory: writes go to a tmpfs and are gone at the end */
    bool standard_mounts; /**< /proc, /sys, /dev and what belongs below it */
    bool mask_paths;      /**< hide what in /proc and /sys tells of or reaches the host */
    uint64_t tmpfs_size;  /**< bytes that a throw-away upper may take; 0: half of memory */
    uint64_t shm_size;    /**< bytes that /dev/shm may take; 0: half of memory */
    /**
     * The root's files have the owners inside that they have on disk, and the other way round: it
     * is idmapped with the map of the new user namespace. So it always is with
     * SCRATCH_ID_MAPS_AUTO. Needs CAP_SYS_ADMIN, a file system that can be (the error names one
     * that cannot), Linux 5.12, and 5.19 for a root with layers, of which there may be 60 then.
     */
    bool idmap;
    const char *const *masked_paths; /**< what mask_paths hides; NULL: the defaults */
    size_t masked_path_count;
    const char *const *read_only_paths; /**< what it makes read-only; NULL: the defaults */
    size_t read_only_path_count;
    const struct scratch_device *devices; /**< besides null, zero, full, random, urandom, tty */
    size_t device_count;
    bool host_devices;    /**< /dev has all devices of the host, and /sys with the control groups
                               below it can be written, as far as the caller's privilege goes */
    bool default_devices; /**< without standard_mounts: null, zero, full, random, urandom and tty,
                               and the links beside them, in a /dev that the spec's mounts bring.
                               What is there stays as it is */
    const char *propagation; /**< of the root: "slave": mounts that the host makes later below the
                                  sources of binds appear inside, if the bind is one as well;
                                  "shared": the other way round, too; "private", "unbindable"; or
                                  with an "r" before it, of all mounts in it. NULL: "private" */
    /**
     * For a plan that is started often: the directory is mounted once, by scratch_plan_compile(),
     * in a mount namespace that the plan keeps and every start takes a copy of. A start then takes
     * as long on a host with many mounts as on one with few.
     *
     * The root is as it was then: what is mounted below the directory later is not seen, and its
     * file system stays in use until the plan is freed. Needs a new pid, mount and network
     * namespace, no user namespace, a directory as it is (not throw_away, not idmap), and that
     * nothing else is wanted from the host: no binds, devices or network of scratch_spec. A plan
     * that needs more is an error, -EINVAL with the cause.
     */
    bool prepared;
};

#define SCRATCH_ROOTFS_OPTIONS_INIT                                                                \
    {                                                                                              \
        sizeof(struct scratch_rootfs_options), SCRATCH_ROOTFS_HOST, SCRATCH_ROOTFS_PIVOT, NULL,    \
            NULL, 0, NULL, NULL, false, false, true, true, 0, UINT64_C(67108864), false, NULL, 0,  \
            NULL, 0, NULL, 0, false, false, NULL, false                                            \
    }

/**
 * What is masked, and what is made read-only, where nothing else is said: absolute paths, in
 * static memory.
 *
 * Thread-safe. Since 0.1.
 */
const char *const *scratch_rootfs_masked_paths(size_t *count);
const char *const *scratch_rootfs_read_only_paths(size_t *count);

/** The most lower layers that the kernel takes in one overlay. */
#define SCRATCH_OVERLAY_LOWERS_MAX 500

/**
 * Mount an overlay in the caller's own mount namespace: the kernel's
 * Documentation/filesystems/overlayfs.rst.
 * One unmount of the target takes it back, with what was written to a throw-away layer: that is a
 * tmpfs which nothing shows but the overlay itself. The upper's lock is looked at, and not kept.
 *
 * @param options  its lowers, upper, work, read_only and tmpfs_size are used
 * @param target   a directory
 * @return 0; -EINVAL with the reason in the error's cause: upper and work on different file
 *         systems, a file system that cannot be an upper, one that is read-only; -ELOOP: a lower is
 *         inside another layer; -ENOENT: a layer is missing (the error's subject); -EBUSY: the
 *         upper is in use; -E2BIG: too many lowers; -EMFILE: fewer open files are allowed than
 *         there are layers; -EPERM
 *
 * Thread-safe. Since 0.1.
 */
int scratch_overlay_mount(const struct scratch_rootfs_options *options, const char *target,
                          struct scratch_error *err);

/**
 * Say why the kernel would refuse an overlay, without mounting anything.
 *
 * @return 0: nothing found; or what scratch_overlay_mount() would return, with the cause
 *
 * Thread-safe. Since 0.1.
 */
int scratch_overlay_check(const struct scratch_rootfs_options *options, struct scratch_error *err);

/**
 * Make a directory the root of the calling process's mount namespace, and detach the old root:
 * pivot_root(2). The caller should be alone in that namespace
 * (scratch_namespace_unshare_self(SCRATCH_NS_MNT)); working directory and root move to "/".
 *
 * @return 0; -EINVAL: the root is shared or an initramfs; -EPERM; -ENOENT; -ENOTDIR
 *
 * Changes the calling process. Since 0.1.
 */
int scratch_rootfs_pivot_self(const char *path, struct scratch_error *err);

/**
 * chroot(2) and chdir(2), as it was done before pivot_root: a process that is root can leave it
 * again with a second chroot. Here to teach, and for programs that have no mount namespace.
 *
 * @return 0; -EPERM: no CAP_SYS_CHROOT; -ENOENT; -ENOTDIR; -EACCES
 *
 * Changes the calling process. Since 0.1.
 */
int scratch_rootfs_chroot_self(const char *path, struct scratch_error *err);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
