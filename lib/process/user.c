/* SPDX-License-Identifier: MIT */
/*
 * Who the command is, as the root's own files say it: what Docker does with its --user.
 */
#include "base/open.h"
#include "base/sys.h"
#include "base/text.h"
#include "process/account.h"
#include "step/step.h"

/* Far more than any such file has, and little enough to be read at once. */
#define FILE_MAX (4u << 20)

#define S_IFMT_  0170000u
#define S_IFREG_ 0100000u

enum { PASSWD, GROUP };

struct file {
    char *text; /* mapped, or NULL */
    size_t size;
};

static int read_all(int fd, struct file *file)
{
    size_t at = 0;
    while (at < file->size) {
        ssize_t n = sys_read(fd, file->text + at, file->size - at);
        if (n == -EINTR)
            continue;
        if (n < 0)
            return (int)n;
        if (n == 0) /* it has become shorter */
            break;
        at += (size_t)n;
    }
    file->size = at;
    return 0;
}

/*
 * The whole of a file, which is empty when it is not there. What is at the path may be anything: a
 * pipe that nobody writes to shall not be waited for. The memory goes with the exec.
 */
static int load(const char *path, struct file *file)
{
    struct statx st;
    int root = sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
    int fd = root < 0 ? root : root_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    file->text = NULL;
    file->size = 0;
    if (root >= 0)
        sys_close(root);
    if (fd == -ENOENT || fd == -ENOTDIR)
        return 0;
    int rc = fd < 0 ? fd : sys_statx(fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_SIZE, &st);
    if (rc >= 0 && (st.stx_mode & S_IFMT_) != S_IFREG_)
        rc = -EINVAL;
    if (rc >= 0 && st.stx_size > FILE_MAX)
        rc = -EFBIG;
    if (rc >= 0 && st.stx_size > 0) {
        file->size = st.stx_size;
        file->text = sys_map_anew(file->size);
        rc = sys_failed(file->text) ? (int)(long)file->text : read_all(fd, file);
    }
    if (fd >= 0)
        sys_close(fd);
    return rc < 0 ? rc : 0;
}

static int load_both(struct step_walk *w, struct file file[2])
{
    static const char path[2][16] = {"/etc/passwd", "/etc/group"};
    int rc = 0;
    for (unsigned i = 0; i < 2 && rc == 0; i++) {
        w->item = i;
        rc = step_detail(w, DETAIL_USER_FILE, load(path[i], &file[i]));
    }
    return rc;
}

static int not_found(struct step_walk *w, enum step_detail absent, enum step_detail bad, int rc)
{
    return step_detail(w, rc == 0 ? absent : bad, rc == 0 ? -ENOENT : rc);
}

static void put_home(struct step_user *u, struct account_word home)
{
    static const char name[] = "HOME=";
    size_t at = text_append(u->home, sizeof u->home, 0, name);
    if (home.length && home.length < STEP_HOME)
        for (size_t i = 0; i < home.length; i++)
            u->home[at++] = home.text[i];
    else
        u->home[at++] = '/';
    u->home[at] = '\0';
}

/* A number need not be in the file: its group is 0 then, and its home "/". */
static int find_user(struct step_walk *w, const struct file *passwd, struct account_word user,
                     struct account_user *found)
{
    uint32_t number = 0;
    bool is_number = account_number(user, &number);
    *found = (struct account_user){{NULL, 0}, number, 0, {NULL, 0}};
    int rc = account_find_user(passwd->text, passwd->size, user, found);
    if (rc < 0 || (rc == 0 && !is_number))
        return not_found(w, DETAIL_USER, DETAIL_USER_LINE, rc);
    return 0;
}

/* item: which group it is, for the error. */
static int find_group(struct step_walk *w, const struct file *file, struct account_word group,
                      uint32_t item, uint32_t *gid)
{
    w->item = item;
    if (account_number(group, gid))
        return 0;
    int rc = account_find_group(file->text, file->size, group, gid);
    return rc > 0 ? 0 : not_found(w, DETAIL_GROUP, DETAIL_GROUP_LINE, rc);
}

/* The groups that are asked for by name or number, besides. */
static int add_groups(struct step_walk *w, const struct file *file, const struct block_list *more)
{
    struct step_user *u = w->user;
    uint32_t gid;
    int rc = 0;
    for (uint32_t i = 0; more && i < more->count && rc == 0; i++) {
        const char *name = block_at(w->plan, more->text[i]);
        rc = find_group(w, file, (struct account_word){name, text_length(name)}, i + 1, &gid);
        if (rc == 0)
            rc = step_detail(w, DETAIL_GROUPS,
                             account_add_group(u->group, &u->group_count, STEP_GROUPS_MAX, gid));
    }
    return rc;
}

/* With a group of its own choice, a user has none of those that the file gives it. */
static int find_groups(struct step_walk *w, const struct file *file, struct account_word group,
                       struct account_word name)
{
    struct step_user *u = w->user;
    if (group.text)
        return find_group(w, file, group, 0, &u->gid);
    if (!name.text)
        return 0;
    int rc =
        account_groups_of(file->text, file->size, name, u->group, &u->group_count, STEP_GROUPS_MAX);
    w->item = 0;
    return step_detail(w, rc == -E2BIG ? DETAIL_GROUPS : DETAIL_USER_LINE, rc);
}

int process_user_step(struct step_walk *w, const struct step *step)
{
    struct account_word user, group;
    struct account_user found;
    struct file file[2];
    if (!w->user || !account_split(step_text(w, step->text[0]), &user, &group))
        return -EINVAL;
    int rc = load_both(w, file);
    if (rc == 0)
        rc = find_user(w, &file[PASSWD], user, &found);
    if (rc < 0)
        return rc;
    w->user->uid = found.uid;
    w->user->gid = found.gid;
    w->user->group_count = 0;
    put_home(w->user, found.home);
    rc = find_groups(w, &file[GROUP], group, found.name);
    return rc < 0 ? rc : add_groups(w, &file[GROUP], step_list(w, step->text[1]));
}
