/* SPDX-License-Identifier: MIT */
#include "cli/options.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/suggest.h"
#include "cli/values.h"

#include <stdio.h>
#include <string.h>

/* ---- plain members -------------------------------------------------------------------------- */

int option_text(const struct option *option, void *target, const char *value,
                struct scratch_error *err)
{
    const char **member = option_member(option, target);
    (void)err;
    *member = value;
    return 0;
}

int option_flag(const struct option *option, void *target, const char *value,
                struct scratch_error *err)
{
    return value_flag(value, option_member(option, target), err);
}

/* ---- what all commands have ----------------------------------------------------------------- */

static int take_help(const struct option *option, void *target, const char *value,
                     struct scratch_error *err)
{
    (void)option;
    (void)target;
    (void)value;
    (void)err;
    return OPTION_HELP;
}

static int take_error_format(const struct option *option, void *target, const char *value,
                             struct scratch_error *err)
{
    bool json = strcmp(value, "json") == 0;
    (void)option;
    (void)target;
    if (!json && strcmp(value, "text") != 0)
        return usage_error(err, value, "text or json", "not a format");
    report_as_json(json);
    return 0;
}

const struct option options_common[] = {
    {.help = "Other"},
    {"error-format", 0, "text|json", "how errors are written, from here on", take_error_format, 0},
    {"help", 'h', NULL, "print this", take_help, 0},
    {0},
};

/* ---- the table ------------------------------------------------------------------------------ */

bool option_is_heading(const struct option *option)
{
    return !option->name && option->help;
}

bool option_is_end(const struct option *option)
{
    return !option->name && !option->help;
}

bool option_is_optional(const struct option *option)
{
    return option->argument && option->argument[0] == '[';
}

static const struct option *find_in(const struct option *row, char letter, const char *name,
                                    size_t length)
{
    for (; !option_is_end(row); row++) {
        if (option_is_heading(row))
            continue;
        if (letter ? row->letter == letter
                   : strncmp(row->name, name, length) == 0 && !row->name[length])
            return row;
    }
    return NULL;
}

char option_letter(const struct option *table, const struct option *option)
{
    const struct option *own =
        table && option->letter ? find_in(table, option->letter, NULL, 0) : NULL;
    return own && own != option ? 0 : option->letter;
}

/* By letter, or when that is 0 by name. */
static const struct option *find(const struct option *table, char letter, const char *name,
                                 size_t length)
{
    const struct option *row = find_in(table, letter, name, length);
    return row ? row : find_in(options_common, letter, name, length);
}

/* ---- reading -------------------------------------------------------------------------------- */

struct reading {
    const struct option *table;
    char **next; /* the argument behind the one that is read */
    void *target;
    struct operands *operands;
    struct scratch_error *err;
};

static void name_option(struct reading *r, const struct option *option)
{
    snprintf(r->err->what, sizeof r->err->what, "option --%s", option->name);
}

/* The table's own, not one that all commands have. */
static void count_option(struct operands *o, const struct option *option)
{
    for (const struct option *row = options_common; !option_is_end(row); row++)
        if (row == option)
            return;
    o->options++;
    if (o->fits && !o->misfit && !o->fits(option))
        o->misfit = option;
}

static int take(struct reading *r, const struct option *option, const char *value)
{
    count_option(r->operands, option);
    int rc = option->take(option, r->target, value, r->err);
    if (rc < 0)
        name_option(r, option);
    return rc;
}

/* The value in the next argument. "--" is not one: more likely it was forgotten. */
static int take_next(struct reading *r, const struct option *option)
{
    const char *value = *r->next;
    if (!value || strcmp(value, "--") == 0) {
        usage_error(r->err, NULL, NULL, "it needs a value: %s", option->argument);
        name_option(r, option);
        return -r->err->errnum;
    }
    r->next++;
    return take(r, option, value);
}

static const char behind[] = "a command's options go behind its name";

/* What is said of an option that is not there: where it belongs, or what it is like. */
static void suggest_option(const struct reading *r, const char *typed, size_t length, char *hint,
                           size_t size)
{
    const struct option *first = find_in(main_options, 0, typed, length);
    struct suggestion best = suggest_begin(typed, length);
    if (first) {
        snprintf(hint, size, "it goes before the command: scratchctl --%s%s%s ...", first->name,
                 first->argument ? " " : "", first->argument ? first->argument : "");
        return;
    }
    for (const struct option *row = r->table; !option_is_end(row); row++)
        suggest(&best, row->name);
    for (const struct option *row = options_common; !option_is_end(row); row++)
        suggest(&best, row->name);
    if (best.name)
        snprintf(hint, size, "did you mean --%s?", best.name);
    else if (r->table == main_options)
        snprintf(hint, size, "%s", behind);
}

static int unknown(struct reading *r, const char *typed, size_t length)
{
    char hint[96] = "";
    suggest_option(r, typed, length, hint, sizeof hint);
    int rc = usage_error(r->err, NULL, hint, "there is no such option");
    snprintf(r->err->what, sizeof r->err->what, "option --%.*s", (int)length, typed);
    return rc;
}

/* "name" or "name=value" */
static int read_long(struct reading *r, const char *text)
{
    size_t length = strcspn(text, "=");
    const char *value = text[length] ? text + length + 1 : NULL;
    const struct option *option = find(r->table, 0, text, length);
    if (!option)
        return unknown(r, text, length);
    if (value && !option->argument) {
        usage_error(r->err, value, NULL, "it takes no value");
        name_option(r, option);
        return -r->err->errnum;
    }
    if (value || !option->argument || option_is_optional(option))
        return take(r, option, value);
    return take_next(r, option);
}

/* Letters without a value may stand together; a value follows its letter at once, or is next. */
static int read_short(struct reading *r, const char *letters)
{
    int rc = 0;
    for (; *letters && rc == 0; letters++) {
        const struct option *option = find(r->table, *letters, NULL, 0);
        if (!option) {
            rc = usage_error(r->err, NULL, r->table == main_options ? behind : NULL,
                             "there is no such option");
            snprintf(r->err->what, sizeof r->err->what, "option -%c", *letters);
        } else if (!option->argument || option_is_optional(option)) {
            rc = take(r, option, NULL);
        } else {
            return letters[1] ? take(r, option, letters + 1) : take_next(r, option);
        }
    }
    return rc;
}

int options_parse(const struct option *table, enum option_order order, char **argv, void *target,
                  struct operands *operands, struct scratch_error *err)
{
    struct reading r = {table, argv, target, operands, err};
    int rc = 0;
    operands->count = operands->options = 0;
    operands->misfit = NULL;
    operands->command = NULL;
    while (rc == 0 && *r.next) {
        char *text = *r.next++;
        if (strcmp(text, "--") == 0) {
            operands->command = r.next;
            return 0;
        }
        if (text[0] == '-' && text[1]) {
            rc = text[1] == '-' ? read_long(&r, text + 2) : read_short(&r, text + 1);
        } else if (order == OPTIONS_FIRST) {
            operands->command = r.next - 1;
            return 0;
        } else {
            operands->operand[operands->count++] = text;
        }
    }
    return rc;
}
