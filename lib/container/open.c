/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "cgroup/frozen.h"
#include "container/handle.h"
#include "init/init.h"
#include "state/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- reading -------------------------------------------------------------------------------- */

/* One that has ended has no pidfd. */
static int find_process(struct scratch_container *c, struct scratch_error *err)
{
    c->walk.child = c->contents->known.pid;
    c->pidfd = record_process(c->walk.child, c->contents->known.start_time);
    return c->pidfd < 0 && c->pidfd != -ESRCH
               ? error_call(err, -c->pidfd, "pidfd_open(2)", "open the container", c->id, NULL)
               : 0;
}

int handle_read(struct scratch_container *c, struct scratch_error *err)
{
    if (c->record < 0)
        return error_because(err, EINVAL, "look at the container", scratch_container_id(c),
                             "it has no record", "give scratch_spec.keep");
    if (c->contents)
        return 0;
    int rc = record_read(c->record, c->root, c->id, &c->contents, err);
    if (rc == -ENOENT)
        error_because(err, ENOENT, "container", c->id,
                      "it does not exist: it was deleted, or its starter is still at work", NULL);
    if (rc == 0 && c->opened)
        rc = find_process(c, err);
    if (rc < 0 && c->contents) {
        record_free(c->contents);
        c->contents = NULL;
    }
    return rc;
}

static int no_such(const char *root, const char *id, struct scratch_error *err)
{
    error_because(err, ENOENT, "container", id, NULL, NULL);
    if (err)
        error_write(err->cause, "there is none of that name in %s: it does not exist", root);
    return -ENOENT;
}

/* The same; what has not been written yet is its starter's, or nobody's. */
static int read_or_wait(struct scratch_container *c, struct scratch_error *err)
{
    int rc = handle_read(c, err);
    if (rc == -ENOENT && record_is_locked(c->record))
        return 0;
    if (rc == -ENOENT)
        rc = handle_read(c, err); /* it may have been written between the two */
    return rc == -ENOENT ? no_such(c->root, c->id, err) : rc;
}

int handle_check_owner(const struct scratch_container *c, const char *what,
                       struct scratch_error *err)
{
    return c->foreign ? error_because(err, EPERM, what, scratch_container_id(c),
                                      "it is another user's", "do it as that user")
                      : 0;
}

/* What is not written yet is there as soon as its starter lets go of the lock. */
static int wait_for_starter(struct scratch_container *c, struct scratch_error *err)
{
    int rc = record_lock(c->record, c->id, true);
    if (rc < 0)
        return no_such(c->root, c->id, err);
    rc = handle_read(c, err);
    record_unlock(c->record);
    return rc;
}

int handle_lock(struct scratch_container *c, const char *what, struct scratch_error *err)
{
    int rc = handle_read(c, err);
    if (rc == -ENOENT && record_is_locked(c->record))
        rc = wait_for_starter(c, err);
    if (rc == 0)
        rc = handle_check_owner(c, what, err);
    if (rc < 0)
        return rc;
    rc = record_lock(c->record, c->id, true);
    c->locked = rc == 0;
    return rc == -ENOENT ? no_such(c->root, c->id, err)
           : rc < 0      ? error_call(err, -rc, "flock(2)", what, c->id, NULL)
                         : 0;
}

void handle_unlock(struct scratch_container *c)
{
    record_unlock(c->record);
    c->locked = false;
}

const char *const *handle_groups(const struct scratch_container *c)
{
    static const char *const none[] = {NULL};
    return c->contents && c->contents->known.cgroups ? c->contents->known.cgroups : none;
}

/* ---- the state ------------------------------------------------------------------------------ */

static bool runs(const struct scratch_container *c)
{
    struct pollfd end = {.fd = c->pidfd, .events = POLLIN};
    return c->pidfd >= 0 && !c->ended && poll(&end, 1, 0) == 0;
}

/* The socket alone does not say it: one who started the container may have been killed before it
 * could take that away. */
