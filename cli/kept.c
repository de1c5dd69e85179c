/* SPDX-License-Identifier: MIT */
#include "cli/kept.h"
#include "cli/globals.h"
#include "cli/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int check_count(const struct command *self, const struct words *words, size_t least,
                       size_t most, struct scratch_error *err)
{
    if (words->count >= least && words->count <= most)
        return 0;
    usage_error(err, words->count > most ? words->word[most] : NULL, NULL,
                words->count > most ? "that is one too many: %s %s" : "one is missing: %s %s",
                self->name, self->synopsis);
    snprintf(err->what, sizeof err->what, "argument");
    return -err->errnum;
}

bool kept_parse(const struct command *self, char **argv, void *arguments, size_t least, size_t most,
                struct words *words)
{
    struct operands operands = {.operand = argv}; /* no word stands before its place in argv */
    struct scratch_error err;
    int rc = options_parse(self->options, OPTIONS_ANYWHERE, argv, arguments, &operands, &err);
    words->word = argv;
    words->may_be_absent = false;
    words->count = operands.count;
    words->options = operands.options;
    for (char **word = operands.command; rc == 0 && word && *word; word++)
        words->word[words->count++] = *word;
    if (rc == 0)
        rc = check_count(self, words, least, most, &err);
    if (rc)
        words->status = rc == OPTION_HELP ? help_print(self) : (int)report_usage(&err, self->name);
    return rc == 0;
}

bool kept_parse_command(const struct command *self, char **argv, void *arguments, size_t least,
                        struct words *words)
{
    static char *none[] = {NULL};
    struct operands operands = {0};
    struct scratch_error err;
    int rc = options_parse(self->options, OPTIONS_FIRST, argv, arguments, &operands, &err);
    words->word = rc == 0 && operands.command ? operands.command : none;
    words->may_be_absent = false;
    for (words->count = 0; words->word[words->count];)
        words->count++;
    if (words->count > 1 && strcmp(words->word[1], "--") == 0) { /* ID -- COMMAND */
        words->word[1] = words->word[0];
        words->word++;
        words->count--;
    }
    if (rc == 0)
        rc = check_count(self, words, least, SIZE_MAX, &err);
    if (rc)
        words->status = rc == OPTION_HELP ? help_print(self) : (int)report_usage(&err, self->name);
    return rc == 0;
}

/* ---- the container that is meant ------------------------------------------------------------- */

#define MADE_UP 16 /* digits of an id that nobody has chosen */

struct search {
    const char *typed;
    char id[MADE_UP + 1];
    int count;
    char elsewhere[180]; /* the directory of records that has one of just that name */
    bool own;            /* and it is the caller's */
};

static int look_at(const struct scratch_container_state *state, const struct scratch_error *broken,
                   void *data)
{
    struct search *s = data;
    (void)broken;
    if (strcmp(state->id, s->typed) == 0 && !s->own) {
        snprintf(s->elsewhere, sizeof s->elsewhere, "%s", state->root);
        s->own = state->owner == geteuid();
    }
    if (strlen(state->id) != MADE_UP || strspn(state->id, "0123456789abcdef") != MADE_UP ||
        strncmp(state->id, s->typed, strlen(s->typed)) != 0)
        return 0;
    snprintf(s->id, sizeof s->id, "%s", state->id);
    s->count++;
    return 0;
}

/*
 * The beginning of an id that was made up stands for it, as with docker and podman, where there is
 * one such alone. That of a name does not: who removes "web" shall not remove "web2".
 */
static int open_meant(struct search *search, scratch_container **container,
                      struct scratch_error *err)
{
    int rc = scratch_container_open(globals.root, search->typed, container, err);
    if (rc != -ENOENT || scratch_container_list(globals.root, look_at, search, NULL) < 0)
        return rc;
    if (search->count == 1)
        return scratch_container_open(globals.root, search->id, container, err);
    if (search->count > 1)
        snprintf(err->cause, sizeof err->cause, "%d containers begin so", search->count);
    snprintf(err->hint, sizeof err->hint, "see which there are: scratchctl ps -a");
    if (*search->elsewhere && !globals.root)
        snprintf(err->hint, sizeof err->hint, "another directory has one: --root %s",
                 search->elsewhere);
    return rc;
}

/*
 * True when nothing of the caller's can be what is meant. A container of another user does not
 * count: who may choose its name shall not make others' `rm -f` fail.
 */
static bool is_absent(const struct search *search)
{
    return search->count == 0 && (globals.root || !search->own);
}

