/* SPDX-License-Identifier: MIT */
/*
 * The caller's side: what a hook reads is written here, as JSON.
 */
#include "base/error.h"
#include "base/json.h"
#include "base/unnamed.h"
#include "hook/run.h"
#include "step/names.h"
#include "step/step.h"

#include <errno.h>
#include <scratch/hook.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

const char *scratch_hook_name(enum scratch_hook_point point)
{
    static const char *const names[SCRATCH_HOOK_POINTS] = {
        "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
    };
    return point < SCRATCH_HOOK_POINTS ? names[point] : "?";
}

/* ---- the state ------------------------------------------------------------------------------ */

struct about {
    const char *version, *bundle, *id, *status;
    pid_t pid;
};

static void begin_state(struct json *j, const struct about *about)
{
    json_begin(j, false);
    json_text(j, "ociVersion", about->version);
    json_text(j, "id", about->id);
    json_text(j, "status", about->status);
    if (about->pid > 0)
        json_number(j, "pid", (uint64_t)about->pid);
    json_text(j, "bundle", about->bundle);
    json_open_object(j, "annotations");
}

/* "KEY=VALUE"; the value may have more of '='. */
static void put_annotation(struct json *j, const char *text)
{
    const char *equals = strchr(text, '=');
    char *key = strndup(text, equals ? (size_t)(equals - text) : strlen(text));
    if (key)
        json_text(j, key, equals ? equals + 1 : "");
    else
        j->failed = -ENOMEM;
    free(key);
}

static char *end_state(struct json *j)
{
    json_close(j);
    return json_end(j);
}

char *scratch_hook_state(const struct scratch_hook_options *o, const char *id, const char *status,
                         pid_t pid)
{
    const struct about about = {o->version ? o->version : "1.2.1", o->bundle ? o->bundle : "", id,
                                status, pid};
    struct json j;
    begin_state(&j, &about);
    for (const char *const *text = o->annotations; text && *text; text++)
        put_annotation(&j, *text);
    return end_state(&j);
}

/* The same from the plan: the step that has made the file knows. */
static char *state_of_plan(const struct step_walk *w, const struct step *file)
{
    const struct block_list *annotations = step_list(w, file->text[2]);
    const char *id = step_text(w, SLOT_TEXT(SLOT_ID));
    const struct about about = {step_text(w, file->text[0]), step_text(w, file->text[1]),
                                id + strlen(SLOT_ID_PREFIX), step_text(w, file->text[3]), w->child};
    struct json j;
    begin_state(&j, &about);
    for (uint32_t i = 0; annotations && i < annotations->count; i++)
        put_annotation(&j, block_at(w->plan, annotations->text[i]));
    return end_state(&j);
}

/* ---- its file ------------------------------------------------------------------------------- */

static int make_file(void)
{
    int fd = memfd_create("state.json", MFD_CLOEXEC);
    return fd >= 0 ? fd : unnamed_file(false); /* sandboxes may refuse it */
}

static int write_file(int fd, const char *text)
{
    size_t size = strlen(text), at = 0;
    while (at < size) {
        ssize_t n = pwrite(fd, text + at, size - at, (off_t)at);
        if (n < 0)
            return -errno;
        at += (size_t)n;
    }
    return 0;
}

int hook_file_step(struct step_walk *w, const struct step *step)
{
    int fd = make_file();
    if (fd >= 0)
        w->fd[step->fd[0]] = fd;
    return fd < 0 ? fd : 0;
}

static const struct step *file_of(const struct step_walk *w, int slot)
{
    for (uint32_t i = 0; i < w->plan->step_count; i++) {
        const struct step *step = step_at(w->plan, i);
        if (step->kind == STEP_HOOK_FILE && step->fd[0] == slot)
            return step;
    }
    return NULL;
}

int hook_tell_step(struct step_walk *w, const struct step *step)
{
    const struct step *file = file_of(w, step->fd[0]);
    char *text = file ? state_of_plan(w, file) : NULL;
    if (!text)
        return -ENOMEM;
    int rc = write_file(w->fd[step->fd[0]], text);
    free(text);
    return rc;
}

int hook_host_step(struct step_walk *w, const struct step *step)
{
    return hook_run_step(w, step, w->fd[step->fd[0]]);
}

/* ---- without a plan ------------------------------------------------------------------------- */

static int run_one(const struct scratch_hook_options *o, enum scratch_hook_point point,
                   size_t index, int input, struct scratch_error *err)
{
    const struct scratch_hook *hook = &o->at[point].hook[index];
    static char *const none[] = {NULL};
    char *const path_alone[] = {(char *)hook->path, NULL};
    char said[STEP_SAID] = "", signal[64];
    struct hook_call call = {
        .path = hook->path,
        .argv = hook->args ? (char *const *)hook->args : path_alone,
        .env = hook->env ? (char *const *)hook->env : none,
        .input = input,
        .directory = -1,
        .timeout = hook->timeout,
        .said = said,
        .room = sizeof said,
    };
    int rc = hook_run(&call);
    if (rc == 0 || !err)
        return rc;
    error_because(err, -rc, NULL, hook->path, NULL, NULL);
    error_write(err->what, "run the %s hook", scratch_hook_name(point));
    names_status_signal(hook_status(&call), signal, sizeof signal);
    if (rc == -ECANCELED)
        error_write(err->cause, "error running %s hook #%zu: it ended with status %u%s%s%s",
                    scratch_hook_name(point), index, hook_status(&call), signal, *said ? ": " : "",
                    said);
    return rc;
}

int scratch_hooks_run(const struct scratch_hook_options *o, enum scratch_hook_point point,
                      const char *id, const char *status, pid_t pid, struct scratch_error *err)
{
    if (point >= SCRATCH_HOOK_POINTS || o->at[point].count == 0)
        return 0;
    char *text = scratch_hook_state(o, id, status, pid);
    int input = text ? make_file() : -ENOMEM;
    int rc = input < 0 ? input : write_file(input, text);
    if (rc < 0)
        error_set(err, -rc, "tell hooks of the container", id, NULL);
    for (size_t i = 0; input >= 0 && i < o->at[point].count; i++) {
        int failed = run_one(o, point, i, input, rc == 0 ? err : NULL);
        rc = rc < 0 ? rc : failed;
    }
    if (input >= 0)
        close(input);
    free(text);
    return rc;
}
