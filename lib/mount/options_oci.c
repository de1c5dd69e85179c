/* SPDX-License-Identifier: MIT */
/*
 * Mount options as the OCI runtime specification has them (config.md, "Linux mount options"), with
 * the words that the runtimes of the field have added. No library is asked: the table is all.
 */
#include "base/error.h"
#include "base/text.h"
#include "mount/options.h"

#include <errno.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a word does. */
enum oci_word {
    WORD_NOTHING,     /* what is so anyhow, or what the kernel no longer does anything with */
    WORD_SET,         /* an attribute of the mount itself */
    WORD_CLEAR,       /* likewise, taken away */
    WORD_TREE_SET,    /* of the mount and all below it */
    WORD_TREE_CLEAR,  /* likewise */
    WORD_PROPAGATION, /* MS_* of mount(2) */
    WORD_BIND,
    WORD_BIND_TREE,
    WORD_SUPERBLOCK, /* the file system's, but known: handed to it, without flag's letters */
    WORD_COPY_UP,
    WORD_COPY_LINK,
    WORD_IDMAP,
    WORD_IDMAP_TREE,
    WORD_REMOUNT,
    WORD_BEST_EFFORT,
};

#define TIMES(word, what)                                                                          \
    {                                                                                              \
        word, what, MOUNT_ATTR__ATIME                                                              \
    }

