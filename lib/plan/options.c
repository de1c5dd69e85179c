/* SPDX-License-Identifier: MIT */
#include "plan/options.h"
#include "base/error.h"
#include "state/record.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>

#define FDS_MAX 1024

static int put_id(struct block *b, const char *id, uint32_t *offset, struct scratch_error *err)
{
    char text[sizeof SLOT_ID_PREFIX + RECORD_ID_MAX];
    uint64_t random;
    if (id && !record_is_id(id))
        return record_refuse_id(id, err);
    if (id) {
        snprintf(text, sizeof text, SLOT_ID_PREFIX "%s", id);
    } else {
        if (getrandom(&random, sizeof random, 0) != sizeof random)
            return error_call(err, errno, "getrandom(2)", "make up a container id", NULL, NULL);
        snprintf(text, sizeof text, SLOT_ID_PREFIX "%016llx", (unsigned long long)random);
    }
    *offset = block_text(b, text);
    return 0;
}

/* A start may replace only what the plan has: a step must be there that takes it. */
static int put_slot(struct block *b, const struct scratch_plan *plan, enum step_slot slot,
                    const char *value, const char *what, uint32_t *offset,
                    struct scratch_error *err)
{
    if (!value)
        return 0;
    if (!plan->block->slot[slot])
        return error_set(err, EINVAL, what, value, "give one to the spec; a start can replace it");
    *offset = block_text(b, value);
    return 0;
}

/*
 * Signals that interpreters and servers ignore for themselves, and would hand on. What a shell has
 * its background jobs ignore (SIGINT, SIGQUIT), and nohup (SIGHUP), stays ignored; but not what the
 * keys of a terminal of its own send, which is nobody's background.
 */
static uint64_t ignored_signals(bool terminal)
{
    static const int reset[] = {SIGPIPE, SIGXFSZ, SIGCHLD, SIGINT,
                                SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
    uint64_t ignored = 0;
    for (size_t i = 0; i < (terminal ? sizeof reset / sizeof *reset : 3); i++) {
        struct sigaction action;
        if (sigaction(reset[i], NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            ignored |= UINT64_C(1) << (reset[i] - 1);
    }
    return ignored;
}

static int check_streams(const struct scratch_start_options *o, struct scratch_error *err)
{
    const int fds[] = {o->stdin_fd, o->stdout_fd, o->stderr_fd};
    static const char *const names[] = {"standard input", "standard output", "standard error"};
    for (int i = 0; i < 3; i++) {
        char number[16];
        if (fds[i] < 0 || fcntl(fds[i], F_GETFD) >= 0)
            continue;
        snprintf(number, sizeof number, "%d", fds[i]);
        return error_call(err, EBADF, "fcntl(2)", names[i], number,
                          "give an open file descriptor, or -1 for the caller's own");
    }
    return 0;
}

/* A terminal is all three streams, and only a plan with one has a size to replace. */
static int put_window(const struct scratch_plan *plan, const struct scratch_start_options *o,
                      struct start_block *s, struct scratch_error *err)
{
    bool terminal = step_find(plan->block, STEP_TERMINAL);
    if (terminal && (o->stdin_fd >= 0 || o->stdout_fd >= 0 || o->stderr_fd >= 0))
        return error_because(err, EINVAL, "standard streams", NULL,
                             "the terminal takes the place of all three",
                             "give none, or compile a plan without a terminal");
    if (!o->window)
        return 0;
    if (!terminal)
        return error_because(err, EINVAL, "window size", NULL, "the plan has no terminal",
                             "give one to the spec");
    s->window[0] = o->window->ws_row;
    s->window[1] = o->window->ws_col;
    s->window[2] = o->window->ws_xpixel;
    s->window[3] = o->window->ws_ypixel;
    s->has_window = true;
    return 0;
}

static int check_handed(const struct scratch_start_options *o, struct scratch_error *err)
{
    if (o->fd_count > FDS_MAX)
        return error_because(err, E2BIG, "hand over open files", NULL, "they are too many",
                             "hand over 1024 at most");
    for (size_t i = 0; i < o->fd_count; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", o->fds[i]);
        if (fcntl(o->fds[i], F_GETFD) < 0)
            return error_call(err, EBADF, "fcntl(2)", "hand over an open file", number,
                              "there is none of that number: open it first");
    }
    return 0;
}

static int check_env(const char *const *env, struct scratch_error *err)
{
    for (; env && *env; env++)
        if (**env == '=' || !strchr(*env, '='))
            return error_set(err, EINVAL, "environment variable", *env, "write NAME=VALUE");
    return 0;
}

static uint64_t carried_slots(const struct scratch_plan *plan)
{
    uint32_t count = plan->block->fd_count;
    return count == 0 ? 0 : ~UINT64_C(0) >> (64 - count) & ~plan->block->host_only;
}

static int lay_out(struct block *b, const struct scratch_plan *plan,
                   const struct scratch_start_options *o, struct scratch_error *err)
{
    struct start_block s = {0};
    int rc = check_streams(o, err);
    if (rc == 0)
        rc = put_window(plan, o, &s, err);
    if (rc == 0)
        rc = check_handed(o, err);
    if (rc == 0)
        rc = check_env(o->env, err);
    if (rc == 0)
        rc = put_id(b, o->id, &s.slot[SLOT_ID], err);
    if (rc == 0)
        rc =
            put_slot(b, plan, SLOT_HOSTNAME, o->hostname, "host name", &s.slot[SLOT_HOSTNAME], err);
    if (rc == 0)
        rc = put_slot(b, plan, SLOT_UPPER, o->upper, "upper directory", &s.slot[SLOT_UPPER], err);
    if (rc == 0)
        rc = put_slot(b, plan, SLOT_WORK, o->work, "work directory", &s.slot[SLOT_WORK], err);
    if (rc < 0)
        return rc;
    s.env = block_texts(b, o->env, BLOCK_TO_NULL);
    s.fail_step = o->fail_step;
    s.fail_errno = o->fail_errno > 0 ? o->fail_errno : EIO;
    s.handed = (uint32_t)o->fd_count;
    s.fds = carried_slots(plan);
    s.signals = ignored_signals(step_find(plan->block, STEP_TERMINAL));
    if (b->failed)
        return error_set(err, -b->failed, "lay out the start", NULL, NULL);
    s.size = (uint32_t)b->size;
    memcpy(b->data, &s, sizeof s);
    return 0;
}

int start_options_take(const struct scratch_plan *plan, const struct scratch_start_options *given,
                       struct scratch_start_options *options, struct start_block **start,
                       struct scratch_error *err)
{
    *options = (struct scratch_start_options)SCRATCH_START_OPTIONS_INIT;
    if (given && (given->size < sizeof given->size || given->size > sizeof *options))
        return error_set(err, EINVAL, "start options", NULL,
                         "begin with SCRATCH_START_OPTIONS_INIT of these headers");
    if (given)
        memcpy(options, given, given->size);
    struct block b;
    block_begin(&b, sizeof(struct start_block));
    int rc = lay_out(&b, plan, options, err);
    if (rc < 0) {
        block_free(&b);
        return rc;
    }
    *start = (struct start_block *)b.data;
    return 0;
}
