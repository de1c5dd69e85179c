/* SPDX-License-Identifier: MIT */
#include "step/words.h"

#include <inttypes.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "step/names.h"

/* ---- arguments ------------------------------------------------------------------------------ */

static void write_list(FILE *out, const struct step_walk *w, const struct block_list *list,
                       const char *between)
{
    for (uint32_t i = 0; list && i < list->count; i++)
        fprintf(out, "%s%s", i ? between : "", (const char *)block_at(w->plan, list->text[i]));
}

static void write_ids(FILE *out, const struct block_list *list)
{
    for (uint32_t i = 0; list && i < list->count; i++)
        fprintf(out, "%s%" PRIu32, i ? "," : "", list->text[i]);
}

static void write_text(FILE *out, const struct step_walk *w, uint32_t text)
{
    static const char *const slots[SLOT_COUNT] = {
        [SLOT_ID] = "libscratch-ID",
        [SLOT_HOSTNAME] = "HOSTNAME",
        [SLOT_UPPER] = "UPPER",
        [SLOT_WORK] = "WORK",
    };
    const char *value = step_text(w, text);
    if (!value && text & SLOT_BIT)
        value = slots[SLOT_OF(text)];
    fputs(value ? value : "", out);
}

static void write_limit(FILE *out, uint64_t value)
{
    if (value == UINT64_MAX)
        fputs("unlimited", out);
    else
        fprintf(out, "%" PRIu64, value);
}

void step_write_argument(FILE *out, const struct word_argument *argument, const struct step_walk *w,
                         const struct step *step)
{
    uint8_t i = argument->index;
    switch (argument->type) {
    case WORD_TEXT:
        write_text(out, w, step->text[i]);
        break;
    case WORD_LIST:
        write_list(out, w, step_list(w, step->text[i]), step->kind == STEP_EXEC ? " " : ":");
        break;
    case WORD_IDS:
        write_ids(out, step_list(w, step->text[i]));
        break;
    case WORD_NUMBER:
    case WORD_BYTES:
        write_limit(out, step->num[i]);
        break;
    case WORD_OCTAL:
        fprintf(out, "%04" PRIo64, step->num[i]);
        break;
    case WORD_NAMESPACES:
        names_write_flags(out, names_namespaces, step->num[i], " ");
        break;
    case WORD_ATTRIBUTES:
        names_write_flags(out, names_attributes, step->num[i], ",");
        break;
    case WORD_PROPAGATION:
        names_write_propagation(out, step->num[i]);
        break;
    case WORD_CAPS:
        names_write_caps(out, step->num[i]);
        break;
    case WORD_RESOURCE:
        fputs(names_rlimit((int)step->num[i]), out);
        break;
    case WORD_SLOT:
        fprintf(out, "%d", step->fd[i]);
        break;
    case WORD_NONE:
        break;
    }
}

void step_write(FILE *out, const char *text, const struct step_walk *w, const struct step *step)
{
    const struct step_words *words = step_words(step->kind);
    while (text && *text) {
        const char *end = *text == '{' ? strchr(text, '}') : NULL;
        if (!end) {
            fputc(*text++, out);
            continue;
        }
        size_t length = (size_t)(end - text) - 1;
        for (int i = 0; i < WORD_ARGUMENTS && words->argument[i].name; i++)
            if (strlen(words->argument[i].name) == length &&
                strncmp(words->argument[i].name, text + 1, length) == 0)
                step_write_argument(out, &words->argument[i], w, step);
        text = end + 1;
    }
}

/* ---- errors --------------------------------------------------------------------------------- */

/* What the detail is about: a text argument of the step, or an item of a list argument. */
struct detail_words {
    const char *cause;
    const char *hint;
};

