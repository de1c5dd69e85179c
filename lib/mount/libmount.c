/* SPDX-License-Identifier: MIT */
#include "mount/libmount.h"
#include "base/lazy.h"

#include <errno.h>
#include <libmount/libmount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

LAZY_NOTE("libmount", "mount options, fstab and mount tables", LIBMOUNT_SONAME);

static __typeof__(mnt_split_optstr) *lazy_mnt_split_optstr;
static __typeof__(mnt_new_table) *lazy_mnt_new_table;
static __typeof__(mnt_unref_table) *lazy_mnt_unref_table;
static __typeof__(mnt_table_get_nents) *lazy_mnt_table_get_nents;
static __typeof__(mnt_table_next_fs) *lazy_mnt_table_next_fs;
static __typeof__(mnt_table_parse_file) *lazy_mnt_table_parse_file;
static __typeof__(mnt_table_parse_stream) *lazy_mnt_table_parse_stream;
static __typeof__(mnt_table_set_parser_errcb) *lazy_mnt_table_set_parser_errcb;
static __typeof__(mnt_table_set_userdata) *lazy_mnt_table_set_userdata;
static __typeof__(mnt_table_get_userdata) *lazy_mnt_table_get_userdata;
static __typeof__(mnt_new_iter) *lazy_mnt_new_iter;
static __typeof__(mnt_free_iter) *lazy_mnt_free_iter;
static __typeof__(mnt_fs_get_id) *lazy_mnt_fs_get_id;
static __typeof__(mnt_fs_get_parent_id) *lazy_mnt_fs_get_parent_id;
static __typeof__(mnt_fs_get_root) *lazy_mnt_fs_get_root;
static __typeof__(mnt_fs_get_source) *lazy_mnt_fs_get_source;
static __typeof__(mnt_fs_get_target) *lazy_mnt_fs_get_target;
static __typeof__(mnt_fs_get_fstype) *lazy_mnt_fs_get_fstype;
static __typeof__(mnt_fs_get_options) *lazy_mnt_fs_get_options;
static __typeof__(mnt_fs_get_vfs_options) *lazy_mnt_fs_get_vfs_options;
static __typeof__(mnt_fs_get_fs_options) *lazy_mnt_fs_get_fs_options;
static __typeof__(mnt_fs_get_propagation) *lazy_mnt_fs_get_propagation;

static const struct lazy_symbol symbols[] = {
    LAZY(mnt_split_optstr),       LAZY(mnt_new_table),
    LAZY(mnt_unref_table),        LAZY(mnt_table_get_nents),
    LAZY(mnt_table_next_fs),      LAZY(mnt_table_parse_file),
    LAZY(mnt_table_parse_stream), LAZY(mnt_table_set_parser_errcb),
    LAZY(mnt_table_set_userdata), LAZY(mnt_table_get_userdata),
    LAZY(mnt_new_iter),           LAZY(mnt_free_iter),
    LAZY(mnt_fs_get_id),          LAZY(mnt_fs_get_parent_id),
    LAZY(mnt_fs_get_root),        LAZY(mnt_fs_get_source),
    LAZY(mnt_fs_get_target),      LAZY(mnt_fs_get_fstype),
    LAZY(mnt_fs_get_options),     LAZY(mnt_fs_get_vfs_options),
    LAZY(mnt_fs_get_fs_options),  LAZY(mnt_fs_get_propagation),
};
static struct lazy_library libmount = {LIBMOUNT_SONAME, false, symbols,
                                       sizeof symbols / sizeof *symbols};

/* ---- options -------------------------------------------------------------------------------- */

int libmount_split(const char *options, struct libmount_words *words)
{
    *words = (struct libmount_words){NULL, NULL, NULL};
    int rc = lazy_load(&libmount);
    if (rc == 0)
        rc = lazy_mnt_split_optstr(options, &words->user, &words->vfs, &words->data, 0, 0);
    return rc;
}

void libmount_free_words(struct libmount_words *words)
{
    free(words->vfs);
    free(words->user);
    free(words->data);
}

/* ---- tables --------------------------------------------------------------------------------- */

/* Called for a line that cannot be read: note it, and go no further. */
static int note_line(struct libmnt_table *table, const char *name, int line)
{
    struct libmount_rows *rows = lazy_mnt_table_get_userdata(table);
    (void)name;
    rows->bad_line = (unsigned)line;
    return -EINVAL;
}

