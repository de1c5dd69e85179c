/* SPDX-License-Identifier: MIT */
#include "base/error_name.h"
#include "base/printable.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The members as they are shown: escaped, and so perhaps cut; a sentence never outgrows its line.
 */
struct shown {
    char what[sizeof((struct scratch_error *)0)->what];
    char subject[sizeof((struct scratch_error *)0)->subject];
    char cause[sizeof((struct scratch_error *)0)->cause];
    char hint[sizeof((struct scratch_error *)0)->hint];
};

const char *error_side(enum scratch_side side)
{
    static const char *const sides[] = {
        [SCRATCH_SIDE_NONE] = "",
        [SCRATCH_SIDE_HOST] = "host",
        [SCRATCH_SIDE_CHILD] = "child",
        [SCRATCH_SIDE_CONTAINER] = "container",
    };
    return sides[(unsigned)side < sizeof sides / sizeof *sides ? side : SCRATCH_SIDE_NONE];
}

/* True when a sentence has a word in it already, and not only as a part of another one. */
static bool has_word(const char *sentence, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = sentence; (at = strstr(at, word)); at++) {
        bool begins = at == sentence || strchr(" '\"(=:", at[-1]);
        bool ends = at[length] == '\0' || strchr(" '\",:;)", at[length]);
        if (begins && ends)
            return true;
    }
    return false;
}

static bool has_quoted(const char *sentence, const char *word)
{
    char quoted[sizeof((struct shown *)0)->subject + 2];
    snprintf(quoted, sizeof quoted, "'%s'", word);
    return strstr(sentence, quoted);
}

/*
 * True when the sentence names its subject already. A step's words are made of it; other sentences
 * may have a word of their own that is the same: a container can be called "a", or "container".
 */
static bool names_subject(const struct scratch_error *e, const struct shown *s)
{
    if (has_quoted(s->what, s->subject) || has_quoted(s->cause, s->subject))
        return true;
    if (strchr(s->subject, '/'))
        return has_word(s->what, s->subject) || has_word(s->cause, s->subject);
    return e->side != SCRATCH_SIDE_NONE && has_word(s->what, s->subject);
}

/* ---- the sentence, part by part ------------------------------------------------------------- */

struct line {
    char text[SCRATCH_ERROR_LINE];
    size_t length;
};

/* What is not there begins no part, so ": " stands between two that are. */
static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct line *line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n =
        vsnprintf(line->text + line->length, sizeof line->text - line->length, format, arguments);
    va_end(arguments);
    line->length += n > 0 ? (size_t)n : 0;
    if (line->length >= sizeof line->text)
        line->length = sizeof line->text - 1;
}

static void add_between(struct line *line)
{
    if (line->length > 0)
        add(line, ": ");
}

/* "step 9 of 23 (container)" */
static void add_step(struct line *line, const struct scratch_error *e)
{
    const char *side = error_side(e->side);
    if (!e->step)
        return;
    add(line, "step %u of %u", e->step, e->step_count);
    if (*side)
        add(line, " (%s)", side);
}

/* "host name 'x y'", but "step 9 …: mount proc on /proc: '/x'": a step's words are a clause. */
static void add_what(struct line *line, const struct scratch_error *e, const struct shown *s)
{
    if (s->what[0]) {
        add_between(line);
        add(line, "%s", s->what);
    }
    if (!s->subject[0] || names_subject(e, s))
        return;
    if (e->step || !s->what[0])
        add_between(line);
    else
        add(line, " ");
    add(line, "'%s'", s->subject);
}

/* "EINVAL: lowerdir '/srv/a' does not exist" */
static void add_why(struct line *line, const struct scratch_error *e, const struct shown *s)
{
    const char *name = error_name(e->errnum);
    if (e->errnum) {
        add_between(line);
        if (name)
            add(line, "%s", name);
        else
            add(line, "error %d", e->errnum);
    }
    if (!e->errnum && !s->cause[0] && line->length > 0)
        return;
    add_between(line);
    add(line, "%s", s->cause[0] ? s->cause : e->errnum ? strerror(e->errnum) : "no error");
}

int scratch_error_format(const struct scratch_error *e, char *line, size_t size)
{
    struct shown s;
    struct line whole = {.length = 0};
    put_escaped(s.what, sizeof s.what, e->what);
    put_escaped(s.subject, sizeof s.subject, e->subject);
    put_escaped(s.cause, sizeof s.cause, e->cause);
    put_escaped(s.hint, sizeof s.hint, e->hint);
    add_step(&whole, e);
    add_what(&whole, e, &s);
    add_why(&whole, e, &s);
    if (s.hint[0])
        add(&whole, " (%s)", s.hint);
    if (size > 0)
        snprintf(line, size, "%s", whole.text);
    if (size <= whole.length && size > 3)
        cut_text(line, size);
    return (int)whole.length;
}

void scratch_error_print(const char *prefix, const struct scratch_error *err)
{
    char line[SCRATCH_ERROR_LINE];
    bool named = prefix && *prefix;
    scratch_error_format(err, line, sizeof line);
    dprintf(STDERR_FILENO, "%s%s%s\n", named ? prefix : "", named ? ": " : "", line);
}