static const struct detail_words details[DETAIL_COUNT] = {
    [DETAIL_SOURCE] = {"what is to be mounted cannot be opened", "see that the path exists"},
    [DETAIL_TARGET] = {"the place for it is not there and cannot be made",
                       "make it in the root file system, or give the root an upper layer"},
    [DETAIL_TYPE] = {"this kernel does not know the file system type", "see /proc/filesystems"},
    [DETAIL_TYPE_FORBIDDEN] = {"this file system type is not for user namespaces",
                               "mount it as root outside, and bind it"},
    [DETAIL_OPTION] = {"the file system refused this option", "see its section in mount(8)"},
    [DETAIL_CREATE] = {"the file system could not be set up: the wrong type, a damaged one, or "
                       "options that do not go together",
                       "see the last lines of dmesg(1)"},
    [DETAIL_REVEALING] = {"a user namespace may not have a new one: parts of the one outside are "
                          "covered by mounts",
                          "do not run inside another container, or uncover /proc and /sys there"},
    [DETAIL_SUBMOUNTS] = {"it is unbindable, or has mounts below it, which a user namespace cannot "
                          "leave out",
                          "use rbind"},
    [DETAIL_TREE] = {"before Linux 5.12, attributes cannot be set on a tree with mounts below it",
                     "use bind, or a newer kernel"},
    [DETAIL_FILES] = {"each layer takes an open file, and the limit is reached",
                      "raise it: `ulimit -n 1024`"},
    [DETAIL_LOWER] = {"the lower layer cannot be opened", "see that the directory exists"},
    [DETAIL_UPPER] = {"the upper directory cannot be opened", "make it first"},
    [DETAIL_UPPER_BUSY] = {"the upper directory is in use by another container",
                           "give each its own upper and work"},
    [DETAIL_WORK] = {"the work directory cannot be opened",
                     "make an empty one on the upper directory's file system"},
    [DETAIL_TMPFS] = {"the throw-away layer could not be made", NULL},
    [DETAIL_ATTACH] = {"it was made, but could not be attached", NULL},
    [DETAIL_ATTRIBUTES] = {"its attributes could not be set", NULL},
    [DETAIL_PATH] = {NULL, NULL},
    [DETAIL_OUTSIDE] = {"the directory is not below the root", NULL},
    [DETAIL_COMMAND] = {NULL, "see that the command is in the root file system, and in PATH there"},
    [DETAIL_INTERPRETER] = {"the file is there; the interpreter that it names is not",
                            "see its first line, or `readelf -l` for the dynamic loader"},
    [DETAIL_NOT_A_PROGRAM] = {"the file is not a program for this machine",
                              "a script needs a first line such as #!/bin/sh"},
    [DETAIL_FAULT] = {"made to fail by fail_step", NULL},
    [DETAIL_PARENT_GONE] = {"the caller had ended already", NULL},
    [DETAIL_IMAGE] = {"scratch-init could not be executed",
                      "see vm.memfd_noexec, and whether a security module forbids it"},
};

/* The argument that a failure is about: the item of a list, or else what stands for it. */
static const char *subject_of(const struct step_walk *w, const struct step *step)
{
    switch ((enum step_detail)w->detail) {
    case DETAIL_LOWER:
    case DETAIL_PATH:
        if (step->kind == STEP_OVERLAY_PART)
            return step_text(w, step->text[0]);
        const struct block_list *list = step_list(w, step->text[0]);
        return list && w->item < list->count ? block_at(w->plan, list->text[w->item]) : NULL;
    case DETAIL_UPPER:
    case DETAIL_UPPER_BUSY:
        return step_text(w, step->text[step->kind == STEP_LOCK_UPPER ? 0 : 1]);
    case DETAIL_WORK:
        return step_text(w, step->text[2]);
    case DETAIL_SUBMOUNTS:
    case DETAIL_SOURCE:
        return step->kind == STEP_MASK ? "/dev/null" : step_text(w, step->text[0]);
    case DETAIL_TARGET:
        return step->kind == STEP_MOUNT || step->kind == STEP_BIND ? step_text(w, step->text[1])
                                                                   : step_text(w, step->text[0]);
    case DETAIL_TYPE:
    case DETAIL_TYPE_FORBIDDEN:
        return step->kind == STEP_MOUNT ? step_text(w, step->text[2]) : NULL;
    case DETAIL_COMMAND:
    case DETAIL_INTERPRETER:
    case DETAIL_NOT_A_PROGRAM:
        list = step_list(w, step->text[0]);
        return block_at(w->plan, list->text[0]);
    default:
        return NULL;
    }
}

/* One word of the options that a file system was given. */
static void write_option(struct scratch_error *err, const struct step_walk *w,
                         const struct step *step)
{
    const char *word = step->kind == STEP_MOUNT ? step_text(w, step->text[3]) : NULL;
    for (uint32_t i = 0; word && *word && i < w->item; i++) {
        word += text_option_length(word);
        word += *word == ',';
    }
    if (word)
        error_write(err->subject, "%.*s", (int)text_option_length(word), word);
}

int step_error(struct scratch_error *err, const struct step_walk *w, int errnum)
{
    if (!err)
        return -errnum;
    const struct step *step = step_at(w->plan, w->index);
    const struct step_words *words = step_words(step->kind);
    const struct detail_words *detail = &details[w->detail < DETAIL_COUNT ? w->detail : 0];
    char *what = NULL;
    size_t size;
    FILE *out = open_memstream(&what, &size);
    if (out) {
        step_write(out, words->what, w, step);
        fclose(out);
    }
    error_because(err, errnum, what ? what : words->name, subject_of(w, step), detail->cause,
                  detail->hint);
    free(what);
    error_write(err->call, "%s", words->call);
    err->side = (enum scratch_side)step->side;
    err->step = w->index + 1;
    err->step_count = w->plan->step_count;
    if (w->detail == DETAIL_OPTION)
        write_option(err, w, step);
    if (w->detail == DETAIL_KILLED)
        error_write(err->cause, "scratch-init was ended by signal %u before the command ran",
                    (unsigned)w->item);
    return -errnum;
}