int kept_open(const char *id, scratch_container **container, struct scratch_container_state *state,
              struct scratch_error *err)
{
    struct search search = {.typed = id};
    int rc = open_meant(&search, container, err);
    if (rc < 0 || !state)
        return rc;
    rc = scratch_container_state(*container, state, err);
    if (rc < 0) {
        scratch_container_free(*container);
        *container = NULL;
    }
    return rc;
}

const char *kept_time(char text[KEPT_TIME], int64_t when)
{
    char day[32] = "";
    time_t seconds = (time_t)(when / 1000000000);
    struct tm tm;
    if (gmtime_r(&seconds, &tm))
        strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text, KEPT_TIME, "%s.%09ldZ", day, (long)(when % 1000000000));
    return text;
}

static void output_time(struct output *output, const char *name, int64_t when)
{
    char text[KEPT_TIME];
    output_text(output, name, kept_time(text, when));
}

static void output_annotations(struct output *output, const char *const *annotation)
{
    char name[256];
    output_open(output, "annotations", '{');
    for (; annotation && *annotation; annotation++) {
        size_t length = strcspn(*annotation, "=");
        snprintf(name, sizeof name, "%.*s", (int)length, *annotation);
        output_text(output, name, *annotation + length + ((*annotation)[length] == '='));
    }
    output_close(output, '}');
}

void kept_output(struct output *output, const struct scratch_container_state *state)
{
    output_open(output, NULL, '{');
    output_text(output, "ociVersion", "1.2.0");
    output_text(output, "id", state->id);
    output_number(output, "pid", state->pid);
    output_text(output, "status", scratch_status_name(state->status));
    output_text(output, "bundle", state->bundle ? state->bundle : "");
    output_text(output, "rootfs", state->rootfs ? state->rootfs : "");
    output_time(output, "created", state->created);
    output_annotations(output, state->annotations);
    output_close(output, '}');
}

static void output_list(struct output *output, const char *name, const char *const *list)
{
    output_open(output, name, '[');
    for (; list && *list; list++)
        output_text(output, NULL, *list);
    output_close(output, ']');
}

static const char *text_or_none(const char *text)
{
    return text && *text ? text : NULL;
}

/* What is not known is left out. */
static void output_oom(struct output *output, const struct scratch_container_oom *oom)
{
    output_open(output, "oom", '{');
    output_number(output, "kills", (long)oom->kills);
    if (oom->limit != SCRATCH_LIMIT_UNLIMITED)
        output_number(output, "limit", (long)oom->limit);
    if (oom->pid) {
        output_number(output, "pid", (long)oom->pid);
        output_text(output, "command", oom->command);
    }
    output_close(output, '}');
}

void kept_details(struct output *output, const struct scratch_container_state *state)
{
    output_open(output, NULL, '{');
    output_text(output, "id", state->id);
    output_text(output, "status", scratch_status_name(state->status));
    output_number(output, "pid", state->pid);
    output_number(output, "owner", (long)state->owner);
    if (state->exit_status >= 0)
        output_number(output, "exit_status", state->exit_status);
    output_bool(output, "oom_killed", state->oom.kills > 0);
    if (state->oom.kills)
        output_oom(output, &state->oom);
    if (state->created)
        output_time(output, "created", state->created);
    if (state->ended)
        output_time(output, "ended", state->ended);
    output_list(output, "command", state->command);
    output_text(output, "rootfs", text_or_none(state->rootfs));
    output_text(output, "bundle", state->bundle);
    output_annotations(output, state->annotations);
    output_text(output, "cgroup", state->cgroup);
    output_bool(output, "log", state->log);
    output_bool(output, "terminal", state->terminal);
    output_bool(output, "remove", state->remove);
    output_text(output, "root", state->root);
    output_close(output, '}');
}

static int report_failed(const struct words *words, const struct search *search,
                         const struct scratch_error *err)
{
    if (!words->may_be_absent || err->errnum != ENOENT || !is_absent(search))
        return (int)report_error(err);
    if (*search->elsewhere && !globals.root)
        report_warning(err);
    return 0;
}

int kept_each(const struct words *words,
              int (*act)(scratch_container *container, const void *arguments,
                         struct scratch_error *err),
              const void *arguments)
{
    int status = 0;
    for (size_t i = 0; i < words->count; i++) {
        scratch_container *container;
        struct search search = {.typed = words->word[i]};
        struct scratch_error err = {0};
        int rc = open_meant(&search, &container, &err);
        if (rc == 0)
            rc = act(container, arguments, &err);
        int failed = rc < 0 ? report_failed(words, &search, &err) : 0;
        status = failed ? failed : status;
        scratch_container_free(container);
    }
    return status;
}