static const struct word_row {
    const char *name;
    enum oci_word what;
    uint64_t flag;
} words[] = {
    {"async", WORD_NOTHING, 0}, /* the default; "sync" cannot be taken back */
    TIMES("atime", WORD_CLEAR),
    {"bind", WORD_BIND, 0},
    {"copy-symlink", WORD_COPY_LINK, 0},
    {"defaults", WORD_NOTHING, 0},
    {"dev", WORD_CLEAR, MOUNT_ATTR_NODEV},
    {"diratime", WORD_CLEAR, MOUNT_ATTR_NODIRATIME},
    {"dirsync", WORD_SUPERBLOCK, 0},
    {"exec", WORD_CLEAR, MOUNT_ATTR_NOEXEC},
    {"idmap", WORD_IDMAP, 0},
    {"iversion", WORD_NOTHING, 0}, /* file systems decide */
    {"lazytime", WORD_SUPERBLOCK, 0},
    {"loud", WORD_NOTHING, 0},
    {"mand", WORD_NOTHING, 0}, /* gone from Linux 5.15 on */
    {"noatime", WORD_SET, MOUNT_ATTR_NOATIME},
    {"nodev", WORD_SET, MOUNT_ATTR_NODEV},
    {"nodiratime", WORD_SET, MOUNT_ATTR_NODIRATIME},
    {"noexec", WORD_SET, MOUNT_ATTR_NOEXEC},
    {"nofail", WORD_BEST_EFFORT, 0},
    {"noiversion", WORD_NOTHING, 0},
    {"nolazytime", WORD_NOTHING, 0},
    {"nomand", WORD_NOTHING, 0},
    TIMES("norelatime", WORD_CLEAR),
    TIMES("nostrictatime", WORD_CLEAR),
    {"nosuid", WORD_SET, MOUNT_ATTR_NOSUID},
    {"nosymfollow", WORD_SET, MOUNT_ATTR_NOSYMFOLLOW},
    {"private", WORD_PROPAGATION, MOUNT_PRIVATE},
    TIMES("ratime", WORD_TREE_CLEAR),
    {"rasync", WORD_NOTHING, 0},
    {"rbind", WORD_BIND_TREE, 0},
    {"rdev", WORD_TREE_CLEAR, MOUNT_ATTR_NODEV},
    {"rdirsync", WORD_SUPERBLOCK, 1},
    {"rdiratime", WORD_TREE_CLEAR, MOUNT_ATTR_NODIRATIME},
    {"relatime", WORD_SET, MOUNT_ATTR_RELATIME},
    {"remount", WORD_REMOUNT, 0},
    {"rexec", WORD_TREE_CLEAR, MOUNT_ATTR_NOEXEC},
    {"ridmap", WORD_IDMAP_TREE, 0},
    {"rmand", WORD_NOTHING, 0},
    {"rnoatime", WORD_TREE_SET, MOUNT_ATTR_NOATIME},
    {"rnodev", WORD_TREE_SET, MOUNT_ATTR_NODEV},
    {"rnodiratime", WORD_TREE_SET, MOUNT_ATTR_NODIRATIME},
    {"rnoexec", WORD_TREE_SET, MOUNT_ATTR_NOEXEC},
    {"rnomand", WORD_NOTHING, 0},
    TIMES("rnorelatime", WORD_TREE_CLEAR),
    TIMES("rnostrictatime", WORD_TREE_CLEAR),
    {"rnosuid", WORD_TREE_SET, MOUNT_ATTR_NOSUID},
    {"rnosymfollow", WORD_TREE_SET, MOUNT_ATTR_NOSYMFOLLOW},
    {"ro", WORD_SET, MOUNT_ATTR_RDONLY},
    {"rprivate", WORD_PROPAGATION, MOUNT_PRIVATE | MOUNT_REC},
    {"rrelatime", WORD_TREE_SET, MOUNT_ATTR_RELATIME},
    {"rro", WORD_TREE_SET, MOUNT_ATTR_RDONLY},
    {"rrw", WORD_TREE_CLEAR, MOUNT_ATTR_RDONLY},
    {"rshared", WORD_PROPAGATION, MOUNT_SHARED | MOUNT_REC},
    {"rslave", WORD_PROPAGATION, MOUNT_SLAVE | MOUNT_REC},
    {"rstrictatime", WORD_TREE_SET, MOUNT_ATTR_STRICTATIME},
    {"rsync", WORD_SUPERBLOCK, 1},
    {"rsuid", WORD_TREE_CLEAR, MOUNT_ATTR_NOSUID},
    {"rsymfollow", WORD_TREE_CLEAR, MOUNT_ATTR_NOSYMFOLLOW},
    {"runbindable", WORD_PROPAGATION, MOUNT_UNBINDABLE | MOUNT_REC},
    {"rw", WORD_CLEAR, MOUNT_ATTR_RDONLY},
    {"shared", WORD_PROPAGATION, MOUNT_SHARED},
    {"silent", WORD_NOTHING, 0},
    {"slave", WORD_PROPAGATION, MOUNT_SLAVE},
    {"strictatime", WORD_SET, MOUNT_ATTR_STRICTATIME},
    {"suid", WORD_CLEAR, MOUNT_ATTR_NOSUID},
    {"symfollow", WORD_CLEAR, MOUNT_ATTR_NOSYMFOLLOW},
    {"sync", WORD_SUPERBLOCK, 0},
    {"tmpcopyup", WORD_COPY_UP, 0},
    {"unbindable", WORD_PROPAGATION, MOUNT_UNBINDABLE},
};

const char *mount_options_word(size_t index)
{
    return index < sizeof words / sizeof *words ? words[index].name : NULL;
}

/* The three ways of keeping access times are one field, in which relatime is 0. */
static bool is_time(uint64_t flag)
{
    return flag == MOUNT_ATTR_RELATIME || flag & MOUNT_ATTR__ATIME;
}

static void set(uint64_t flag, uint64_t *set, uint64_t *clear)
{
    uint64_t out = is_time(flag) ? MOUNT_ATTR__ATIME : 0;
    *set = (*set & ~out) | flag;
    *clear = (*clear & ~flag) | out;
}

static void clear(uint64_t flag, uint64_t *set, uint64_t *clear)
{
    *set &= ~flag;
    *clear |= flag;
}

