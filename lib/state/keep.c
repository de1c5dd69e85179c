/* SPDX-License-Identifier: MIT */
#include "state/keep.h"
#include "state/directory.h"
#include "state/write_process.h"
#include "state/record.h"
#include "state/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define DATA_MAX (256u << 10)

static int slots(struct builder *b, int *first, int *second)
{
    *first = builder_fd(b, -1);
    if (*first >= 0 && second)
        *second = builder_fd(b, -1);
    return *first < 0 ? *first : second && *second < 0 ? *second : 0;
}

static int check(struct builder *b, const struct scratch_keep_options *o)
{
    if (o->root && *o->root != '/')
        return error_set(b->err, EINVAL, "directory of records", o->root, "give an absolute path");
    if (o->data && strlen(o->data) > DATA_MAX)
        return error_set(b->err, E2BIG, "data to remember", NULL, "give 256 KiB at most");
    if (o->stop_signal < 0 || o->stop_signal > SIGRTMAX)
        return error_set(b->err, EINVAL, "signal that ends it", NULL, "there is no such signal");
    for (const char *const *a = o->annotations; a && *a; a++)
        if (!strchr(*a, '=') || **a == '=')
            return error_set(b->err, EINVAL, "annotation", *a, "write KEY=VALUE");
    return 0;
}

/* The root, and where another one than the default is to be known; 0: it is that, or none is. */
static int put_record(struct builder *b, const struct scratch_keep_options *o)
{
    char path[STATE_PATH] = "";
    int slot, rc = state_path(path, "remember the container", o->root ? NULL : b->err);
    if (rc < 0 && !o->root)
        return rc;
    bool known = rc < 0 || !o->root || strcmp(o->root, path) == 0;
    rc = slots(b, &slot, NULL);
    if (rc < 0)
        return rc;
    b->record = slot;
    uint32_t root = b->record_root = builder_text(b, o->root ? o->root : path);
    uint32_t known_in = known ? 0 : builder_text(b, path);
    struct step *step = builder_add(b, STEP_STATE, STEP_HOST);
    step->text[0] = root;
    step->text[1] = SLOT_TEXT(SLOT_ID);
    step->text[2] = known_in;
    step->num[0] = o->remove;
    step->num[1] = o->groups;
    step->num[2] = o->notify;
    step->fd[0] = (int16_t)slot;
    return 0;
}

static int put_file(struct builder *b, const char *name, bool output, int *slot)
{
    int rc = slots(b, slot, NULL);
    if (rc < 0)
        return rc;
    uint32_t text = builder_text(b, name);
    struct step *step = builder_add(b, STEP_STATE_FILE, STEP_HOST);
    step->text[0] = text;
    step->text[1] = b->record_root;
    step->num[0] = output;
    step->fd[0] = (int16_t)b->record;
    step->fd[1] = (int16_t)*slot;
    return 0;
}

static int put_socket(struct builder *b)
{
    int rc = slots(b, &b->start_socket, NULL);
    if (rc < 0)
        return rc;
    struct step *step = builder_add(b, STEP_STATE_SOCKET, STEP_HOST);
    step->fd[0] = (int16_t)b->record;
    step->fd[1] = (int16_t)b->start_socket;
    return 0;
}

int state_compile_keep(struct builder *b, const struct scratch_keep_options *o)
{
    int rc = check(b, o);
    if (rc == 0)
        rc = put_record(b, o);
    if (rc == 0)
        rc = put_file(b, RECORD_EXIT, false, &b->exit_file);
    if (rc == 0 && o->log)
        rc = put_file(b, RECORD_LOG, true, &b->log);
    if (rc == 0 && o->wait)
        rc = put_socket(b);
    return rc;
}

static uint32_t known_members(struct builder *b, const struct scratch_keep_options *o,
                              const struct keep_about *about)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return 0;
    if (o->stop_signal)
        fprintf(out, "\"stop_signal\":%d,", o->stop_signal);
    if (about->process->init && !o->wait) /* what waits may fail, and end, before it says how */
        fputs("\"init\":true,", out);
    text_member(out, "rootfs", about->rootfs);
    text_member(out, "bundle", o->bundle);
    text_member(out, "data", o->data);
    text_array(out, "command", about->process->argv);
    text_array(out, "annotations", o->annotations);
    write_process(out, about->process);
    fprintf(out, "\"log\":%s,\"terminal\":%s,", o->log ? "true" : "false",
            about->terminal ? "true" : "false");
    if (fclose(out) != 0)
        return 0;
    uint32_t offset = builder_text(b, text);
    free(text);
    return offset;
}

void state_compile_created(struct builder *b, const struct scratch_keep_options *o,
                           const struct keep_about *about)
{
    builder_add(b, STEP_MEET, STEP_CONTAINER);
    uint32_t members = known_members(b, o, about);
    if (!members && !b->block.failed)
        b->block.failed = -ENOMEM;
    struct step *step = builder_add(b, STEP_STATE_WRITE, STEP_HOST);
    step->text[0] = SLOT_TEXT(SLOT_ID);
    step->text[1] = members;
    step->text[2] = b->record_root;
    step->num[0] = o->remove;
    step->num[1] = about->process->seccomp == SCRATCH_SECCOMP_FILTER ||
                   about->process->seccomp == SCRATCH_SECCOMP_PROFILE;
    step->fd[0] = (int16_t)b->record;
    if (!o->wait)
        return;
    step = builder_add(b, STEP_WAIT_START, STEP_CONTAINER);
    step->fd[0] = (int16_t)b->start_socket;
    step->fd[1] = (int16_t)b->record;
}
