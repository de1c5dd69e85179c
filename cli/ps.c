/* SPDX-License-Identifier: MIT */
/*
 * scratchctl ps: the containers that there are; or the processes of one.
 */
#include "cli/globals.h"
#include "cli/groups.h"
#include "cli/kept.h"
#include "cli/pool.h"
#include "cli/ps_filter.h"
#include "cli/ps_table.h"
#include "cli/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct arguments {
    bool all, json, quiet;
    struct ps_filter filter;
    char **ps; /* what ps(1) is given; ends with NULL */
};

/* ---- containers ----------------------------------------------------------------------------- */

#define COMMAND_WIDTH 40

/* A line of the table. */
struct row {
    struct row *next;
    char *id, *status;
    int pid;
    char age[32], command[COMMAND_WIDTH + 1];
};

struct listing {
    const struct arguments *a;
    struct output output;
    bool begun;
    struct row *first, **last;
    int id_width, status_width; /* of what is in these columns */
    struct pool pool;
};

/* Not before there is something to list: an error alone has no table above it. */
static void begin(struct listing *l)
{
    if (!l->begun && l->a->json)
        output_open(&l->output, NULL, '[');
    l->begun = true;
}

/* "3 minutes" */
static void write_age(char *text, size_t size, int64_t since)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    if (since == 0) { /* its starter is at work */
        snprintf(text, size, "-");
        return;
    }
    int64_t age = (int64_t)time(NULL) - since / 1000000000;
    size_t i = 0;
    while (i < 3 && age < units[i].seconds)
        i++;
    int64_t count = age < 0 ? 0 : age / units[i].seconds;
    snprintf(text, size, "%lld %s%s", (long long)count, units[i].name, count == 1 ? "" : "s");
}

/* "running", "stopped (137)", "stopped (137), killed: out of memory, limit 64 MiB" */
static char *status_of(struct pool *pool, const struct scratch_container_state *s)
{
    const char *name = scratch_status_name(s->status);
    char code[16] = "", why[GROUPS_OOM] = "";
    struct scratch_container_oom oom = s->oom;
    oom.pid = 0; /* too much for a line */
    if (s->exit_status >= 0)
        snprintf(code, sizeof code, " (%d)", s->exit_status);
    return pool_print(pool, "%s%s%s%s", name, code, oom.kills ? ", killed: " : "",
                      oom.kills ? groups_oom(why, &oom) : "");
}

/* The words, with blanks between; control characters are not shown. */
static void write_command(char *text, size_t size, const char *const *word)
{
    size_t at = 0;
    for (; word && *word && at + 1 < size; word++)
        at += (size_t)snprintf(text + at, size - at, "%s%s", at ? " " : "", *word);
    text[at < size ? at : size - 1] = '\0';
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
}

static int wider(int width, const char *text)
{
    int length = (int)strlen(text);
    return length > width ? length : width;
}

static void add_row(struct listing *l, const struct scratch_container_state *s)
{
    struct row *row = pool_take(&l->pool, 1, sizeof *row);
    row->id = pool_print(&l->pool, "%s", s->id);
    row->status = status_of(&l->pool, s);
    row->pid = (int)s->pid;
    write_age(row->age, sizeof row->age, s->created);
    write_command(row->command, sizeof row->command, s->command);
    l->id_width = wider(l->id_width, row->id);
    l->status_width = wider(l->status_width, row->status);
    *l->last = row;
    l->last = &row->next;
}

static void print_table(const struct listing *l)
{
    printf("%-*s %-*s %-8s %-12s %s\n", l->id_width, "ID", l->status_width, "STATUS", "PID", "AGE",
           "COMMAND");
    for (const struct row *row = l->first; row; row = row->next)
        printf("%-*s %-*s %-8d %-12s %s\n", l->id_width, row->id, l->status_width, row->status,
               row->pid, row->age, row->command);
}

static void finish(struct listing *l)
{
    if (l->a->json) {
        output_close(&l->output, ']');
        putchar('\n');
    } else if (!l->a->quiet) {
        print_table(l);
    }
}

static int print_one(const struct scratch_container_state *state,
                     const struct scratch_error *broken, void *data)
{
    struct listing *l = data;
    if (broken)
        report_warning(broken);
    bool hidden = state->status == SCRATCH_STATUS_STOPPED && !l->a->all;
    if (broken || (hidden && !l->a->filter.by_status) || !ps_filter_passes(&l->a->filter, state))
        return 0;
    begin(l);
    if (l->a->json)
        kept_details(&l->output, state);
    else if (l->a->quiet)
        puts(state->id);
    else
        add_row(l, state);
    return 0;
}

