/* SPDX-License-Identifier: MIT */
/*
 * libmount tells whose a word is, where not all are of the kernel's own; what it means to us is in
 * the tables here. A word that is in no table is an error, not a setting that is silently not there
 * (libmount 2.38 takes "ro=recursive" and leaves everything writable).
 */
#include "mount/options.h"
#include "base/error.h"
#include "base/lazy.h"
#include "base/text.h"
#include "mount/libmount.h"

#include <errno.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WHAT "mount options"

struct attribute_word {
    const char *name;
    uint64_t set, clear;
};

/* Access times are one field of three values; to set one is to clear the others. */
static const struct attribute_word attribute_words[] = {
    {"ro", MOUNT_ATTR_RDONLY, 0},
    {"rw", 0, MOUNT_ATTR_RDONLY},
    {"nosuid", MOUNT_ATTR_NOSUID, 0},
    {"suid", 0, MOUNT_ATTR_NOSUID},
    {"nodev", MOUNT_ATTR_NODEV, 0},
    {"dev", 0, MOUNT_ATTR_NODEV},
    {"noexec", MOUNT_ATTR_NOEXEC, 0},
    {"exec", 0, MOUNT_ATTR_NOEXEC},
    {"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
    {"noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME},
    {"relatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    {"nodiratime", MOUNT_ATTR_NODIRATIME, 0},
};

static const struct propagation_word {
    const char *name;
    uint64_t flags;
} propagation_words[] = {
    {"private", MOUNT_PRIVATE},       {"rprivate", MOUNT_PRIVATE | MOUNT_REC},
    {"slave", MOUNT_SLAVE},           {"rslave", MOUNT_SLAVE | MOUNT_REC},
    {"shared", MOUNT_SHARED},         {"rshared", MOUNT_SHARED | MOUNT_REC},
    {"unbindable", MOUNT_UNBINDABLE}, {"runbindable", MOUNT_UNBINDABLE | MOUNT_REC},
};

/* One word of a list, not terminated. */
struct word {
    const char *text;
    size_t length;
};

static bool is_word(struct word word, const char *name)
{
    return strlen(name) == word.length && strncmp(word.text, name, word.length) == 0;
}

/* "key" of "key=value". */
static struct word key_of(struct word word)
{
    const char *equals = memchr(word.text, '=', word.length);
    if (equals)
        word.length = (size_t)(equals - word.text);
    return word;
}

static int refuse(struct scratch_error *err, struct word word, const char *cause, const char *hint)
{
    char *text = strndup(word.text, word.length);
    int rc = error_because(err, EINVAL, WHAT, text, cause, hint);
    free(text);
    return rc;
}

/* ---- the kernel's words --------------------------------------------------------------------- */

static const struct attribute_word *find_attribute(struct word word)
{
    for (size_t i = 0; i < sizeof attribute_words / sizeof *attribute_words; i++)
        if (is_word(word, attribute_words[i].name))
            return &attribute_words[i];
    return NULL;
}

uint64_t mount_propagation_flags(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof propagation_words / sizeof *propagation_words; i++)
        if (is_word((struct word){word, length}, propagation_words[i].name))
            return propagation_words[i].flags;
    return 0;
}

static bool is_bind(struct word word)
{
    return is_word(word, "bind") || is_word(word, "rbind");
}

/* The last word wins, as in mount(8). */
static void put_attribute(struct mount_options *o, const struct attribute_word *attribute)
{
    o->set = (o->set & ~attribute->clear) | attribute->set;
    o->clear = (o->clear & ~attribute->set) | attribute->clear;
}

static int read_vfs_word(struct mount_options *o, struct word word, struct scratch_error *err)
{
    const struct attribute_word *attribute = find_attribute(word);
    uint64_t propagation = mount_propagation_flags(word.text, word.length);
    if (attribute) {
        put_attribute(o, attribute);
    } else if (propagation) {
        if (o->propagation)
            return refuse(err, word, "a second propagation word", "give one");
        o->propagation = propagation;
    } else if (is_bind(word)) {
        o->bind = true;
        o->recursive = *word.text == 'r';
    } else {
        return refuse(err, word, "libscratch does not set this option", "leave it out");
    }
    return 0;
}

/* ---- others' words -------------------------------------------------------------------------- */

static int read_user_word(struct mount_options *o, struct word word, struct scratch_error *err)
{
    if (is_word(word, "X-mount.mkdir"))
        o->make = true;
    else if (is_word(word, "nofail"))
        o->best_effort = true;
    else if (is_word(key_of(word), "X-mount.mkdir"))
        return refuse(err, word, "a mode cannot be given", "what is made has the mode 0755");
    else
        return refuse(err, word, "this is an option of mount(8) or a helper, not of the kernel",
                      "leave it out; X-mount.mkdir and nofail are known");
    return 0;
}

/* "ro" holds for a whole tree here, or is an error: to ask for that by name changes nothing. */
static int take_rro(struct mount_options *o, struct word word, struct scratch_error *err)
{
    if (o->clear & MOUNT_ATTR_RDONLY)
        return refuse(err, word, "rw and rro contradict each other", "give one");
    o->set |= MOUNT_ATTR_RDONLY;
    return 0;
}

static int take_label(struct mount_options *o, struct word word, struct scratch_error *err)
{
    if (o->label && o->label != *word.text)
        return refuse(err, word, "z and Z contradict each other",
                      "z: shared by containers; Z: for this one alone");
    o->label = *word.text;
    return 0;
}

static int take_own(struct mount_options *o, struct word word, struct scratch_error *err)
{
    (void)word;
    (void)err;
    o->own = true;
    return 0;
}

static int take_copy_up(struct mount_options *o, struct word word, struct scratch_error *err)
{
    (void)err;
    o->copy_up = *word.text == 't';
    return 0;
}

/* podman's word for an idmapped mount. */
static int take_idmap(struct mount_options *o, struct word word, struct scratch_error *err)
{
    (void)err;
    o->idmap = *word.text == 'i' ? IDMAP_YES : IDMAP_NO;
    return 0;
}

bool mount_has_selinux(void)
{
    return access("/sys/fs/selinux/enforce", F_OK) == 0;
}

/* SELinux labels of a new file system, or of the files in it. */
static bool is_context(struct word key)
{
    return is_word(key, "context") || is_word(key, "fscontext") || is_word(key, "defcontext") ||
           is_word(key, "rootcontext");
}

typedef int read_word(struct mount_options *o, struct word word, struct scratch_error *err);

/* Words that container engines have added to mount(8)'s; libmount takes them for data. */
static const struct engine_word {
    const char *name;
    read_word *take;
} engine_words[] = {
    {"rro", take_rro},           {"z", take_label},
    {"Z", take_label},           {"idmap", take_idmap},
    {"noidmap", take_idmap},     {"U", take_own},
    {"tmpcopyup", take_copy_up}, {"notmpcopyup", take_copy_up},
};

static int keep_data(struct mount_options *o, struct word word, struct scratch_error *err)
{
    char *data = NULL;
    int n = asprintf(&data, "%s%s%.*s", o->data ? o->data : "", o->data ? "," : "",
                     (int)word.length, word.text);
    if (n < 0)
        return error_set(err, ENOMEM, WHAT, NULL, NULL);
    free(o->data);
    o->data = data;
    return 0;
}

/* Words of the file system are its own to judge, but for those that only look like it. */
static int read_data_word(struct mount_options *o, struct word word, struct scratch_error *err)
{
    struct word key = key_of(word);
    for (size_t i = 0; i < sizeof engine_words / sizeof *engine_words; i++)
        if (is_word(word, engine_words[i].name))
            return engine_words[i].take(o, word, err);
    if (is_context(key))
        o->context = true;
    if (is_word(key, "idmap"))
        return refuse(err, word, "the map is that of the container's user namespace",
                      "write idmap alone");
    if (key.length == word.length ||
        (!find_attribute(key) && !mount_propagation_flags(key.text, key.length)))
        return keep_data(o, word, err);
    return refuse(err, word, "this option takes no value",
                  "on an rbind, ro and the others hold for all submounts already");
}

/* ---- the string ----------------------------------------------------------------------------- */

static int read_words(struct mount_options *o, const char *list, read_word *read,
                      struct scratch_error *err)
{
    int rc = 0;
    while (list && *list && rc == 0) {
        struct word word = {list, text_option_length(list)};
        if (word.length)
            rc = read(o, word, err);
        list += word.length;
        list += *list == ',';
    }
    return rc;
}

/* Such as "rbind,ro": they mean the same on every file system, and need no library to be told. */
static bool all_are_vfs_words(const char *list)
{
    while (*list) {
        struct word word = {list, text_option_length(list)};
        if (word.length && !find_attribute(word) && !is_bind(word) &&
            !mount_propagation_flags(word.text, word.length))
            return false;
        list += word.length;
        list += *list == ',';
    }
    return true;
}

int mount_options_read(const char *text, struct mount_options *o, struct scratch_error *err)
{
    struct libmount_words words;
    *o = (struct mount_options){0};
    if (!text || all_are_vfs_words(text))
        return read_words(o, text, read_vfs_word, err);
    int rc = libmount_split(text, &words);
    if (rc == -ENOSYS)
        lazy_missing(err, WHAT, text, "libmount", "install it: Debian's package is libmount1");
    else if (rc < 0)
        error_set(err, -rc, WHAT, text, NULL);
    if (rc == 0)
        rc = read_words(o, words.vfs, read_vfs_word, err);
    if (rc == 0)
        rc = read_words(o, words.user, read_user_word, err);
    if (rc == 0)
        rc = read_words(o, words.data, read_data_word, err);
    libmount_free_words(&words);
    return rc;
}

void mount_options_free(struct mount_options *o)
{
    free(o->data);
    free(o->ids);
    o->data = o->ids = NULL;
}
