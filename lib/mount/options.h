/* SPDX-License-Identifier: MIT */
/*
 * An option string in numbers.
 */
#ifndef MOUNT_OPTIONS_H
#define MOUNT_OPTIONS_H

#include <scratch/mount.h>
#include <stdint.h>

/* MS_* of mount(2) for propagation: <sys/mount.h> clashes with <linux/mount.h> in places. */
#define MOUNT_REC        (UINT64_C(1) << 14)
#define MOUNT_UNBINDABLE (UINT64_C(1) << 17)
#define MOUNT_PRIVATE    (UINT64_C(1) << 18)
#define MOUNT_SLAVE      (UINT64_C(1) << 19)
#define MOUNT_SHARED     (UINT64_C(1) << 20)

struct mount_options {
    uint64_t set, clear;         /* MOUNT_ATTR_*, of the tree that a recursive bind shows */
    uint64_t top_set, top_clear; /* likewise, of the mount itself alone */
    uint64_t propagation;        /* MS_*, or 0 */
    bool named;                  /* there are words for top_set or top_clear */
    bool times;                  /* one of them says how access times are kept */
    bool bind, recursive;
    bool make;        /* X-mount.mkdir */
    bool best_effort; /* nofail */
    enum { IDMAP_UNSAID, IDMAP_YES, IDMAP_NO } idmap;
    bool idmap_tree;   /* ridmap */
    char *ids;         /* the words of a map of the mount's own: mount/idmap.h; or NULL */
    bool copy_up;      /* tmpcopyup */
    bool keep_mode;    /* it has the mode of the directory that it covers, where none is said */
    bool copy_link;    /* copy-symlink */
    bool filled_first; /* it is made read-only when all is mounted that may be below it */
    bool remount;      /* what is mounted there gets these attributes */
    bool own;          /* U */
    char label;        /* 'z', 'Z' or 0 */
    bool context;      /* there is a label among data */
    bool foreign;      /* data has words without a value that only the file system knows */
    char *data;        /* the file system's own words, or NULL */
};

/*
 * Read an option string; NULL is "defaults". Free with mount_options_free(), also after a failure.
 * 0; -EINVAL with the word as the error's subject; -ENOSYS without libmount; -ENOMEM.
 */
int mount_options_read(const char *text, struct mount_options *options, struct scratch_error *err);

/*
 * The same in the words of the OCI runtime specification (config.md, "Linux mount options"): an
 * attribute is of the mount itself, one with an "r" before it of the tree. A word that is not known
 * is the file system's.
 */
int mount_options_read_oci(const char *text, struct mount_options *options,
                           struct scratch_error *err);

/*
 * What the words mean on a bind, once it is known to be one. As with other runtimes, and with
 * mount(2): of access times only a word that sets a way of keeping them changes anything, and it
 * replaces all that there was.
 */
void mount_options_bind_oci(struct mount_options *options);

/* The words that mount_options_read_oci() knows, one after the other; NULL: no more. */
const char *mount_options_word(size_t index);

void mount_options_free(struct mount_options *options);

/* True where the kernel labels files: SELinux is on, whether it enforces or not. */
bool mount_has_selinux(void);

/* MS_* of a propagation word such as "rslave", or 0. */
uint64_t mount_propagation_flags(const char *word, size_t length);

#endif
