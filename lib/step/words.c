/* SPDX-License-Identifier: MIT */
#include "step/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "step/names.h"

/* As many of a list's items as people want to see. */
#define ITEMS_SHOWN 3

/* Where the shell commands have the new root: a directory that every system has. */
#define SHELL_ROOT "/mnt"

struct writing {
    FILE *out;
    const struct step_walk *w;
    const struct step *step;
    bool shell;
};

/* ---- texts and lists ------------------------------------------------------------------------ */

const char *step_text_shown(const struct step_walk *w, uint32_t text)
{
    static const char *const slots[SLOT_COUNT] = {
        [SLOT_ID] = "libscratch-ID",
        [SLOT_HOSTNAME] = "HOSTNAME",
        [SLOT_UPPER] = "UPPER",
        [SLOT_WORK] = "WORK",
    };
    const char *value = step_text(w, text);
    return !value && text & SLOT_BIT ? slots[SLOT_OF(text)] : value;
}

static void write_value(const struct writing *t, const char *value)
{
    if (value)
        (t->shell ? write_quoted : write_shortened)(t->out, value);
}

static void write_text(const struct writing *t, unsigned i)
{
    write_value(t, step_text_shown(t->w, t->step->text[i]));
}

const char *step_id_shown(const struct step_walk *w, uint32_t text)
{
    const char *id = step_text_shown(w, text);
    return id ? id + strlen(SLOT_ID_PREFIX) : NULL;
}

static void write_id(const struct writing *t, unsigned i)
{
    write_value(t, step_id_shown(t->w, t->step->text[i]));
}

static void write_lines(const struct writing *t, unsigned i)
{
    const char *text = step_text(t->w, t->step->text[i]);
    for (; text && *text; text++)
        if (*text == '\n')
            fputs(t->shell ? " " : ", ", t->out);
        else
            fputc(*text, t->out);
}

