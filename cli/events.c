/* SPDX-License-Identifier: MIT */
/*
 * scratchctl events: what happens to the containers that run.
 */
#include "cli/command.h"
#include "cli/groups.h"
#include "cli/kept.h"
#include "cli/oci_events.h"
#include "cli/output.h"
#include "cli/report.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How often to look for containers that are new, or gone. */
#define LOOK_MS 1000

struct events {
    bool json;
    const char *pressure;
    bool stats;   /* as runc has it: figures in JSON, once */
    int interval; /* milliseconds: again and again; 0: not asked for */
    struct pool pool;
};

static const struct {
    enum scratch_cgroup_event event;
    const char *name, *words;
} kinds[] = {
    {SCRATCH_EVENT_MEMORY_KILL, "memory-kill", "out of memory: processes killed"},
    {SCRATCH_EVENT_MEMORY_LIMIT, "memory-limit", "limit of memory hit"},
    {SCRATCH_EVENT_MEMORY_HIGH, "memory-high", "high mark of memory passed"},
    {SCRATCH_EVENT_PIDS_LIMIT, "pids-limit", "limit of processes hit"},
    {SCRATCH_EVENT_EMPTY, "empty", "the last process has ended"},
    {SCRATCH_EVENT_PRESSURE, "pressure", "pressure above the threshold"},
};
#define KINDS (sizeof kinds / sizeof *kinds)

/* A container that is watched. */
struct watched {
    const char *name;
    scratch_cgroup *cgroup;
    scratch_cgroup_watch *watch;
    bool json;
};

struct list {
    struct watched watched[256];
    size_t count;
};

/* ---- saying it ------------------------------------------------------------------------------- */

static void say(enum scratch_cgroup_event event, uint64_t count, void *argument)
{
    const struct watched *w = argument;
    char at[40];
    struct tm tm;
    time_t now = time(NULL);
    size_t i = 0;
    while (i + 1 < KINDS && kinds[i].event != event)
        i++;
    strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%S%z", localtime_r(&now, &tm));
    if (!w->json) {
        printf("%s %s: %s (%" PRIu64 ")\n", at, w->name, kinds[i].words, count);
        return;
    }
    struct output out = {stdout, false};
    output_open(&out, NULL, '{');
    output_text(&out, "time", at);
    output_text(&out, "name", w->name);
    output_text(&out, "event", kinds[i].name);
    output_number(&out, "count", (long)count);
    output_close(&out, '}');
    putchar('\n');
}

/* What cannot come is said once, rather than left to be missed. */
static void say_lacking(const char *name, int events, bool pressure)
{
    struct scratch_error warning = {.what = "events"};
    size_t at = 0;
    for (size_t i = 0; i < KINDS; i++)
        if (!(events & (int)kinds[i].event) &&
            (pressure || kinds[i].event != SCRATCH_EVENT_PRESSURE))
            at += (size_t)snprintf(warning.cause + at, sizeof warning.cause - at, "%s%s",
                                   at ? ", " : "this machine does not tell of: ", kinds[i].name);
    snprintf(warning.subject, sizeof warning.subject, "%s", name);
    if (at)
        report_warning(&warning);
}

/* ---- watching -------------------------------------------------------------------------------- */

static bool is_watched(const struct list *list, const char *path)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(scratch_cgroup_path(list->watched[i].cgroup), path) == 0)
            return true;
    return false;
}

/* "memory:100000/1000000" has been checked. */
static bool read_pressure(const char *text, char resource[8], struct scratch_pressure_threshold *t)
{
    unsigned long long stall, window;
    char rest;
    if (sscanf(text, "%7[a-z]:%llu/%llu%c", resource, &stall, &window, &rest) != 3)
        return false;
    *t = (struct scratch_pressure_threshold){resource, false, stall, window};
    return true;
}

static int begin(struct list *list, struct group *group, const struct events *events,
                 struct scratch_error *err)
{
    struct scratch_pressure_threshold threshold = {0};
    char resource[8];
    struct watched *w = &list->watched[list->count];
    if (events->pressure)
        read_pressure(events->pressure, resource, &threshold);
    int rc = scratch_cgroup_watch_open(group->cgroup, &threshold, &w->watch, err);
    if (rc < 0)
        return rc;
    w->name = group->name;
    w->cgroup = group->cgroup;
    w->json = events->json;
    group->cgroup = NULL;
    list->count++;
    say_lacking(w->name, rc, events->pressure);
    return 0;
}

static void end(struct list *list, size_t i)
{
    scratch_cgroup_watch_free(list->watched[i].watch);
    scratch_cgroup_free(list->watched[i].cgroup);
    list->watched[i] = list->watched[--list->count];
}

/* Take in those that are new. */
static int look(struct list *list, struct events *events, const struct operands *operands,
                struct scratch_error *err)
{
    struct groups groups = {.pool = &events->pool};
    size_t room = sizeof list->watched / sizeof *list->watched;
    int rc = groups_find(&groups, operands->operand, operands->count, err);
    for (size_t i = 0; i < groups.count && rc == 0; i++)
        if (list->count < room && !is_watched(list, scratch_cgroup_path(groups.group[i].cgroup)))
            rc = begin(list, &groups.group[i], events, err);
    groups_close(&groups);
    return rc;
}

