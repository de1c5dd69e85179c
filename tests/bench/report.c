/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* What a contestant's median is compared with: programs with programs, calls with calls. */
struct line {
    const struct entry *entry;
    double median, least;
    double to_floor, to_ours; /* 0: there is nothing to compare with */
};

static int by_size(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

double median(const struct entry *entry)
{
    unsigned n = entry->count;
    return n % 2 ? entry->sample[n / 2] : (entry->sample[n / 2 - 1] + entry->sample[n / 2]) / 2;
}

static double median_of(const struct bench *b, const char *name)
{
    for (size_t i = 0; i < CONTESTANTS; i++)
        if (strcmp(b->entry[i].contestant->name, name) == 0)
            return entry_runs(&b->entry[i]) ? median(&b->entry[i]) : 0;
    return 0;
}

static struct line line_of(const struct bench *b, const struct entry *entry)
{
    bool program = entry->contestant->program;
    double least = median_of(b, program ? "floor" : "floor-call");
    double ours = median_of(b, program ? "scratchctl" : "libscratch");
    double own = median(entry);
    return (struct line){entry, own, entry->sample[0], least > 0 ? own / least : 0,
                         ours > 0 ? own / ours : 0};
}

/* ---- as text -------------------------------------------------------------------------------- */

static void text_begin(const struct bench *b)
{
    struct utsname machine;
    char date[32];
    time_t now = time(NULL);
    struct tm broken;
    uname(&machine);
    strftime(date, sizeof date, "%Y-%m-%d %H:%M", localtime_r(&now, &broken));
    printf(
        "Linux %s, %s, %ld processors, cgroup %s, %s\n"
        "Milliseconds of wall time from the call to the command's end; the command does nothing.\n"
        "They differ between machines and hours: the ratios are what counts. Programs are\n"
        "compared with the floor and scratchctl, calls with floor-call and libscratch.\n",
        machine.release, machine.machine, sysconf(_SC_NPROCESSORS_ONLN), b->place.v2 ? "v2" : "v1",
        date);
}

static void text_ratio(double ratio)
{
    if (ratio > 0)
        printf(" %9.2f", ratio);
    else
        printf(" %9s", "-");
}

static void text_count(int width, unsigned count)
{
    if (count)
        printf(" %*u", width, count);
    else
        printf(" %*s", width, "-");
}

static void text_line(const struct line *line)
{
    const struct entry *entry = line->entry;
    printf("  %-12s %9.3f %9.3f", entry->contestant->name, line->median, line->least);
    text_ratio(line->to_floor);
    text_ratio(line->to_ours);
    text_count(7, entry->calls);
    text_count(7, entry->faults);
    text_count(6, entry->waiting);
    printf("  %s\n", entry->contestant->note ? entry->contestant->note : "");
}

static void text_series(const struct bench *b, enum pace pace)
{
    printf("\n%s, %s, %u rounds\n  %-12s %9s %9s %9s %9s %7s %7s %6s\n", variant_names[b->variant],
           pace_names[pace], b->settings.rounds[pace], "", "median", "min", "/ floor", "/ ours",
           "calls", "faults", "kB");
    for (size_t i = 0; i < CONTESTANTS; i++) {
        const struct entry *entry = &b->entry[i];
        if (!entry->wanted)
            continue;
        if (entry_runs(entry)) {
            struct line line = line_of(b, entry);
            text_line(&line);
        } else if (entry->status != 0) {
            printf("  %-12s failed, with status %d\n", entry->contestant->name, entry->status);
        } else {
            printf("  %-12s %s\n", entry->contestant->name, entry_absent(entry));
        }
    }
    fflush(stdout);
}

/* ---- as JSON -------------------------------------------------------------------------------- */

static void json_begin(const struct bench *b)
{
    struct utsname machine;
    uname(&machine);
    printf("{\"kernel\": \"%s\", \"machine\": \"%s\", \"processors\": %ld, \"cgroup\": \"%s\", "
           "\"time\": %lld, \"series\": [",
           machine.release, machine.machine, sysconf(_SC_NPROCESSORS_ONLN),
           b->place.v2 ? "v2" : "v1", (long long)time(NULL));
}

static void json_line(const struct line *line)
{
    printf("\"median_ms\": %.4f, \"min_ms\": %.4f", line->median, line->least);
    if (line->to_floor > 0)
        printf(", \"to_floor\": %.3f", line->to_floor);
    if (line->to_ours > 0)
        printf(", \"to_ours\": %.3f", line->to_ours);
    printf(", \"page_faults\": %u", line->entry->faults);
    if (line->entry->calls)
        printf(", \"system_calls\": %u", line->entry->calls);
    if (line->entry->waiting)
        printf(", \"waiting_kb\": %u", line->entry->waiting);
}

static void json_series(const struct bench *b, enum pace pace)
{
    static const char *between = "";
    const char *comma = "";
    printf("%s\n {\"variant\": \"%s\", \"pace\": \"%s\", \"rounds\": %u, \"contestants\": [",
           between, variant_names[b->variant], pace_names[pace], b->settings.rounds[pace]);
    between = ",";
    for (size_t i = 0; i < CONTESTANTS; i++) {
        const struct entry *entry = &b->entry[i];
        if (!entry->wanted)
            continue;
        printf("%s\n  {\"name\": \"%s\", \"takes_part\": %s, \"status\": %d%s", comma,
               entry->contestant->name, entry_absent(entry) ? "false" : "true", entry->status,
               entry_runs(entry) ? ", " : "");
        comma = ",";
        if (entry_runs(entry)) {
            struct line line = line_of(b, entry);
            json_line(&line);
        }
        printf("}");
    }
    printf("]}");
}

/* --------------------------------------------------------------------------------------------- */

void report_begin(const struct bench *b)
{
    (b->settings.json ? json_begin : text_begin)(b);
}

void report_series(struct bench *b, enum pace pace)
{
    for (size_t i = 0; i < CONTESTANTS; i++)
        qsort(b->entry[i].sample, b->entry[i].count, sizeof(double), by_size);
    (b->settings.json ? json_series : text_series)(b, pace);
    if (b->settings.svg)
        plot_series(b, pace);
}

void report_end(const struct bench *b)
{
    if (b->settings.json)
        printf("]}\n");
}