static int keep_data(struct mount_options *o, const char *word, size_t length,
                     struct scratch_error *err)
{
    char *data = NULL;
    if (asprintf(&data, "%s%s%.*s", o->data ? o->data : "", o->data ? "," : "", (int)length, word) <
        0)
        return error_set(err, ENOMEM, "mount options", NULL, NULL);
    free(o->data);
    o->data = data;
    return 0;
}

static int take(struct mount_options *o, const struct word_row *row, struct scratch_error *err)
{
    switch (row->what) {
    case WORD_NOTHING:
        return 0;
    case WORD_SET:
        set(row->flag, &o->top_set, &o->top_clear);
        o->named = true;
        o->times = o->times || is_time(row->flag) || row->flag == MOUNT_ATTR_NODIRATIME;
        return 0;
    case WORD_CLEAR:
        clear(row->flag, &o->top_set, &o->top_clear);
        if (row->flag ==
            MOUNT_ATTR_RDONLY) /* engines say "rw" of all: where it is locked it stays */
            o->top_clear &= ~row->flag;
        o->named = true;
        return 0;
    case WORD_TREE_SET:
        set(row->flag, &o->set, &o->clear);
        return 0;
    case WORD_TREE_CLEAR:
        clear(row->flag, &o->set, &o->clear);
        return 0;
    case WORD_PROPAGATION:
        o->propagation = row->flag;
        return 0;
    case WORD_BIND_TREE:
        o->recursive = true;
        __attribute__((fallthrough));
    case WORD_BIND:
        o->bind = true;
        return 0;
    case WORD_SUPERBLOCK:
        return keep_data(o, row->name + row->flag, strlen(row->name) - row->flag, err);
    case WORD_COPY_UP:
        o->copy_up = true;
        return 0;
    case WORD_COPY_LINK:
        o->copy_link = true;
        return 0;
    case WORD_IDMAP_TREE:
        o->idmap_tree = true;
        __attribute__((fallthrough));
    case WORD_IDMAP:
        o->idmap = IDMAP_YES;
        return 0;
    case WORD_BEST_EFFORT:
        o->best_effort = true;
        return 0;
    case WORD_REMOUNT:
        o->remount = true;
        return 0;
    }
    return 0;
}

/* "idmap=" or "ridmap=", with the map of its own behind it. */
static int take_ids(struct mount_options *o, const char *word, size_t length,
                    struct scratch_error *err)
{
    size_t key = strcspn(word, "=") + 1;
    free(o->ids);
    o->ids = strndup(word + key, length - key);
    o->idmap = IDMAP_YES;
    o->idmap_tree = o->idmap_tree || *word == 'r';
    return o->ids ? 0 : error_set(err, ENOMEM, "mount options", NULL, NULL);
}

static int read_word(struct mount_options *o, const char *word, size_t length,
                     struct scratch_error *err)
{
    if (strncmp(word, "idmap=", 6) == 0 || strncmp(word, "ridmap=", 7) == 0)
        return take_ids(o, word, length, err);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].name) == length && strncmp(words[i].name, word, length) == 0)
            return take(o, &words[i], err);
    o->foreign = o->foreign || !memchr(word, '=', length);
    return keep_data(o, word, length, err);
}

int mount_options_read_oci(const char *text, struct mount_options *o, struct scratch_error *err)
{
    int rc = 0;
    *o = (struct mount_options){0};
    while (text && *text && rc == 0) {
        size_t length = text_option_length(text);
        if (length)
            rc = read_word(o, text, length, err);
        text += length;
        text += *text == ',';
    }
    if (o->bind && !o->foreign) { /* the file system is there already, with what it was given */
        free(o->data);
        o->data = NULL;
    }
    return rc;
}

void mount_options_bind_oci(struct mount_options *o)
{
    const uint64_t times = MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME;
    o->top_clear = o->times ? (o->top_clear | times) & ~o->top_set : o->top_clear & ~times;
}