static int begin(struct libmount_rows *rows)
{
    *rows = (struct libmount_rows){NULL, NULL, 0, 0};
    int rc = lazy_load(&libmount);
    if (rc < 0)
        return rc;
    rows->table = lazy_mnt_new_table();
    if (!rows->table)
        return -ENOMEM;
    lazy_mnt_table_set_userdata(rows->table, rows);
    lazy_mnt_table_set_parser_errcb(rows->table, note_line);
    return 0;
}

void libmount_free_rows(struct libmount_rows *rows)
{
    if (rows->table)
        lazy_mnt_unref_table(rows->table);
    free(rows->row);
    *rows = (struct libmount_rows){NULL, NULL, 0, rows->bad_line};
}

/* Make an array of what the table has, by a function that fills in one row. */
static int take_rows(struct libmount_rows *rows, size_t size,
                     void (*take)(void *row, struct libmnt_fs *fs))
{
    struct libmnt_fs *fs;
    size_t room = (size_t)lazy_mnt_table_get_nents(rows->table);
    struct libmnt_iter *iterator = lazy_mnt_new_iter(MNT_ITER_FORWARD);
    rows->row = calloc(room + 1, size);
    if (iterator && rows->row)
        while (rows->count < room && lazy_mnt_table_next_fs(rows->table, iterator, &fs) == 0)
            take((char *)rows->row + rows->count++ * size, fs);
    int rc = iterator && rows->row ? 0 : -ENOMEM;
    if (iterator)
        lazy_mnt_free_iter(iterator);
    return rc;
}

static void take_mount(void *row, struct libmnt_fs *fs)
{
    *(struct scratch_mount *)row = (struct scratch_mount){
        .source = lazy_mnt_fs_get_source(fs),
        .target = lazy_mnt_fs_get_target(fs),
        .type = lazy_mnt_fs_get_fstype(fs),
        .options = lazy_mnt_fs_get_options(fs),
    };
}

/* libmount 2.38 passes over a bad last line without a newline: it always gets one. */
static int parse_text(struct libmnt_table *table, const char *text)
{
    char *copy;
    int length = asprintf(&copy, "%s\n", text);
    if (length < 0)
        return -ENOMEM;
    FILE *in = fmemopen(copy, (size_t)length, "r");
    int rc = in ? lazy_mnt_table_parse_stream(table, in, "fstab") : -errno;
    if (in)
        fclose(in);
    free(copy);
    return rc < 0 ? rc : 0;
}

int libmount_read_fstab(const char *text, struct libmount_rows *rows)
{
    int rc = begin(rows);
    if (rc == 0)
        rc = parse_text(rows->table, text);
    if (rc == 0)
        rc = take_rows(rows, sizeof(struct scratch_mount), take_mount);
    if (rc < 0)
        libmount_free_rows(rows);
    return rc;
}

/* A mount may be shared and slave at once. */
static const char *propagation(unsigned long flags)
{
    if (flags & MS_SHARED)
        return flags & MS_SLAVE ? "shared,slave" : "shared";
    if (flags & MS_SLAVE)
        return "slave";
    return flags & MS_UNBINDABLE ? "unbindable" : "private";
}

static void take_entry(void *row, struct libmnt_fs *fs)
{
    unsigned long flags = 0;
    lazy_mnt_fs_get_propagation(fs, &flags);
    *(struct scratch_mount_entry *)row = (struct scratch_mount_entry){
        .id = lazy_mnt_fs_get_id(fs),
        .parent = lazy_mnt_fs_get_parent_id(fs),
        .root = lazy_mnt_fs_get_root(fs),
        .target = lazy_mnt_fs_get_target(fs),
        .type = lazy_mnt_fs_get_fstype(fs),
        .source = lazy_mnt_fs_get_source(fs),
        .options = lazy_mnt_fs_get_vfs_options(fs),
        .fs_options = lazy_mnt_fs_get_fs_options(fs),
        .propagation = propagation(flags),
    };
}

int libmount_read_mountinfo(const char *path, struct libmount_rows *rows)
{
    int rc = begin(rows);
    if (rc == 0)
        rc = lazy_mnt_table_parse_file(rows->table, path);
    if (rc == 0)
        rc = take_rows(rows, sizeof(struct scratch_mount_entry), take_entry);
    if (rc < 0)
        libmount_free_rows(rows);
    return rc;
}
