/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "base/json_read.h"
#include "container/handle.h"
#include "state/directory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define USERS "/run/user" /* where pam_systemd(8) has each user's XDG_RUNTIME_DIR */

typedef int visitor(const struct scratch_container_state *state, const struct scratch_error *broken,
                    void *data);

struct list {
    visitor *visit;
    void *data;
    struct scratch_error *err;
    bool may_be_absent;
};

/* One that is gone by now, or that a killed starter has left, is none. */
static int list_one(const struct list *l, const char *root, uid_t owner, const char *id)
{
    struct scratch_container_state state = SCRATCH_CONTAINER_STATE_INIT;
    struct scratch_error broken = {0};
    scratch_container *c;
    int rc = scratch_container_open(root, id, &c, &broken);
    if (rc == 0)
        rc = scratch_container_state(c, &state, &broken);
    if (rc == -ENOENT || rc == -ESRCH) {
        scratch_container_free(c);
        return 0;
    }
    if (rc < 0) {
        state.id = id;
        state.root = root;
        state.owner = owner;
    }
    rc = l->visit(&state, rc < 0 ? &broken : NULL, l->data);
    scratch_container_free(c);
    return rc;
}

static int list_root(const char *root, void *list)
{
    const struct list *l = list;
    struct stat st;
    int fd = record_root_open(root, false), rc = 0;
    if (fd < 0 && l->may_be_absent)
        return 0;
    if (fd < 0)
        return error_call(l->err, -fd, "open(2)", "list containers", root,
                          fd == -EPERM ? "it must be yours, and writable by nobody else" : NULL);
    if (fstat(fd, &st) < 0)
        st.st_uid = geteuid();
    char **ids = record_ids(fd);
    close(fd);
    for (size_t i = 0; ids && ids[i] && rc == 0; i++)
        rc = list_one(l, root, st.st_uid, ids[i]);
    record_free_ids(ids);
    return rc;
}

/* Root sees those of all that are logged in. */
static int list_users(struct list *l)
{
    DIR *users = geteuid() == 0 ? opendir(USERS) : NULL;
    struct dirent *entry;
    char path[300];
    int rc = 0;
    while (users && rc == 0 && (entry = readdir(users))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, USERS "/%s/libscratch", entry->d_name);
        rc = list_root(path, l);
    }
    if (users)
        closedir(users);
    return rc;
}

int scratch_container_list(const char *root, visitor *visit, void *data, struct scratch_error *err)
{
    struct list l = {.visit = visit, .data = data, .err = err, .may_be_absent = !root};
    char own[STATE_PATH];
    if (root)
        return list_root(root, &l);
    int rc = state_path(own, "list containers", err);
    if (rc == 0)
        rc = record_each_root(list_root, &l);
    return rc == 0 ? list_users(&l) : rc;
}
