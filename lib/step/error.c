/* SPDX-License-Identifier: MIT */
#include "step/words.h"
#include "base/text.h"
#include "step/names.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/* What a detail is about: which argument of the step. STEP_NONE: of any other kind. */
static const struct subject {
    enum step_detail detail;
    enum step_kind kind;
    /*
     * A text, or an option in it; an item, or the first, of a list; the words themselves; the item
     * as a number; the first of the list that the item names; the text, or from 1 on an item of the
     * list behind it.
     */
    enum { TEXT, OPTION, ITEM, FIRST, WORDS, NUMBER, PROGRAM, WHICH } from;
    unsigned index;
    const char *words;
} subjects[] = {
    {DETAIL_SOURCE, STEP_MASK, WORDS, 0, "/dev/null"},
    {DETAIL_SOURCE, STEP_READ_ONLY_PATHS, ITEM, 0, NULL},
    {DETAIL_SOURCE, STEP_TERMINAL, WORDS, 0, "/dev/pts"},
    {DETAIL_TARGET, STEP_TERMINAL, WORDS, 0, "/dev/console"},
    {DETAIL_SOURCE, STEP_NONE, TEXT, 0, NULL},
    {DETAIL_TARGET, STEP_MOUNT, TEXT, 1, NULL},
    {DETAIL_TARGET, STEP_BIND, TEXT, 1, NULL},
    {DETAIL_TARGET, STEP_OVERLAY_PART, TEXT, 1, NULL},
    {DETAIL_TARGET, STEP_DEVICE, TEXT, 1, NULL},
    {DETAIL_TARGET, STEP_DEVICES, WORDS, 0, "/dev"},
    {DETAIL_TARGET, STEP_NONE, TEXT, 0, NULL},
    {DETAIL_TYPE, STEP_MOUNT, TEXT, 2, NULL},
    {DETAIL_TYPE_FORBIDDEN, STEP_MOUNT, TEXT, 2, NULL},
    {DETAIL_OPTION, STEP_MOUNT, OPTION, 3, NULL},
    {DETAIL_LOWER, STEP_OVERLAY_PART, TEXT, 0, NULL},
    {DETAIL_LOWER, STEP_NONE, ITEM, 0, NULL},
    {DETAIL_UPPER, STEP_LOCK_UPPER, TEXT, 0, NULL},
    {DETAIL_UPPER, STEP_NONE, TEXT, 1, NULL},
    {DETAIL_UPPER_BUSY, STEP_NONE, TEXT, 0, NULL},
    {DETAIL_WORK, STEP_NONE, TEXT, 2, NULL},
    {DETAIL_ATTACH, STEP_MASK, ITEM, 0, NULL},
    {DETAIL_ATTACH, STEP_READ_ONLY_PATHS, ITEM, 0, NULL},
    {DETAIL_ATTACH, STEP_MOUNT, TEXT, 1, NULL},
    {DETAIL_ATTACH, STEP_BIND, TEXT, 1, NULL},
    {DETAIL_ATTACH, STEP_DEVICE, TEXT, 1, NULL},
    {DETAIL_OVER_FILE, STEP_NONE, TEXT, 1, NULL},
    {DETAIL_OVER_DIRECTORY, STEP_NONE, TEXT, 1, NULL},
    {DETAIL_OVER_LINK, STEP_NONE, TEXT, 1, NULL},
    {DETAIL_COPY, STEP_NONE, TEXT, 1, NULL},
    {DETAIL_NOT_A_DEVICE, STEP_NONE, TEXT, 0, NULL},
    {DETAIL_PATH, STEP_NONE, ITEM, 0, NULL},
    {DETAIL_OUTSIDE, STEP_NONE, TEXT, 0, NULL},
    {DETAIL_COMMAND, STEP_EXEC, FIRST, 0, NULL},
    {DETAIL_COMMAND, STEP_LOOK_UP, FIRST, 0, NULL},
    {DETAIL_INTERPRETER, STEP_EXEC, FIRST, 0, NULL},
    {DETAIL_NOT_A_PROGRAM, STEP_EXEC, FIRST, 0, NULL},
    {DETAIL_MACHINE, STEP_EXEC, FIRST, 0, NULL},
    {DETAIL_NOT_PROC, STEP_LABEL, TEXT, 0, NULL},
    {DETAIL_NONE, STEP_LABEL, TEXT, 3, NULL},
    {DETAIL_HOOK, STEP_NONE, NUMBER, 0, NULL},
    {DETAIL_UNMAPPED, STEP_NONE, NUMBER, 0, NULL},
    {DETAIL_PROGRAM, STEP_NONE, PROGRAM, 0, NULL},
    {DETAIL_SAID, STEP_NONE, PROGRAM, 0, NULL},
    {DETAIL_IDMAP, STEP_NONE, TEXT, 0, NULL},
    {DETAIL_ID_STATE, STEP_NONE, WORDS, 0, "/run/libscratch/ids"},
    {DETAIL_USER, STEP_NONE, TEXT, 0, NULL},
    {DETAIL_USER_LINE, STEP_NONE, TEXT, 0, NULL},
    {DETAIL_GROUP, STEP_NONE, WHICH, 0, NULL},
    {DETAIL_GROUP_LINE, STEP_NONE, WHICH, 0, NULL},
    {DETAIL_NONE, STEP_CHDIR, TEXT, 0, NULL},
    {DETAIL_NONE, STEP_CGROUP_SET, TEXT, 1, NULL},
};

