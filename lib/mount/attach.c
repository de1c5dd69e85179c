/* SPDX-License-Identifier: MIT */
#include "mount/attach.h"
#include "base/text.h"

/* As many bytes as mount(2) takes for all options together. */
#define OPTION_SIZE 4096

int mount_begin(struct step_walk *w, const char *type, const char *source)
{
    int fs = sys_fsopen(type, FSOPEN_CLOEXEC);
    if (fs < 0)
        return step_detail(w, fs == -ENODEV ? DETAIL_TYPE : DETAIL_NONE, fs);
    int rc = source ? sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", source, 0) : 0;
    if (rc < 0) {
        sys_close(fs);
        return step_detail(w, DETAIL_SOURCE, rc);
    }
    return fs;
}

/* One option, "key=value" or "key", which ends at a comma or at the end. */
static int configure_one(int fs, const char *word, size_t length)
{
    char text[OPTION_SIZE];
    const char *value = NULL;
    if (length >= sizeof text)
        return -E2BIG;
    for (size_t i = 0; i < length; i++) {
        text[i] = word[i];
        if (word[i] == '=' && !value) {
            text[i] = '\0';
            value = text + i + 1;
        }
    }
    text[length] = '\0';
    if (value)
        return sys_fsconfig(fs, FSCONFIG_SET_STRING, text, value, 0);
    return sys_fsconfig(fs, FSCONFIG_SET_FLAG, text, NULL, 0);
}

int mount_configure(struct step_walk *w, int fs, const char *data)
{
    while (data && *data) {
        const char *end = text_find(data, ',');
        size_t length = end ? (size_t)(end - data) : text_length(data);
        int rc = length ? configure_one(fs, data, length) : 0;
        if (rc < 0)
            return step_detail(w, DETAIL_OPTION, rc);
        data += length + (end != NULL);
    }
    return 0;
}

int mount_finish(struct step_walk *w, int fs, uint64_t attributes)
{
    int rc = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
    if (rc == 0)
        rc = sys_fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)attributes);
    sys_close(fs);
    return step_detail(w, DETAIL_NONE, rc);
}

int mount_detached(struct step_walk *w, const char *type, const char *source, const char *data,
                   uint64_t attributes)
{
    int fs = mount_begin(w, type, source);
    if (fs < 0)
        return fs;
    int rc = mount_configure(w, fs, data);
    if (rc < 0) {
        sys_close(fs);
        return rc;
    }
    return mount_finish(w, fs, attributes);
}

int mount_copy(struct step_walk *w, int dirfd, const char *path, bool recursive)
{
    unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
    if (recursive)
        flags |= AT_RECURSIVE;
    if (!*path)
        flags |= AT_EMPTY_PATH;
    return step_detail(w, DETAIL_SOURCE, sys_open_tree(dirfd, path, flags));
}

int mount_attributes(int mount, uint64_t set, uint64_t clear, bool recursive)
{
    struct mount_attr attributes = {.attr_set = set, .attr_clr = clear};
    if (!set && !clear)
        return 0;
    /* The three ways of keeping access times are one field: to set one is to clear it first. */
    if (set & MOUNT_ATTR__ATIME)
        attributes.attr_clr |= MOUNT_ATTR__ATIME;
    return sys_mount_setattr(mount, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0),
                             &attributes);
}

int mount_attach(struct step_walk *w, int mount, int target)
{
    int rc =
        sys_move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    return step_detail(w, DETAIL_ATTACH, rc);
}

int mount_attach_over_root(struct step_walk *w, int mount)
{
    int rc = sys_move_mount(mount, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH);
    return step_detail(w, DETAIL_ATTACH, rc);
}
