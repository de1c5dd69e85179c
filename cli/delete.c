/* SPDX-License-Identifier: MIT */
/*
 * scratchctl delete: remove what there is of containers that have ended.
 */
#include "cli/globals.h"
#include "cli/kept.h"
#include "cli/oci.h"
#include "cli/report.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    bool force, regex;
};

/*
 * With --force, what is gone is as it is meant to be: engines do it twice. One that was created
 * and never started has nothing to lose: it goes without, as with other runtimes.
 */
static int delete_one(const char *id, bool force)
{
    struct scratch_container_state state = SCRATCH_CONTAINER_STATE_INIT;
    scratch_container *container;
    struct scratch_error err;
    int rc = kept_open(id, &container, &state, &err);
    if (rc == 0) {
        struct oci_hooks *hooks = oci_remember(container);
        bool kill = force || state.status == SCRATCH_STATUS_CREATED;
        rc = scratch_container_delete(container, kill, &err);
        if (rc == 0)
            oci_poststop(hooks);
        else
            oci_forget(hooks);
        scratch_container_free(container);
    }
    return rc < 0 && !(force && rc == -ENOENT) ? (int)report_error(&err) : 0;
}

/* ---- by a regular expression ---------------------------------------------------------------- */

struct matches {
    regex_t regex;
    char **id;
    size_t count;
};

static int add_match(const struct scratch_container_state *state,
                     const struct scratch_error *broken, void *data)
{
    struct matches *m = data;
    (void)broken;
    if (regexec(&m->regex, state->id, 0, NULL, 0) != 0)
        return 0;
    char **more = reallocarray(m->id, m->count + 1, sizeof *more);
    if (!more)
        return -ENOMEM;
    m->id = more;
    m->id[m->count] = strdup(state->id);
    return m->id[m->count] ? (int)(m->count++, 0) : -ENOMEM;
}

static int delete_matches(struct matches *m, bool force)
{
    struct scratch_error err;
    int status = 0;
    int rc = scratch_container_list(globals.root, add_match, m, &err);
    for (size_t i = 0; i < m->count; i++) {
        int failed = rc < 0 ? 0 : delete_one(m->id[i], force);
        status = failed ? failed : status;
        free(m->id[i]);
    }
    free(m->id);
    return rc < 0 ? (int)report_error(&err) : status;
}

static int delete_regex(const struct command *self, const char *text, bool force)
{
    struct matches matches = {.id = NULL, .count = 0};
    struct scratch_error err;
    if (regcomp(&matches.regex, text, REG_EXTENDED | REG_NOSUB) != 0) {
        usage_error(&err, text, "see regex(7)", "this is no regular expression");
        return (int)report_usage(&err, self->name);
    }
    int status = delete_matches(&matches, force);
    regfree(&matches.regex);
    return status;
}

static int run_delete(const struct command *self, char **argv)
{
    struct arguments arguments = {false, false};
    struct words words;
    int status = 0;
    if (!kept_parse(self, argv, &arguments, 1, SIZE_MAX, &words))
        return words.status;
    for (size_t i = 0; i < words.count; i++) {
        int failed = arguments.regex ? delete_regex(self, words.word[i], arguments.force)
                                     : delete_one(words.word[i], arguments.force);
        status = failed ? failed : status;
    }
    return status;
}

#define MEMBER(name) offsetof(struct arguments, name)

static const struct option options[] = {
    {"force", 'f', NULL, "kill it first when it runs; one that is not\nthere is no failure",
     option_flag, MEMBER(force)},
    {"regex", 'r', NULL, "ID is a regular expression", option_flag, MEMBER(regex)},
    {0},
};

const struct command command_delete = {
    .name = "delete",
    .synopsis = "[options] ID...",
    .summary = "Remove what there is of a container that has ended.",
    .notes = "",
    .options = options,
    .run = run_delete,
};
