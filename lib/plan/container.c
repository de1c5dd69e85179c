/* SPDX-License-Identifier: MIT */
#include "plan/container.h"
#include "base/error.h"
#include "base/sys.h"
#include "cgroup/compile.h"
#include "cgroup/oom.h"
#include "plan/helper.h"
#include "state/record.h"
#include "step/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct scratch_container *container_new_opened(void)
{
    struct scratch_container *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->pidfd = c->terminal = c->socket = c->listener = c->until_exec = c->record = -1;
    memset(c->fd, -1, sizeof c->fd);
    return c;
}

struct scratch_container *container_new(struct scratch_plan *plan, struct start_block *start,
                                        const int *handed)
{
    struct scratch_container *c = container_new_opened();
    size_t size = start->handed * sizeof *handed;
    if (c && size)
        c->handed = malloc(size);
    if (!c || (size && !c->handed)) {
        free(c);
        return NULL;
    }
    if (size)
        memcpy(c->handed, handed, size);
    atomic_fetch_add(&plan->references, 1);
    c->plan = plan;
    c->start = start;
    for (uint32_t i = 0; i < plan->block->fd_count; i++)
        c->fd[i] = plan->fd[i];
    c->walk = (struct step_walk){.plan = plan->block,
                                 .start = start,
                                 .fd = c->fd,
                                 .root = -1,
                                 .layers = -1,
                                 .lot = -1,
                                 .socket = -1,
                                 .said = c->said,
                                 .died = record_oom_of};
    return c;
}

/* What a record that stays keeps: itself, and its groups where it is asked to. */
static bool stays(const struct scratch_container *c, const struct step *step)
{
    const struct step *state = step_find(c->walk.plan, STEP_STATE);
    if (!c->started || !state || state->num[0])
        return false;
    bool group = step->kind == STEP_CGROUP_ABOVE || step->kind == STEP_CGROUP_MAKE ||
                 step->kind == STEP_CGROUP_SCOPE;
    return step == state || (group && state->num[1]);
}

void container_undo(struct scratch_container *c)
{
    helper_end(c);
    while (c->done > 0) {
        c->walk.index = --c->done;
        const struct step *step = step_at(c->walk.plan, c->done);
        int rc = step->side == STEP_HOST && !stays(c, step) ? step_undo(&c->walk, step) : 0;
        if (rc < 0) {
            c->left_errno = -rc;
            c->left = c->done;
        }
    }
}

/* Say what is left on the host: a control group is all that can be. */
static void tell_left(const struct scratch_container *c, struct scratch_error *err)
{
    const struct step *step = step_at(c->walk.plan, c->left);
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", step_text(&c->walk, step->text[0]),
             step_text(&c->walk, step->text[1]));
    error_because(err, c->left_errno, "remove the control group", path,
                  c->left_errno == EBUSY ? "there are processes in it" : NULL,
                  "end them, and then let scratch_sweep() or rmdir remove it");
}

static void close_own_fds(struct scratch_container *c)
{
    const int own[] = {c->pidfd, c->terminal, c->socket, c->listener, c->until_exec, c->record};
    for (uint32_t i = 0; c->plan && i < c->plan->block->fd_count; i++)
        if (c->fd[i] >= 0 && c->fd[i] != c->plan->fd[i])
            close(c->fd[i]);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (own[i] >= 0)
            close(own[i]);
}

void scratch_container_free(scratch_container *c)
{
    if (!c)
        return;
    close_own_fds(c);
    scratch_container_free(c->helper);
    plan_release(c->plan);
    record_free(c->contents);
    free(c->start);
    free(c->handed);
    free(c->joined);
    free(c->root);
    free(c->id);
    free(c);
}

