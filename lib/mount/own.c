/* SPDX-License-Identifier: MIT */
/*
 * Giving the source of a bind to the container: its owner, and its SELinux label.
 */
#include "base/text.h"
#include "mount/tree.h"
#include "step/step.h"

#define S_IFMT_  0170000
#define S_IFDIR_ 0040000

struct owner {
    uint32_t uid, gid;
};

/* What is the container's already is left alone: chown(2) takes set-user-ID bits away. */
static int own(int fd, const struct statx *st, const struct owner *owner)
{
    if (st->stx_uid == owner->uid && st->stx_gid == owner->gid)
        return 0;
    return (int)sys5(SYS_fchownat, fd, (long)"", owner->uid, owner->gid, AT_EMPTY_PATH);
}

static int own_file(struct tree *t, const struct tree_entry *entry)
{
    return own(entry->fd, &entry->st, t->argument);
}

static int own_directory(struct tree *t, const struct tree_entry *entry)
{
    int rc = own(entry->fd, &entry->st, t->argument);
    return rc < 0 ? rc : TREE_NO_FD;
}

/* By the fd's path: fsetxattr(2) takes no O_PATH fd. A file system without labels has none to set.
 */
static int label(int fd, const char *text)
{
    char path[16 + TEXT_NUMBER];
    text_fd_path(path, sizeof path, fd);
    int rc = (int)sys5(SYS_setxattr, (long)path, (long)"security.selinux", (long)text,
                       (long)text_length(text) + 1, 0);
    return rc == -EOPNOTSUPP ? 0 : rc;
}

static int label_file(struct tree *t, const struct tree_entry *entry)
{
    return label(entry->fd, t->argument);
}

static int label_directory(struct tree *t, const struct tree_entry *entry)
{
    int rc = label(entry->fd, t->argument);
    return rc < 0 ? rc : TREE_NO_FD;
}

/* Visit a path, a directory with all that is below it. */
static int change(struct step_walk *w, const char *path, const struct tree_visitor *visitor,
                  const void *argument)
{
    struct tree t;
    struct tree_entry entry;
    t.visitor = visitor;
    t.argument = argument;
    entry.fd = tree_open(path);
    if (entry.fd < 0)
        return step_detail(w, DETAIL_SOURCE, entry.fd);
    int rc = sys_statx(entry.fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &entry.st);
    if (rc == 0)
        rc = visitor->file(&t, &entry);
    if (rc == 0 && (entry.st.stx_mode & S_IFMT_) == S_IFDIR_)
        rc = tree_walk(&t, entry.fd, TREE_NO_FD);
    sys_close(entry.fd);
    return rc;
}

int mount_own_step(struct step_walk *w, const struct step *step)
{
    const struct tree_visitor visitor = {own_file, own_directory, NULL};
    const struct owner owner = {(uint32_t)step->num[0], (uint32_t)step->num[1]};
    return change(w, step_text(w, step->text[0]), &visitor, &owner);
}

int mount_relabel_step(struct step_walk *w, const struct step *step)
{
    const struct tree_visitor visitor = {label_file, label_directory, NULL};
    return change(w, step_text(w, step->text[0]), &visitor, step_text(w, step->text[1]));
}
