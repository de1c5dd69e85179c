/* SPDX-License-Identifier: MIT */
/*
 * scratchctl stats: what the containers that run use.
 */
#include "cli/command.h"
#include "cli/groups.h"
#include "cli/output.h"
#include "cli/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Between two looks: processor time is a difference. */
#define SECOND_US 1000000
#define ONCE_US   400000

struct stats {
    bool json, no_stream;
    struct pool pool;
};

/* A container at one look. */
struct sample {
    const char *name;
    struct scratch_cgroup_figures figures;
};

struct look {
    struct sample *sample; /* of a pool */
    size_t count;
    uint64_t time; /* microseconds */
    struct pool pool;
};

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND_US + (uint64_t)now.tv_nsec / 1000;
}

static int look(struct look *l, const struct operands *operands, struct scratch_error *err)
{
    struct groups groups = {.pool = &l->pool};
    l->count = 0;
    l->time = now_us();
    int rc = groups_find(&groups, operands->operand, operands->count, err);
    if (rc < 0)
        return rc;
    l->sample = pool_take(&l->pool, groups.count + 1, sizeof *l->sample);
    for (size_t i = 0; i < groups.count; i++) {
        struct sample *s = &l->sample[l->count];
        s->name = groups.group[i].name;
        s->figures.size = sizeof s->figures;
        if (scratch_cgroup_figures(groups.group[i].cgroup, &s->figures, err) == 0)
            l->count++;
    }
    groups_close(&groups);
    return 0;
}

/* Hundredths of a percent of one processor since the look before, or unknown. */
static uint64_t processor(const struct sample *s, const struct look *now, const struct look *before)
{
    for (size_t i = 0; i < before->count; i++) {
        const struct sample *b = &before->sample[i];
        uint64_t to = s->figures.cpu_usage, from = b->figures.cpu_usage;
        if (strcmp(b->name, s->name) != 0 || to == SCRATCH_FIGURE_UNKNOWN || from > to)
            continue;
        return now->time > before->time ? (to - from) * 10000 / (now->time - before->time) : 0;
    }
    return SCRATCH_FIGURE_UNKNOWN;
}

/* ---- for people ------------------------------------------------------------------------------ */

static const char *percent(char text[24], uint64_t hundredths)
{
    if (hundredths == SCRATCH_FIGURE_UNKNOWN)
        return "-";
    snprintf(text, 24, "%" PRIu64 ".%02u", hundredths / 100, (unsigned)(hundredths % 100));
    return text;
}

static const char *count(char text[24], uint64_t number)
{
    if (number == SCRATCH_FIGURE_UNKNOWN)
        return "-";
    if (number == SCRATCH_LIMIT_UNLIMITED)
        return "max";
    snprintf(text, 24, "%" PRIu64, number);
    return text;
}

static void print_row(const struct sample *s, uint64_t cpu)
{
    const struct scratch_cgroup_figures *f = &s->figures;
    char a[24], b[24], c[24], d[24], e[24], g[24], h[24];
    printf("%-16.40s %8s %11s / %-11s %11s / %-11s %6s / %s\n", s->name, percent(a, cpu),
           groups_bytes(b, f->memory_current), groups_bytes(c, f->memory_limit),
           groups_bytes(d, f->io_read_bytes), groups_bytes(e, f->io_write_bytes),
           count(g, f->pids_current), count(h, f->pids_limit));
}

static void print_table(const struct look *now, const struct look *before, bool again)
{
    if (again)
        fputs("\033[H\033[J", stdout); /* from the top, on a clean screen */
    printf("%-16s %8s %11s / %-11s %11s / %-11s %6s / %s\n", "NAME", "CPU %", "MEMORY", "LIMIT",
           "READ", "WRITTEN", "PIDS", "LIMIT");
    for (size_t i = 0; i < now->count; i++)
        print_row(&now->sample[i], processor(&now->sample[i], now, before));
}

/* ---- for programs ---------------------------------------------------------------------------- */

#define AT(name) #name, offsetof(struct scratch_cgroup_figures, name)

static const struct {
    const char *name;
    size_t member;
} numbers[] = {
    {AT(memory_current)},     {AT(memory_peak)},   {AT(memory_limit)},   {AT(memory_anon)},
    {AT(memory_file)},        {AT(memory_shmem)},  {AT(memory_kernel)},  {AT(memory_sock)},
    {AT(memory_swap)},        {AT(memory_hits)},   {AT(memory_kills)},   {AT(cpu_usage)},
    {AT(cpu_user)},           {AT(cpu_system)},    {AT(cpu_periods)},    {AT(cpu_throttled)},
    {AT(cpu_throttled_time)}, {AT(pids_current)},  {AT(pids_peak)},      {AT(pids_limit)},
    {AT(pids_hits)},          {AT(io_read_bytes)}, {AT(io_write_bytes)}, {AT(io_reads)},
    {AT(io_writes)},
};