static bool waits(const struct scratch_container *c)
{
    char path[32], name[32] = "";
    struct stat st;
    if (fstatat(c->record, RECORD_SOCKET, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    snprintf(path, sizeof path, "/proc/%d/comm", (int)scratch_container_pid(c));
    FILE *in = fopen(path, "re");
    if (in && !fgets(name, sizeof name, in))
        name[0] = '\0';
    if (in)
        fclose(in);
    return strcmp(name, INIT_NAME_CREATED "\n") == 0;
}

/* In any hierarchy of its group: on v1 there is one for it. */
bool handle_is_frozen(const struct scratch_container *c)
{
    bool frozen = false;
    for (size_t i = 0; handle_groups(c)[i] && !frozen; i++) {
        int fd = record_open_group(c->contents, i);
        frozen = fd >= 0 && frozen_is(fd);
        if (fd >= 0)
            close(fd);
    }
    return frozen;
}

enum scratch_status handle_status(const struct scratch_container *c)
{
    if (!c->contents)
        return SCRATCH_STATUS_CREATING;
    if (!runs(c))
        return SCRATCH_STATUS_STOPPED;
    return waits(c)              ? SCRATCH_STATUS_CREATED
           : handle_is_frozen(c) ? SCRATCH_STATUS_PAUSED
                                 : SCRATCH_STATUS_RUNNING;
}

const char *scratch_status_name(enum scratch_status status)
{
    static const char *const names[] = {"creating", "created", "running", "paused", "stopped"};
    return (unsigned)status < sizeof names / sizeof *names ? names[status] : "unknown";
}

static void fill(const struct scratch_container *c, struct scratch_container_state *s)
{
    int status;
    if (c->contents)
        *s = c->contents->known;
    s->id = c->id;
    s->root = c->root;
    s->exit_status = -1;
    s->status = handle_status(c);
    if (s->status != SCRATCH_STATUS_STOPPED)
        return;
    s->pid = 0;
    int file = record_open_exit(c->record);
    if (record_read_exit(c->contents, file, &status, &s->ended))
        s->exit_status = status;
    if (file >= 0)
        close(file);
    if (s->exit_status != 0)
        scratch_container_oom(c, &s->oom);
}

int scratch_container_state(scratch_container *c, struct scratch_container_state *state,
                            struct scratch_error *err)
{
    struct scratch_container_state filled = SCRATCH_CONTAINER_STATE_INIT;
    size_t size = state->size;
    if (size < sizeof size || size > sizeof filled)
        return error_set(err, EINVAL, "state of a container", NULL,
                         "begin with SCRATCH_CONTAINER_STATE_INIT of these headers");
    int rc = read_or_wait(c, err);
    if (rc < 0)
        return rc;
    fill(c, &filled);
    memcpy(state, &filled, size);
    state->size = size;
    return 0;
}

/* ---- open ----------------------------------------------------------------------------------- */

/* The directory of records that a caller means: its own to free, or NULL with err filled. */
static char *root_of(const char *given, struct scratch_error *err)
{
    char path[STATE_PATH];
    if (!given && state_path(path, "find containers", err) < 0)
        return NULL;
    char *root = strdup(given ? given : path);
    if (!root)
        error_set(err, ENOMEM, "find containers", given, NULL);
    return root;
}

static int cannot_open(const struct scratch_container *c, bool root, struct scratch_error *err)
{
    error_call(err, -c->record, "open(2)", root ? "open a directory of records" : "open a record",
               c->root,
               c->record == -EPERM ? "it must be yours, and writable by nobody else" : NULL);
    if (err && !root)
        error_write(err->subject, "%s/%s", c->root, c->id);
    return c->record;
}

static int open_record(struct scratch_container *c, struct scratch_error *err)
{
    int root = record_root_open(c->root, false);
    c->record = root < 0 ? root : record_open(root, c->id);
    if (root >= 0)
        close(root);
    if (c->record == -ENOENT || root == -ENOENT)
        return no_such(c->root, c->id, err);
    if (c->record < 0)
        return cannot_open(c, root < 0, err);
    struct stat st;
    c->foreign = fstat(c->record, &st) < 0 || st.st_uid != geteuid();
    return 0;
}

int scratch_container_open(const char *root, const char *id, scratch_container **container,
                           struct scratch_error *err)
{
    *container = NULL;
    if (!id || !record_is_id(id))
        return record_refuse_id(id ? id : "", err);
    struct scratch_container *c = container_new_opened();
    if (!c)
        return error_set(err, ENOMEM, "open the container", id, NULL);
    c->opened = true;
    c->root = root_of(root, err);
    c->id = strdup(id);
    int rc = c->root ? open_record(c, err) : -EINVAL;
    if (rc == 0)
        rc = read_or_wait(c, err);
    if (rc < 0)
        scratch_container_free(c);
    else
        *container = c;
    return rc;
}

int scratch_container_log(scratch_container *c, struct scratch_error *err)
{
    int rc = handle_read(c, err);
    if (rc < 0)
        return rc;
    int fd = openat(c->record, RECORD_LOG, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && c->contents->known.log)
        return no_such(c->root, c->id, err); /* it is just being deleted */
    if (fd < 0 && errno == ENOENT)
        return error_because(err, ENOENT, "read the log", c->id, "the container has none",
                             "scratch_keep_options.log makes one");
    return fd < 0 ? error_call(err, errno, "open(2)", "read the log", c->id, NULL) : fd;
}