static const char *list_item(const struct step_walk *w, uint32_t list, uint32_t item)
{
    const struct block_list *l = step_list(w, list);
    return l && item < l->count ? block_at(w->plan, l->text[item]) : NULL;
}

/* One of the words that a file system was given as its options; *length is its own. */
static const char *find_option(const char *options, uint32_t item, int *length)
{
    while (options && item-- > 0) {
        options += text_option_length(options);
        options += *options == ',';
    }
    *length = options ? (int)text_option_length(options) : 0;
    return options;
}

static const char *find_subject(const struct subject *s, const struct step_walk *w,
                                const struct step *step, char *number, size_t size)
{
    switch (s->from) {
    case TEXT:
    case OPTION:
        return step_text(w, step->text[s->index]);
    case ITEM:
    case FIRST:
        return list_item(w, step->text[s->index], s->from == ITEM ? w->item : 0);
    case NUMBER:
        snprintf(number, size, "%u", (unsigned)w->item);
        return number;
    case PROGRAM:
        return w->item < STEP_TEXTS ? list_item(w, step->text[w->item], 0) : NULL;
    case WHICH:
        return w->item ? list_item(w, step->text[s->index + 1], w->item - 1)
                       : step_text(w, step->text[s->index]);
    default:
        return s->words;
    }
}

bool step_subject(const struct step_walk *w, const struct step *step, char *text, size_t size)
{
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        const struct subject *s = &subjects[i];
        int length = INT_MAX;
        if (s->detail != w->detail || (s->kind != step->kind && s->kind != STEP_NONE))
            continue;
        char number[16];
        const char *subject = find_subject(s, w, step, number, sizeof number);
        if (s->from == OPTION)
            subject = find_option(subject, w->item, &length);
        if (subject)
            error_print(text, size, "%.*s", length, subject);
        return subject != NULL;
    }
    return false;
}

/* Write a template into one member of an error. */
static void fill(char *member, size_t size, const char *text, const struct step_walk *w,
                 const struct step *step)
{
    char *words = NULL;
    size_t length;
    FILE *out = open_memstream(&words, &length);
    if (!out)
        return;
    step_write(out, text, w, step);
    if (fclose(out) == 0)
        error_print(member, size, "%s", words);
    free(words);
}

/* A status above 128 is that of a shell's command that a signal has ended, or of the hook itself.
 */
static void explain_hook(struct scratch_error *err, const struct step_walk *w)
{
    char signal[64];
    size_t length = strlen(err->cause);
    names_status_signal(w->item, signal, sizeof signal);
    error_print(err->cause + length, sizeof err->cause - length, "%s%s%s", signal,
                w->said && *w->said ? ": " : "", w->said ? w->said : "");
}

/* Causes that are made of a number, and of what a hook has said. */
static void explain_item(struct scratch_error *err, const struct step_walk *w)
{
    struct utsname own;
    if (w->detail == DETAIL_KILLED && w->item)
        error_write(err->cause, "scratch-init was ended by signal %u before the command ran",
                    (unsigned)w->item);
    if (w->detail == DETAIL_HOOK)
        explain_hook(err, w);
    if (w->detail == DETAIL_MACHINE && uname(&own) == 0)
        error_write(err->cause, "'%s' is a program for %s, and this machine is %s", err->subject,
                    names_machine(w->item), own.machine);
}

int step_error(struct scratch_error *err, const struct step_walk *w, int errnum)
{
    const struct step *step = step_at(w->plan, w->index);
    const struct step_words *words = step_words(step->kind);
    const struct step_hint *hint = step_hint(w, step, errnum);
    if (!err)
        return -errnum;
    error_set(err, errnum, words->name, NULL, NULL);
    step_subject(w, step, err->subject, sizeof err->subject);
    fill(err->what, sizeof err->what, words->what, w, step);
    fill(err->call, sizeof err->call, words->call, w, step);
    fill(err->cause, sizeof err->cause, hint->cause, w, step);
    fill(err->hint, sizeof err->hint, hint->hint, w, step);
    err->side = (enum scratch_side)step->side;
    if (w->start) { /* or else it is a primitive, called alone */
        err->step = w->index + 1;
        err->step_count = w->plan->step_count;
    }
    explain_item(err, w);
    return -errnum;
}