/* The status of the first process, as a shell has it; -ECHILD when somebody else has taken it. */
static int take_status(struct scratch_container *c)
{
    siginfo_t info = {0};
    int rc;
    if (c->opened && !c->contents)
        return -ENOENT;
    if (c->opened)
        return record_wait(c->contents, c->record, c->pidfd);
    do
        rc = waitid(P_PIDFD, (id_t)c->pidfd, &info, WEXITED);
    while (rc < 0 && errno == EINTR);
    if (rc < 0)
        return -errno;
    return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

/* While its group is there. That of a process more in a container has a past. */
static void find_oom(struct scratch_container *c)
{
    int fd = c->joined ? open(c->joined, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    if (!c->joined)
        oom_find(&c->walk, &c->oom);
    else if (fd < 0 || !oom_of_group(fd, &c->oom) || c->oom.kills <= c->joined_kills)
        c->oom = (struct scratch_container_oom){0};
    else
        c->oom.kills -= c->joined_kills;
    if (fd >= 0)
        close(fd);
}

/*
 * While nobody else deletes it, or starts another of its name: its groups are known by that name.
 * When that has been done already they are gone, and what is there is not touched.
 */
static void undo_alone(struct scratch_container *c)
{
    bool lock = c->record >= 0 && !c->locked && record_lock(c->record, c->id, true) == 0;
    if (lock && c->oom.kills)
        record_write_oom(c->record, &c->oom);
    container_undo(c);
    if (lock)
        record_unlock(c->record);
}

int scratch_container_wait(scratch_container *c, struct scratch_error *err)
{
    if (!c->ended) {
        c->status = take_status(c);
        c->ended = true;
        if (c->record >= 0 && c->status >= 0)
            record_write_exit(c->record, c->status);
        if (c->status != 0 && c->plan)
            find_oom(c);
        undo_alone(c);
    }
    if (c->status == -ENOENT)
        return error_because(err, ENOENT, "container", c->id,
                             "it does not exist: it was deleted, or its starter is still at work",
                             NULL);
    if (c->status == -ENODATA)
        return error_because(err, ENODATA, "tell how the container ended", scratch_container_id(c),
                             "nobody could record it: who started it is gone, and it has no init",
                             NULL);
    if (c->status == -ECHILD)
        return error_call(err, ECHILD, "waitid(2)", "wait for the container", NULL,
                          "the caller ignores SIGCHLD, or has waited for any child");
    if (c->status < 0)
        return error_call(err, -c->status, "waitid(2)", "wait for the container", NULL, NULL);
    if (c->left_errno)
        tell_left(c, err);
    else if (err)
        memset(err, 0, sizeof *err);
    return c->status;
}

void container_destroy(struct scratch_container *c)
{
    if (c->pidfd >= 0) {
        sys4(SYS_pidfd_send_signal, c->pidfd, SIGKILL, 0, 0);
        take_status(c);
    }
    container_undo(c);
    scratch_container_free(c);
}

int scratch_container_pidfd(const scratch_container *c)
{
    return c->pidfd;
}

pid_t scratch_container_pid(const scratch_container *c)
{
    return c->walk.child;
}

const char *scratch_container_id(const scratch_container *c)
{
    return c->id ? c->id : step_text(&c->walk, SLOT_TEXT(SLOT_ID)) + strlen(SLOT_ID_PREFIX);
}

int scratch_container_cgroup(const scratch_container *c, char *path, size_t size)
{
    if (c->contents && c->contents->known.cgroup)
        return snprintf(path, size, "%s", c->contents->known.cgroup);
    if (!c->plan)
        return -ENOENT;
    const struct step *make = step_find(c->walk.plan, STEP_CGROUP_MAKE);
    const struct step *scope = step_find(c->walk.plan, STEP_CGROUP_SCOPE);
    if (scope)
        return scope_path_of(&c->walk, scope, path, size);
    return make ? cgroup_path_of(&c->walk, make, path, size) : -ENOENT;
}

/* Its groups know, and what they knew was written down before they went. */
static bool ask_groups(const struct scratch_container *c, struct scratch_container_oom *oom)
{
    const char *const *group = c->contents->known.cgroups;
    bool found = false;
    for (size_t i = 0; group && group[i] && !found; i++) {
        int fd = record_open_group(c->contents, i);
        found = fd >= 0 && oom_of_group(fd, oom);
        if (fd >= 0)
            close(fd);
    }
    return found;
}

static bool ask_log(const struct scratch_container *c, struct scratch_container_oom *oom)
{
    const char *const *group = c->contents->known.cgroups;
    bool found = false;
    for (; group && *group && !found; group++)
        found = oom_of_log(*group, c->contents->known.created, oom);
    return found;
}

/* Before a sweep that does not see the record, from another mount namespace, takes the group. */
static void remember(const struct scratch_container *c, const struct scratch_container_oom *oom)
{
    struct scratch_container_oom known;
    if (c->foreign || record_read_oom(c->record, &known))
        return;
    bool lock = !c->locked && record_lock_soon(c->record, c->id) == 0;
    if (lock || c->locked)
        record_write_oom(c->record, oom);
    if (lock)
        record_unlock(c->record);
}

int scratch_container_oom(const scratch_container *c, struct scratch_container_oom *oom)
{
    *oom = c->oom;
    if (c->opened && c->contents &&
        (ask_groups(c, oom) || (!record_read_oom(c->record, oom) && ask_log(c, oom))))
        remember(c, oom);
    return oom->kills > 0;
}

int scratch_container_terminal(const scratch_container *c)
{
    return c->terminal;
}

int scratch_container_seccomp_fd(const scratch_container *c)
{
    return c->listener;
}

int scratch_container_take_seccomp(scratch_container *c)
{
    int listener = c->listener;
    c->listener = -1;
    return listener;
}

int scratch_container_stop_fd(const scratch_container *c)
{
    return c->socket;
}

int scratch_container_stopped(scratch_container *c)
{
    struct step_message message;
    ssize_t n = c->socket < 0 ? 0 : recv(c->socket, &message, sizeof message, MSG_DONTWAIT);
    return n == sizeof message && message.type == MESSAGE_STOPPED ? (int)message.item : 0;
}

int scratch_container_signal(const scratch_container *c, int signal, struct scratch_error *err)
{
    if (c->foreign)
        return error_because(err, EPERM, "signal the container", scratch_container_id(c),
                             "it is another user's", "do it as that user");
    long rc = c->pidfd < 0 ? -ESRCH : sys4(SYS_pidfd_send_signal, c->pidfd, signal, 0, 0);
    if (rc == -ESRCH)
        return error_because(err, ESRCH, "signal the container", scratch_container_id(c),
                             "it has ended", NULL);
    if (rc < 0)
        return error_call(err, (int)-rc, "pidfd_send_signal(2)", "signal the container",
                          scratch_container_id(c), NULL);
    return 0;
}
