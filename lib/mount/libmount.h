/* SPDX-License-Identifier: MIT */
/*
 * Reading what fstab(5), mount(8) and proc_pid_mountinfo(5) define, by libmount. What is read is
 * data; nothing is mounted by libmount.
 */
#ifndef MOUNT_LIBMOUNT_H
#define MOUNT_LIBMOUNT_H

#include <scratch/mount.h>

/* An option string's words, by whom they are for: each a comma-separated list, or NULL. */
struct libmount_words {
    char *vfs;  /* the kernel's, for any mount: ro, nosuid, bind, rslave */
    char *user; /* mount(8)'s and its helpers': nofail, X-mount.mkdir, loop= */
    char *data; /* the file system's: all others */
};

/* 0; -ENOSYS: libmount is not installed; -ENOMEM. Free with libmount_free_words(). */
int libmount_split(const char *options, struct libmount_words *words);
void libmount_free_words(struct libmount_words *words);

/* What was read from a table; its strings belong to libmount's own table. */
struct libmount_rows {
    void *table;
    void *row; /* struct scratch_mount or scratch_mount_entry, count of them */
    size_t count;
    unsigned bad_line; /* counted from 1, or 0 */
};
void libmount_free_rows(struct libmount_rows *rows);

/* fstab(5)'s lines, as struct scratch_mount. -EINVAL: bad_line says which; as libmount_split(). */
int libmount_read_fstab(const char *text, struct libmount_rows *rows);

/* A file of proc_pid_mountinfo(5), as struct scratch_mount_entry. */
int libmount_read_mountinfo(const char *path, struct libmount_rows *rows);

#endif