/* For unshare(1): --monotonic=3600 --boottime=0 */
static void write_clocks(const struct writing *t, unsigned i)
{
    const char *line = step_text(t->w, t->step->text[i]);
    char clock[16];
    long long seconds;
    if (!t->shell) {
        write_lines(t, i);
        return;
    }
    for (const char *between = ""; line && sscanf(line, "%15s %lld", clock, &seconds) == 2;) {
        fprintf(t->out, "%s--%s=%lld", between, clock, seconds);
        between = " ";
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
}

static const char *item(const struct writing *t, const struct block_list *list, uint32_t i)
{
    return block_at(t->w->plan, list->text[i]);
}

static void write_list(const struct writing *t, unsigned i)
{
    const struct block_list *list = step_list(t->w, t->step->text[i]);
    uint32_t count = list ? list->count : 0;
    /* "and 1 more" would be as long as the one. */
    uint32_t shown = t->shell || count <= ITEMS_SHOWN + 1 ? count : ITEMS_SHOWN;
    for (uint32_t n = 0; n < shown; n++) {
        fputs(n == 0 ? "" : t->shell ? " " : ", ", t->out);
        write_value(t, item(t, list, n));
    }
    if (shown < count)
        fprintf(t->out, " and %" PRIu32 " more", count - shown);
}

/* In overlay's options ':' is between layers, ',' between options: those of a name get a '\'. */
static void write_layer_path(const struct writing *t, const char *path)
{
    char *escaped = malloc(2 * strlen(path) + 1), *to = escaped;
    if (!escaped)
        return;
    for (; *path; path++) {
        if (strchr(":,\\", *path))
            *to++ = '\\';
        *to++ = *path;
    }
    *to = '\0';
    write_quoted(t->out, escaped);
    free(escaped);
}

static void write_layer(const struct writing *t, unsigned i)
{
    const char *path = step_text_shown(t->w, t->step->text[i]);
    if (!t->shell)
        write_value(t, path);
    else if (path)
        write_layer_path(t, path);
}

static void write_lowers(const struct writing *t, unsigned i)
{
    const struct block_list *list = step_list(t->w, t->step->text[i]);
    if (!t->shell) {
        write_list(t, i);
        return;
    }
    for (uint32_t n = 0; list && n < list->count; n++) {
        fputs(n ? ":" : "", t->out);
        write_layer_path(t, item(t, list, n));
    }
}

/* Quoted for people too: where an argument ends is what they want to see. */
static void write_command(const struct writing *t, unsigned i)
{
    const struct block_list *list = step_list(t->w, t->step->text[i]);
    for (uint32_t n = 0; list && n < list->count; n++) {
        fputs(n ? " " : "", t->out);
        write_quoted(t->out, item(t, list, n));
    }
}

static void write_ids(const struct writing *t, unsigned i)
{
    const struct block_list *list = step_list(t->w, t->step->text[i]);
    for (uint32_t n = 0; list && n < list->count; n++)
        fprintf(t->out, "%s%" PRIu32, n ? "," : "", list->text[n]);
}

/* ---- numbers -------------------------------------------------------------------------------- */

static void write_number(const struct writing *t, unsigned i)
{
    fprintf(t->out, "%" PRIu64, t->step->num[i]);
}

static void write_limit(const struct writing *t, unsigned i)
{
    if (t->step->num[i] == UINT64_MAX)
        fputs("unlimited", t->out);
    else
        write_number(t, i);
}

static void write_octal(const struct writing *t, unsigned i)
{
    fprintf(t->out, "%04" PRIo64, t->step->num[i]);
}

static void write_namespaces(const struct writing *t, unsigned i)
{
    names_write_flags(t->out, t->shell ? names_unshare_options : names_namespaces, t->step->num[i],
                      t->shell ? " " : ", ");
}

static void write_attributes(const struct writing *t, unsigned i)
{
    names_write_flags(t->out, names_attributes, t->step->num[i], ",");
}

static void write_cleared(const struct writing *t, unsigned i)
{
    names_write_flags(t->out, names_cleared, t->step->num[i], ",");
}

static void write_propagation(const struct writing *t, unsigned i)
{
    names_write_propagation(t->out, t->step->num[i]);
}

/* For setpriv(1): -all,+chown,+kill */
static void write_caps(const struct writing *t, unsigned i)
{
    uint64_t set = t->step->num[i];
    if (names_every_capability(set)) {
        fputs(t->shell ? "+all" : "all", t->out);
        return;
    }
    if (t->shell)
        fputs(set ? "-all,+" : "-all", t->out);
    if (!t->shell || set)
        names_write_caps(t->out, set, t->shell ? ",+" : ", ");
}

static void write_resource(const struct writing *t, unsigned i)
{
    fputs(names_rlimit((int)t->step->num[i]), t->out);
}

/* ---- other words ---------------------------------------------------------------------------- */

const struct step *step_group(const struct step_walk *w, int slot)
{
    for (uint32_t i = 0; slot >= 0 && i < w->plan->step_count; i++) {
        const struct step *step = step_at(w->plan, i);
        if (step->kind == STEP_CGROUP_SCOPE && step->fd[0] == slot)
            return NULL; /* where it is, systemd decides */
        if (step->kind == STEP_CGROUP_MAKE && (step->fd[0] == slot || step->fd[1] == slot))
            return step;
    }
    return NULL;
}

static void write_group(const struct writing *t, unsigned i)
{
    const struct step *make = step_group(t->w, t->step->fd[i]);
    if (!make) {
        fputs("GROUP", t->out); /* it was opened by the caller */
        return;
    }
    write_value(t, step_text_shown(t->w, make->text[0]));
    fputc('/', t->out);
    write_value(t, step_text_shown(t->w, make->text[1]));
}

static uint32_t index_of(const struct writing *t)
{
    return (uint32_t)(t->step - step_at(t->w->plan, 0));
}

static void write_root(const struct writing *t, unsigned i)
{
    bool made = false;
    (void)i;
    for (uint32_t n = 0; n < index_of(t); n++) {
        enum step_kind kind = step_at(t->w->plan, n)->kind;
        if (kind == STEP_ROOT_BIND || kind == STEP_ROOT_OVERLAY || kind == STEP_ROOT_COMPOSE)
            made = true;
        if (kind == STEP_PIVOT_ROOT || kind == STEP_CHROOT)
            made = false;
    }
    fputs(made ? SHELL_ROOT : "", t->out);
}

static void write_step(const struct writing *t, unsigned i)
{
    (void)i;
    fprintf(t->out, "%" PRIu32, index_of(t) + 1);
}

static void write_subject(const struct writing *t, unsigned i)
{
    char subject[STEP_SUBJECT];
    (void)i;
    if (step_subject(t->w, t->step, subject, sizeof subject))
        write_value(t, subject);
}

static void write_said(const struct writing *t, unsigned i)
{
    (void)i;
    if (t->w->said)
        write_value(t, t->w->said);
}

/* Behind the program and the process, newuidmap takes what the kernel takes. */
static void write_map_command(FILE *out, const struct step_walk *w, uint32_t list)
{
    const struct block_list *l = step_list(w, list);
    for (uint32_t n = 2; l && n < l->count; n++)
        fprintf(out, "%s%s",
                n == 2       ? ""
                : n % 3 == 2 ? ", "
                             : " ",
                (const char *)block_at(w->plan, l->text[n]));
}

static void write_map_of(const struct writing *t, const struct step *maps, unsigned i)
{
    const struct writing of = {t->out, t->w, maps, false};
    if (maps->kind == STEP_ID_MAPS_BY)
        write_map_command(t->out, t->w, maps->text[i]);
    else if (maps->text[i])
        write_lines(&of, i);
    else
        fprintf(t->out, "0 RANGE %" PRIu64, maps->num[1]);
}

static void write_map(const struct writing *t, unsigned i)
{
    (void)i;
    for (uint32_t n = 0; n < t->w->plan->step_count; n++) {
        const struct step *step = step_at(t->w->plan, n);
        if (step->kind != STEP_ID_MAPS && step->kind != STEP_ID_MAPS_OF &&
            step->kind != STEP_ID_MAPS_BY)
            continue;
        fputs("users ", t->out);
        write_map_of(t, step, 0);
        fputs(" and groups ", t->out);
        write_map_of(t, step, 1);
        return;
    }
}

/* ---- templates ------------------------------------------------------------------------------ */

/* Without a function: what templates only ask for, and JSON shows. */
static const struct {
    enum word_place place;
    void (*write)(const struct writing *t, unsigned i);
} types[WORD_TYPE_COUNT] = {
    [WORD_TEXT] = {PLACE_TEXT, write_text},
    [WORD_ID] = {PLACE_TEXT, write_id},
    [WORD_LINES] = {PLACE_TEXT, write_lines},
    [WORD_CLOCKS] = {PLACE_TEXT, write_clocks},
    [WORD_LIST] = {PLACE_TEXT, write_list},
    [WORD_LAYER] = {PLACE_TEXT, write_layer},
    [WORD_LOWERS] = {PLACE_TEXT, write_lowers},
    [WORD_COMMAND] = {PLACE_TEXT, write_command},
    [WORD_IDS] = {PLACE_TEXT, write_ids},
    [WORD_FILTER] = {PLACE_TEXT, NULL},
    [WORD_NUMBER] = {PLACE_NUM, write_number},
    [WORD_LIMIT] = {PLACE_NUM, write_limit},
    [WORD_OCTAL] = {PLACE_NUM, write_octal},
    [WORD_YES] = {PLACE_NUM, NULL},
    [WORD_BIT_0] = {PLACE_NUM, NULL},
    [WORD_BIT_1] = {PLACE_NUM, NULL},
    [WORD_NAMESPACES] = {PLACE_NUM, write_namespaces},
    [WORD_ATTRIBUTES] = {PLACE_NUM, write_attributes},
    [WORD_CLEARED] = {PLACE_NUM, write_cleared},
    [WORD_PROPAGATION] = {PLACE_NUM, write_propagation},
    [WORD_CAPS] = {PLACE_NUM, write_caps},
    [WORD_RESOURCE] = {PLACE_NUM, write_resource},
    [WORD_SLOT] = {PLACE_FD, NULL},
    [WORD_GROUP] = {PLACE_FD, write_group},
    [WORD_ROOT] = {PLACE_NOWHERE, write_root},
    [WORD_STEP] = {PLACE_NOWHERE, write_step},
    [WORD_SUBJECT] = {PLACE_NOWHERE, write_subject},
    [WORD_SAID] = {PLACE_NOWHERE, write_said},
    [WORD_MAP] = {PLACE_NOWHERE, write_map},
};

enum word_place word_place(enum word_type type)
{
    return types[type].place;
}

const struct word_argument *step_find_argument(const struct step_words *words, const char *name,
                                               size_t length)
{
    static const struct word_argument everywhere[] = {
        {"root", WORD_ROOT, 0}, {"step", WORD_STEP, 0}, {"subject", WORD_SUBJECT, 0},
        {"said", WORD_SAID, 0}, {"map", WORD_MAP, 0},
    };
    for (int i = 0; i < WORD_ARGUMENTS && words->argument[i].name; i++)
        if (strlen(words->argument[i].name) == length &&
            strncmp(words->argument[i].name, name, length) == 0)
            return &words->argument[i];
    for (size_t i = 0; i < sizeof everywhere / sizeof *everywhere; i++)
        if (strlen(everywhere[i].name) == length && strncmp(everywhere[i].name, name, length) == 0)
            return &everywhere[i];
    return NULL;
}

static bool has_text(const struct writing *t, const struct word_argument *a)
{
    uint32_t offset = t->step->text[a->index];
    const char *text = step_text_shown(t->w, offset);
    if (a->type == WORD_LIST)
        return text && step_list(t->w, offset)->count > 0;
    return text && (a->type != WORD_TEXT || *text);
}

static bool is_there(const struct writing *t, const struct word_argument *a)
{
    const struct step *step = t->step;
    uint64_t mask = a->type == WORD_BIT_0 ? 1 : a->type == WORD_BIT_1 ? 2 : UINT64_MAX;
    char subject[STEP_SUBJECT];
    switch (word_place(a->type)) {
    case PLACE_TEXT:
        return has_text(t, a);
    case PLACE_NUM:
        return step->num[a->index] & mask;
    case PLACE_FD:
        return step->fd[a->index] >= 0;
    default:
        return a->type != WORD_SUBJECT || step_subject(t->w, step, subject, sizeof subject);
    }
}

/* The first of some characters that is not within braces, or end. */
static const char *find(const char *p, const char *end, char c)
{
    for (int depth = 0; p < end; p++) {
        if (*p == c && depth == 0)
            return p;
        depth += (*p == '{') - (*p == '}');
    }
    return end;
}

static void write_template(const struct writing *t, const char *p, const char *end);

/* What is between '{' and '}'. */
static void write_braces(const struct writing *t, const char *p, const char *end)
{
    const char *question = find(p, end, '?');
    const struct word_argument *a =
        step_find_argument(step_words(t->step->kind), p, (size_t)(question - p));
    if (!a)
        return;
    if (question == end) {
        if (types[a->type].write)
            types[a->type].write(t, a->index);
        return;
    }
    const char *bar = find(question + 1, end, '|');
    if (is_there(t, a))
        write_template(t, question + 1, bar);
    else if (bar < end)
        write_template(t, bar + 1, end);
}

static void write_template(const struct writing *t, const char *p, const char *end)
{
    while (p < end) {
        if (*p != '{') {
            fputc(*p++, t->out);
            continue;
        }
        const char *close = find(p + 1, end, '}');
        write_braces(t, p + 1, close);
        p = close + 1;
    }
}

void step_write(FILE *out, const char *text, const struct step_walk *w, const struct step *step)
{
    const struct writing t = {out, w, step, false};
    if (text)
        write_template(&t, text, text + strlen(text));
}

void step_write_shell(FILE *out, const char *text, const struct step_walk *w,
                      const struct step *step)
{
    const struct writing t = {out, w, step, true};
    if (text)
        write_template(&t, text, text + strlen(text));
}
