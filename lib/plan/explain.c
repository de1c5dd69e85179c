/* SPDX-License-Identifier: MIT */
/*
 * A plan for people at a terminal:
 *
 *     3 steps: 2 on the host, 1 in the container
 *
 *       1  host       make the control group /sys/fs/cgroup/pids/libscratch-ID
 *                     mkdir(2). Limits are set on a group, and hold for all processes in it
 *                     together.
 *                     $ mkdir /sys/fs/cgroup/pids/libscratch-ID
 *                     undo: rmdir /sys/fs/cgroup/pids/libscratch-ID
 */
#include "base/error_name.h"
#include "base/printable.h"
#include "plan/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 88                 /* of a line */
#define BLANK   "                " /* where number and side stand in a step's first line */

/* Longer texts (500 layers, a script as an argument) are cut: scratch_plan_json() has them whole.
 */
#define TEXT_SHOWN 1200

/* ---- lines ---------------------------------------------------------------------------------- */

static size_t columns_of(const char *text, size_t length)
{
    size_t columns = 0;
    for (size_t i = 0; i < length; i++)
        columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    return columns;
}

/* The length of a quoted part: '…', "…", or $'…' (which begins behind its '$'). */
static size_t quoted_length(const char *text, bool escapes)
{
    size_t n = 1;
    while (text[n] && text[n] != text[0])
        n += escapes && text[n] == '\\' && text[n + 1] ? 2 : 1;
    return text[n] ? n + 1 : n;
}

/* The length of a text's first word; in a command, a quoted blank is a part of one. */
static size_t word_length(const char *text, bool command)
{
    size_t n = 0;
    while (text[n] && text[n] != ' ') {
        if (command && (text[n] == '\'' || text[n] == '"'))
            n += quoted_length(text + n, text[n] == '"' || (n > 0 && text[n - 1] == '$'));
        else
            n += command && text[n] == '\\' && text[n + 1] ? 2 : 1;
    }
    return n;
}

/* How many columns a command takes up to its ';', or to its end. */
static size_t command_columns(const char *text)
{
    size_t n = 0;
    while (text[n]) {
        n += word_length(text + n, true);
        if (!text[n] || text[n - 1] == ';')
            break;
        n++;
    }
    return columns_of(text, n);
}

/*
 * Lines of words, behind what the first line begins with and in line with it. A command's lines
 * end with a '\\', so that it can be pasted, and those of a list of commands before one of them
 * rather than within it.
 */
static void write_wrapped(FILE *out, const char *first, const char *text, bool command)
{
    size_t indent = strlen(first), column = indent;
    size_t end = command ? COLUMNS - 2 : COLUMNS;
    bool begins = command;
    fputs(first, out);
    while (*text) {
        size_t n = word_length(text, command), columns = columns_of(text, n);
        size_t together = begins ? command_columns(text) : columns;
        if (together > end - indent)
            together = columns;
        if (column > indent && column + 1 + together > end) {
            fprintf(out, "%s\n%*s", command ? " \\" : "", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', out);
            column++;
        }
        fwrite(text, 1, n, out);
        column += columns;
        begins = command && n > 0 && text[n - 1] == ';';
        text += n + (text[n] == ' ');
    }
    fputc('\n', out);
}

static void write_text(FILE *out, const char *first, const char *text, bool command)
{
    char shown[TEXT_SHOWN];
    size_t n = strlen(text);
    if (n == 0)
        return;
    memcpy(shown, text, n < sizeof shown ? n + 1 : sizeof shown);
    if (n >= sizeof shown)
        cut_text(shown, sizeof shown);
    write_wrapped(out, first, shown, command);
}

/* ---- steps ---------------------------------------------------------------------------------- */

/* What a kind of step is for is said once: the steps are an array, s one of them. */
static void write_why(FILE *out, const struct scratch_step *steps, const struct scratch_step *s)
{
    const struct scratch_step *same = steps;
    char *text = NULL;
    int n;
    while (strcmp(same->call, s->call) != 0 || strcmp(same->why, s->why) != 0)
        same++;
    if (same < s)
        n = asprintf(&text, "%s, as in step %u.", s->call, same->number);
    else
        n = asprintf(&text, "%s. %s", s->call, s->why);
    if (n < 0)
        return;
    write_text(out, BLANK, text, false);
    free(text);
}

static void write_step(FILE *out, const struct scratch_step *steps, const struct scratch_step *s)
{
    char first[32];
    snprintf(first, sizeof first, "%3u  %-9s  ", s->number, error_side(s->side));
    write_text(out, first, s->what, false);
    write_why(out, steps, s);
    write_text(out, BLANK "$ ", s->shell, true);
    write_text(out, BLANK "undo: ", s->undo, true);
    if (s->best_effort)
        write_text(out, BLANK, "Best effort: when it fails, the next step follows.", false);
}

/* "23 steps: 3 on the host, 1 in the child, 19 in the container" */
static void write_summary(FILE *out, const struct scratch_step *steps, size_t count)
{
    static const char *const where[] = {"", "on the host", "in the child", "in the container"};
    size_t of[4] = {0};
    for (size_t i = 0; i < count; i++)
        of[steps[i].side]++;
    fprintf(out, "%zu step%s", count, count == 1 ? "" : "s");
    const char *between = ": ";
    for (int side = SCRATCH_SIDE_HOST; side <= SCRATCH_SIDE_CONTAINER; side++) {
        if (of[side] == 0)
            continue;
        fprintf(out, "%s%zu %s", between, of[side], where[side]);
        between = ", ";
    }
    fputs("\n\n", out);
}

char *scratch_plan_explain(const scratch_plan *plan)
{
    const struct scratch_step *steps = plan_words(plan);
    size_t size, count = scratch_plan_count(plan);
    char *text = NULL;
    FILE *out = steps ? open_memstream(&text, &size) : NULL;
    if (!out)
        return NULL;
    write_summary(out, steps, count);
    for (size_t i = 0; i < count; i++)
        write_step(out, steps, &steps[i]);
    bool failed = ferror(out);
    if (fclose(out) == 0 && !failed)
        return text;
    free(text);
    return NULL;
}