static const struct {
    const char *name;
    size_t member;
} pressures[] = {
    {AT(cpu_some)}, {AT(memory_some)}, {AT(memory_full)}, {AT(io_some)}, {AT(io_full)},
};

/* null is what is not known; no limit is the text max. */
static void json_number(struct output *out, const char *name, uint64_t value)
{
    if (value == SCRATCH_FIGURE_UNKNOWN)
        output_text(out, name, NULL);
    else if (value == SCRATCH_LIMIT_UNLIMITED)
        output_text(out, name, "max");
    else
        output_number(out, name, (long)value);
}

static void json_pressure(struct output *out, const char *name, const struct scratch_pressure *p)
{
    if (p->total == SCRATCH_FIGURE_UNKNOWN) {
        output_text(out, name, NULL);
        return;
    }
    output_open(out, name, '{');
    json_number(out, "average_10", p->average_10);
    json_number(out, "average_60", p->average_60);
    json_number(out, "average_300", p->average_300);
    json_number(out, "total", p->total);
    output_close(out, '}');
}

static void json_sample(struct output *out, const struct sample *s, uint64_t cpu)
{
    const char *figures = (const char *)&s->figures;
    uint64_t value;
    struct scratch_pressure pressure;
    output_open(out, NULL, '{');
    output_text(out, "name", s->name);
    json_number(out, "cpu_percent_hundredths", cpu);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        memcpy(&value, figures + numbers[i].member, sizeof value);
        json_number(out, numbers[i].name, value);
    }
    for (size_t i = 0; i < sizeof pressures / sizeof *pressures; i++) {
        memcpy(&pressure, figures + pressures[i].member, sizeof pressure);
        json_pressure(out, pressures[i].name, &pressure);
    }
    output_close(out, '}');
}

static void print_json(const struct look *now, const struct look *before)
{
    struct output out = {stdout, false};
    output_open(&out, NULL, '[');
    for (size_t i = 0; i < now->count; i++)
        json_sample(&out, &now->sample[i], processor(&now->sample[i], now, before));
    output_close(&out, ']');
    putchar('\n');
}

/* ---- the command ----------------------------------------------------------------------------- */

static int show(const struct stats *stats, const struct look *now, const struct look *before)
{
    if (stats->json)
        print_json(now, before);
    else
        print_table(now, before, !stats->no_stream && isatty(STDOUT_FILENO));
    return report_written();
}

static int follow(const struct stats *stats, const struct operands *operands)
{
    struct look before = {0}, now = {0};
    struct scratch_error err;
    int rc = look(&before, operands, &err), status = 0;
    bool shown = false;
    while (rc == 0 && status == 0 && !(shown && stats->no_stream)) {
        usleep(stats->no_stream ? ONCE_US : SECOND_US);
        rc = look(&now, operands, &err);
        if (rc == 0)
            status = show(stats, &now, &before);
        shown = rc == 0;
        pool_free(&before.pool);
        before = now;
        now = (struct look){0};
    }
    pool_free(&before.pool);
    pool_free(&now.pool);
    return rc < 0 ? (int)report_error(&err) : status;
}

static int run_stats(const struct command *self, char **argv)
{
    struct stats stats = {0};
    struct operands operands = {0};
    struct scratch_error err;
    size_t count = 0;
    while (argv[count])
        count++;
    operands.operand = pool_take(&stats.pool, count + 1, sizeof *operands.operand);
    int rc = options_parse(self->options, OPTIONS_ANYWHERE, argv, &stats, &operands, &err);
    if (rc == OPTION_HELP)
        rc = help_print(self);
    else
        rc = rc < 0 ? (int)report_usage(&err, self->name) : follow(&stats, &operands);
    pool_free(&stats.pool);
    return rc;
}

static const struct option options[] = {
    {"no-stream", 0, NULL, "look once, rather than every second", option_flag,
     offsetof(struct stats, no_stream)},
    {"json", 0, NULL, "for programs: a line each time; bytes, microseconds", option_flag,
     offsetof(struct stats, json)},
    {0},
};

const struct command command_stats = {
    .name = "stats",
    .synopsis = "[--no-stream] [--json] [NAME...]",
    .summary = "Show what the containers that run use.",
    .notes = "Shown are containers that have a control group: those with a limit. \"-\" is what\n"
             "the kernel, or cgroup v1, does not count. CPU % is of one processor.\n",
    .options = options,
    .run = run_stats,
};