static int list_containers(const struct arguments *a)
{
    struct listing listing = {.a = a,
                              .output = {stdout, false},
                              .last = &listing.first,
                              .id_width = 20,
                              .status_width = 14};
    struct scratch_error err = {0};
    int rc = scratch_container_list(globals.root, print_one, &listing, &err);
    bool failed = rc < 0 && rc != -ENOENT; /* a directory that is not there has none in it */
    if (!failed)
        begin(&listing);
    if (listing.begun)
        finish(&listing);
    pool_free(&listing.pool);
    return failed ? (int)report_error(&err) : report_written();
}

/* ---- processes of one ----------------------------------------------------------------------- */

static pid_t *processes_of(scratch_container *container, size_t *count, struct scratch_error *err)
{
    pid_t *pids = NULL;
    size_t room = 64;
    do {
        free(pids);
        room *= 2;
        *count = room;
        pids = calloc(room, sizeof *pids);
        if (!pids || scratch_container_processes(container, pids, count, err) < 0) {
            free(pids);
            return NULL;
        }
    } while (*count > room);
    return pids;
}

static void print_process(pid_t pid)
{
    char path[32], name[64] = "?";
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    FILE *in = fopen(path, "re");
    if (in && fgets(name, sizeof name, in))
        name[strcspn(name, "\n")] = '\0';
    if (in)
        fclose(in);
    printf("%-8d %s\n", (int)pid, name);
}

static void print_processes(const pid_t *pids, size_t count)
{
    printf("%-8s %s\n", "PID", "COMMAND");
    for (size_t i = 0; i < count; i++)
        print_process(pids[i]);
}

static int list_processes(scratch_container *container, const void *arguments,
                          struct scratch_error *err)
{
    const struct arguments *a = arguments;
    struct output output = {stdout, false};
    size_t count;
    pid_t *pids = processes_of(container, &count, err);
    if (!pids)
        return -err->errnum;
    if (a->json) {
        output_open(&output, NULL, '[');
        for (size_t i = 0; i < count; i++)
            output_number(&output, NULL, pids[i]);
        output_close(&output, ']');
        putchar('\n');
    } else if (!ps_table(a->ps, pids, count)) {
        print_processes(pids, count);
    }
    free(pids);
    return 0;
}

/* ---- the command ---------------------------------------------------------------------------- */

static int take_format(const struct option *option, void *target, const char *value,
                       struct scratch_error *err)
{
    struct arguments *a = target;
    (void)option;
    a->json = strcmp(value, "json") == 0;
    if (a->json || strcmp(value, "table") == 0)
        return 0;
    return usage_error(err, value, strchr(value, '=') ? "say --filter" : "table or json",
                       "there is no such format");
}

static int take_filter(const struct option *option, void *target, const char *value,
                       struct scratch_error *err)
{
    (void)option;
    return ps_filter_add(&((struct arguments *)target)->filter, value, err);
}

static int run_parsed(const struct command *self, char **argv, struct arguments *a)
{
    struct words words;
    if (!kept_parse_command(self, argv, a, 0, &words))
        return words.status;
    if (words.count == 0)
        return list_containers(a);
    a->ps = words.word + 1;
    words.count = 1;
    int status = kept_each(&words, list_processes, a);
    int written = report_written();
    return status ? status : written;
}

static int run_ps(const struct command *self, char **argv)
{
    struct arguments arguments = {.all = false};
    struct pool pool = {0};
    size_t room = 1;
    while (argv[room - 1])
        room++;
    arguments.filter.wanted = pool_take(&pool, room, sizeof *arguments.filter.wanted);
    int status = run_parsed(self, argv, &arguments);
    pool_free(&pool);
    return status;
}

#define MEMBER(name) offsetof(struct arguments, name)

static const struct option options[] = {
    {"all", 'a', NULL, "those that have ended, too", option_flag, MEMBER(all)},
    {"filter", 0, "KEY=VALUE", "only those: name, id, label=NAME[=VALUE], status", take_filter, 0},
    {"json", 0, NULL, "for programs", option_flag, MEMBER(json)},
    {"format", 'f', "FORMAT", "table or json", take_format, 0},
    {"quiet", 'q', NULL, "the ids alone", option_flag, MEMBER(quiet)},
    {0},
};

const struct command command_ps = {
    .name = "ps",
    .synopsis = "[options] [ID [PS-OPTION...]]",
    .summary = "List the containers that run, or the processes of one.",
    .notes =
        "The processes of one are listed as ps(1) does it with these options, -ef without any.\n"
        "Those of every directory of records that is known are listed, whoever started them,\n"
        "as far as they may be read; with --root, those of that one.\n",
    .options = options,
    .run = run_ps,
};
