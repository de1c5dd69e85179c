/* SPDX-License-Identifier: MIT */
#include "cli/ps_filter.h"
#include "cli/report.h"

#include <string.h>

static const char *value_of(const char *text)
{
    const char *value = strchr(text, '=');
    return value ? value + 1 : NULL;
}

/* ---- one filter ----------------------------------------------------------------------------- */

typedef bool passes(const struct scratch_container_state *state, const char *value);

static bool has_in_name(const struct scratch_container_state *state, const char *value)
{
    return strstr(state->id, value);
}

static bool begins_so(const struct scratch_container_state *state, const char *value)
{
    return strncmp(state->id, value, strlen(value)) == 0;
}

/* "NAME", or "NAME=VALUE" */
static bool has_label(const struct scratch_container_state *state, const char *value)
{
    size_t name = strcspn(value, "=");
    for (const char *const *label = state->annotations; label && *label; label++)
        if (value[name] ? strcmp(*label, value) == 0
                        : strncmp(*label, value, name) == 0 && (*label)[name] == '=')
            return true;
    return false;
}

/* docker's and podman's word for "stopped" is "exited". */
static const char *own_word(const char *status)
{
    return strcmp(status, "exited") == 0 ? "stopped" : status;
}

static bool is_in_status(const struct scratch_container_state *state, const char *value)
{
    return strcmp(scratch_status_name(state->status), own_word(value)) == 0;
}

static const struct key {
    const char *name;
    passes *passes;
    bool every; /* all that are asked for, not one of them */
} keys[] = {
    {"name", has_in_name, false},
    {"id", begins_so, false},
    {"label", has_label, true},
    {"status", is_in_status, false},
};

#define KEYS (sizeof keys / sizeof *keys)

static const struct key *key_of(const char *text)
{
    size_t length = strcspn(text, "=");
    for (size_t i = 0; i < KEYS; i++)
        if (strlen(keys[i].name) == length && strncmp(keys[i].name, text, length) == 0)
            return &keys[i];
    return NULL;
}

/* ---- all of them ---------------------------------------------------------------------------- */

static bool is_status(const char *word)
{
    for (int s = SCRATCH_STATUS_CREATING; s <= SCRATCH_STATUS_STOPPED; s++)
        if (strcmp(scratch_status_name((enum scratch_status)s), own_word(word)) == 0)
            return true;
    return false;
}

int ps_filter_add(struct ps_filter *filter, const char *text, struct scratch_error *err)
{
    static const char form[] = "name=TEXT, id=BEGINNING, label=NAME[=VALUE] or status=STATUS";
    const struct key *key = key_of(text);
    const char *value = value_of(text);
    if (!key || !value || !*value)
        return usage_error(err, text, form, key ? "it has no value" : "there is no such filter");
    bool by_status = key->passes == is_in_status;
    if (by_status && !is_status(value))
        return usage_error(err, text, "creating, created, running, paused or stopped",
                           "there is no such status");
    filter->wanted[filter->count++] = text;
    filter->by_status = filter->by_status || by_status;
    return 0;
}

static bool passes_key(const struct ps_filter *filter, const struct key *key,
                       const struct scratch_container_state *state)
{
    size_t asked = 0, passed = 0;
    for (size_t i = 0; i < filter->count; i++) {
        if (key_of(filter->wanted[i]) != key)
            continue;
        asked++;
        passed += key->passes(state, value_of(filter->wanted[i]));
    }
    return key->every ? passed == asked : asked == 0 || passed > 0;
}

bool ps_filter_passes(const struct ps_filter *filter, const struct scratch_container_state *state)
{
    for (size_t i = 0; i < KEYS; i++)
        if (!passes_key(filter, &keys[i], state))
            return false;
    return true;
}
