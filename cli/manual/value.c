/* SPDX-License-Identifier: MIT */
/*
 * The name of an argument, such as DIR or none|host|PATH, as what to offer for it.
 *
 * What is in capitals names what to put there; the rest, and ALL, is written as it is.
 */
#include "cli/manual/generate.h"

#include <linux/capability.h>
#include <scratch/process.h>
#include <stdio.h>
#include <string.h>

static void add_word(struct value *value, const char *word, size_t length)
{
    size_t used = strlen(value->words);
    snprintf(value->words + used, sizeof value->words - used, "%s%.*s", used > 0 ? " " : "",
             (int)length, word);
}

static void add_capabilities(struct value *value)
{
    char name[32];
    const size_t prefix = strlen("CAP_");
    add_word(value, "ALL", 3);
    for (int i = 0; i <= CAP_LAST_CAP; i++) {
        scratch_capability_name(i, name, sizeof name);
        add_word(value, name + prefix, strlen(name) - prefix);
    }
}

static void add_commands(struct value *value)
{
    for (const struct command *const *c = commands; *c; c++)
        add_word(value, (*c)->name, strlen((*c)->name));
}

/* ---- names in capitals ---------------------------------------------------------------------- */

static const struct placeholder {
    const char *name;
    enum value_source source;
    void (*add)(struct value *value);
} placeholders[] = {
    {"DIR", VALUE_DIRECTORIES, NULL},
    {"DIRECTORY", VALUE_DIRECTORIES, NULL},
    {"ROOTFS", VALUE_DIRECTORIES, NULL},
    {"FILE", VALUE_FILES, NULL},
    {"PATH", VALUE_FILES, NULL},
    {"PROGRAM", VALUE_FILES, NULL},
    {"SRC", VALUE_FILES, NULL},
    {"HOST", VALUE_FILES, NULL},
    {"NAME[=VALUE]", VALUE_VARIABLES, NULL},
    {"ID", VALUE_CONTAINERS, NULL},
    {"CAP", VALUE_FREE, add_capabilities},
    {"COMMAND", VALUE_FREE, add_commands},
};

/* Returns false when nothing is known of the name. */
static bool add_placeholder(struct value *value, const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof placeholders / sizeof *placeholders; i++) {
        const struct placeholder *p = &placeholders[i];
        if (strlen(p->name) != length || strncmp(p->name, name, length) != 0)
            continue;
        value->source = p->source;
        if (p->add)
            p->add(value);
        return true;
    }
    return false;
}

/* How much of a word is written as it is: "host", and of "ns:PATH" what is before the name. */
static size_t literal_length(const char *word, size_t length)
{
    size_t small = strcspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ[");
    bool all = length == strlen("ALL") && strncmp(word, "ALL", length) == 0;
    return all || small > length ? length : small;
}

/* ---- forms ---------------------------------------------------------------------------------- */

/* "none|host|PATH", "SRC:DST[:OPTIONS]": alternatives, and of each what comes first. */
static void add_forms(struct value *value, const char *text)
{
    for (const char *end; *text; text = *end ? end + 1 : end) {
        size_t length = strcspn(text, "|");
        size_t literal = literal_length(text, length);
        end = text + length;
        if (literal > 0)
            add_word(value, text, literal);
        else if (!add_placeholder(value, text, length))
            add_placeholder(value, text, strcspn(text, "|:["));
    }
}

/* "no-new-privileges[=false]", "seccomp=default|unconfined|FILE" */
static void add_setting(struct value *value, const char *text)
{
    size_t name = strcspn(text, "=[,( \n");
    const char *rest = text + name;
    if (*rest != '=')
        add_word(value, text, name);
    rest += *rest == '[';
    while (*rest == '=' || *rest == '|') {
        char word[64];
        size_t length = strcspn(++rest, "|],( \n");
        snprintf(word, sizeof word, "%.*s=%.*s", (int)name, text, (int)literal_length(rest, length),
                 rest);
        add_word(value, word, strlen(word));
        rest += length;
    }
}

/* The comma behind a setting; what is in parentheses belongs to it. */
static const char *setting_end(const char *text)
{
    bool inside = false;
    for (; *text && (inside || *text != ','); text++)
        inside = *text == '(' || (inside && *text != ')');
    return text;
}

/*
 * An argument called OPTION has a help text that lists its settings: "no-new-privileges[=false],
 * unmask=ALL (show all of /proc)".
 */
static void add_settings(struct value *value, const char *help)
{
    for (const char *end; *help; help = *end ? end + 1 : end) {
        end = setting_end(help);
        add_setting(value, help + strspn(help, " \n"));
    }
}

struct value value_of_option(const struct option *option)
{
    struct value value = {.taken = option->argument != NULL,
                          .optional = option_is_optional(option)};
    if (value.optional) { /* "[=no]" */
        const char *text = option->argument + strlen("[=");
        add_word(&value, text, strcspn(text, "]"));
    } else if (value.taken && strcmp(option->argument, "OPTION") == 0) {
        add_settings(&value, option->help);
    } else if (value.taken) {
        add_forms(&value, option->argument);
    }
    return value;
}

struct value value_of_operands(const struct command *command)
{
    struct value value = {.taken = false};
    const char *text = command->synopsis;
    const char *end = strstr(text, "-- ");
    bool known = false;
    while (*text && text != end && !known) {
        text += strspn(text, "[ ");
        known = *text != '-' && add_placeholder(&value, text, strcspn(text, "]. "));
        text += strcspn(text, " ");
        text += strspn(text, " ");
    }
    return value;
}

const char *value_source_name(enum value_source source)
{
    static const char *const names[] = {
        [VALUE_FREE] = "",
        [VALUE_FILES] = "files",
        [VALUE_DIRECTORIES] = "directories",
        [VALUE_VARIABLES] = "variables",
        [VALUE_CONTAINERS] = "containers",
    };
    return names[source];
}

void options_visit(const struct command *command, option_visit *visit)
{
    const struct option *own = command ? command->options : main_options;
    const struct option *tables[] = {command ? own : options_common,
                                     command ? options_common : own};
    for (int i = 0; i < 2; i++)
        for (const struct option *row = tables[i]; !option_is_end(row); row++) {
            struct option seen = *row;
            seen.letter = option_letter(own, row);
            visit(command, &seen);
        }
}
