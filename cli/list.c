/* SPDX-License-Identifier: MIT */
/*
 * scratchctl list: the containers below --root.
 */
#include "cli/globals.h"
#include "cli/kept.h"
#include "cli/report.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

enum format {
    FORMAT_TABLE,
    FORMAT_JSON,
    FORMAT_IDS,
};

struct arguments {
    enum format format;
};

static int take_format(const struct option *option, void *target, const char *value,
                       struct scratch_error *err)
{
    struct arguments *a = target;
    (void)option;
    a->format = strcmp(value, "json") == 0 ? FORMAT_JSON : FORMAT_TABLE;
    if (a->format == FORMAT_JSON || strcmp(value, "table") == 0)
        return 0;
    return usage_error(err, value, "table or json", "there is no such format");
}

static int take_quiet(const struct option *option, void *target, const char *value,
                      struct scratch_error *err)
{
    (void)option;
    (void)value;
    (void)err;
    ((struct arguments *)target)->format = FORMAT_IDS;
    return 0;
}

struct listing {
    enum format format;
    struct output output;
    bool begun;
};

static void print_row(const struct scratch_container_state *state)
{
    char created[KEPT_TIME];
    const struct passwd *owner = getpwuid(state->owner);
    printf("%-24s %-8d %-9s %-30s %-31s ", state->id, (int)state->pid,
           scratch_status_name(state->status), state->bundle ? state->bundle : state->rootfs,
           kept_time(created, state->created));
    if (owner)
        printf("%s\n", owner->pw_name);
    else
        printf("#%u\n", state->owner);
}

/* Not before there is something to list: an error alone has no table above it. */
static void print_header(struct listing *l)
{
    if (!l->begun)
        printf("%-24s %-8s %-9s %-30s %-31s %s\n", "ID", "PID", "STATUS", "BUNDLE", "CREATED",
               "OWNER");
    l->begun = true;
}

static int print_one(const struct scratch_container_state *state,
                     const struct scratch_error *broken, void *data)
{
    struct listing *l = data;
    if (broken)
        report_warning(broken);
    else if (l->format == FORMAT_JSON)
        kept_output(&l->output, state);
    else if (l->format == FORMAT_IDS)
        puts(state->id);
    else {
        print_header(l);
        print_row(state);
    }
    return 0;
}

static int run_list(const struct command *self, char **argv)
{
    struct arguments arguments = {FORMAT_TABLE};
    struct words words;
    struct scratch_error err;
    if (!kept_parse(self, argv, &arguments, 0, 0, &words))
        return words.status;
    struct listing listing = {arguments.format, {stdout, false}, false};
    if (listing.format == FORMAT_JSON)
        output_open(&listing.output, NULL, '[');
    int rc = scratch_container_list(globals.root, print_one, &listing, &err);
    if (rc < 0 && rc != -ENOENT) /* a directory that is not there has none in it */
        return (int)report_error(&err);
    if (listing.format == FORMAT_JSON) {
        output_close(&listing.output, ']');
        putchar('\n');
    } else if (listing.format == FORMAT_TABLE) {
        print_header(&listing);
    }
    return report_written();
}

static const struct option options[] = {
    {"format", 'f', "FORMAT", "table or json", take_format, 0},
    {"quiet", 'q', NULL, "the ids alone", take_quiet, 0},
    {0},
};

const struct command command_list = {
    .name = "list",
    .synopsis = "[options]",
    .summary = "List the containers that stay, with their state.",
    .notes = "",
    .options = options,
    .run = run_list,
};