static void tell(struct list *list)
{
    for (size_t i = list->count; i-- > 0;) {
        struct scratch_cgroup_figures figures = {.size = sizeof figures};
        struct watched *w = &list->watched[i];
        int rc = scratch_cgroup_figures(w->cgroup, &figures, NULL);
        scratch_cgroup_watch_read(w->watch, say, w);
        if (rc < 0) /* it is gone */
            end(list, i);
    }
}

static void wait_for_some(const struct list *list)
{
    struct pollfd fds[sizeof list->watched / sizeof *list->watched];
    for (size_t i = 0; i < list->count; i++)
        fds[i] = (struct pollfd){scratch_cgroup_watch_fd(list->watched[i].watch), POLLIN, 0};
    poll(fds, list->count, LOOK_MS);
}

/* Those that are named end it when they are gone; otherwise it goes on. */
static int follow(struct events *events, const struct operands *operands)
{
    struct list *list = pool_take(&events->pool, 1, sizeof *list);
    struct scratch_error err;
    int rc = look(list, events, operands, &err), status = 0;
    bool named = operands->count > 0;
    while (rc == 0 && status == 0 && (!named || list->count > 0)) {
        wait_for_some(list);
        tell(list);
        status = report_written();
        if (!named && status == 0)
            rc = look(list, events, operands, &err);
    }
    while (list->count > 0)
        end(list, list->count - 1);
    return rc < 0 ? (int)report_error(&err) : status;
}

/* ---- the command ----------------------------------------------------------------------------- */

static int take_pressure(const struct option *option, void *target, const char *value,
                         struct scratch_error *err)
{
    struct scratch_pressure_threshold threshold;
    char resource[8];
    const char **pressure = option_member(option, target);
    *pressure = value;
    if (read_pressure(value, resource, &threshold))
        return 0;
    return usage_error(err, value,
                       "write RESOURCE:STALL/WINDOW in microseconds: "
                       "memory:100000/1000000",
                       "not a threshold");
}

/* "5s", "100ms": a duration as Go's programs write it. */
static int take_interval(const struct option *option, void *target, const char *value,
                         struct scratch_error *err)
{
    int *interval = option_member(option, target);
    char unit[4], rest;
    int number, count = sscanf(value, "%7d%3[a-z]%c", &number, unit, &rest);
    bool seconds = count == 2 && strcmp(unit, "s") == 0;
    if (count != 2 || number <= 0 || (!seconds && strcmp(unit, "ms") != 0))
        return usage_error(err, value, "write 5s, or 100ms", "not a duration");
    *interval = seconds ? number * 1000 : number;
    return 0;
}

/* runc's events are of one container: that a bundle was the origin of, unless it is said so. */
static bool is_for_runc(const struct events *events, const struct operands *operands)
{
    struct scratch_container_state state = SCRATCH_CONTAINER_STATE_INIT;
    scratch_container *container;
    if (operands->count != 1 || events->json || events->pressure)
        return false;
    if (events->stats || events->interval)
        return true;
    if (kept_open(operands->operand[0], &container, &state, NULL) < 0)
        return false;
    bool bundle = state.bundle;
    scratch_container_free(container);
    return bundle;
}

static int follow_as_asked(struct events *events, const struct operands *operands)
{
    enum { INTERVAL_MS = 5000 };
    struct scratch_error err = {0};
    if (!is_for_runc(events, operands))
        return follow(events, operands);
    int rc = oci_events(operands->operand[0], events->stats,
                        events->interval ? events->interval : INTERVAL_MS, &err);
    return rc < 0 ? (int)report_error(&err) : 0;
}

static int run_events(const struct command *self, char **argv)
{
    struct events events = {0};
    struct operands operands = {0};
    struct scratch_error err;
    size_t count = 0;
    while (argv[count])
        count++;
    operands.operand = pool_take(&events.pool, count + 1, sizeof *operands.operand);
    int rc = options_parse(self->options, OPTIONS_ANYWHERE, argv, &events, &operands, &err);
    if (rc == OPTION_HELP)
        rc = help_print(self);
    else
        rc = rc < 0 ? (int)report_usage(&err, self->name) : follow_as_asked(&events, &operands);
    pool_free(&events.pool);
    return rc;
}

static const struct option options[] = {
    {"json", 0, NULL, "for programs: a line each", option_flag, offsetof(struct events, json)},
    {"pressure", 0, "RESOURCE:STALL/WINDOW",
     "tell when processes wait for cpu, memory or io\n"
     "longer: microseconds, memory:100000/1000000",
     take_pressure, offsetof(struct events, pressure)},
    {NULL, 0, NULL, "As runc has it, of a single container", NULL, 0},
    {"stats", 0, NULL, "its figures in JSON, once", option_flag, offsetof(struct events, stats)},
    {"interval", 0, "TIME", "its figures, each so often: 5s, 100ms", take_interval,
     offsetof(struct events, interval)},
    {0},
};

const struct command command_events = {
    .name = "events",
    .synopsis = "[options] [NAME...]",
    .summary = "Tell what happens to containers: memory that runs out, limits that are hit.",
    .notes =
        "Without a name, all containers that have a control group are watched, also those "
        "that\n"
        "are started later. What the kernel, or cgroup v1, does not tell of is said at the\n"
        "beginning. Of a container of a bundle the figures are told, each five seconds, as runc "
        "does.\n",
    .options = options,
    .run = run_events,
};
