/* SPDX-License-Identifier: MIT */
#include "cgroup/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The kernel's own bounds: Documentation/scheduler/sched-bwc.rst. Microseconds. */
#define PERIOD_DEFAULT 100000
#define PERIOD_MIN     1000
#define PERIOD_MAX     1000000
#define QUOTA_MIN      1000

struct writer {
    struct cgroup_setting *settings;
    int count;
};

static void put(struct writer *w, const char *controller, const char *v1_file, const char *v2_file,
                const char *format, ...) __attribute__((format(printf, 5, 6)));
static void put(struct writer *w, const char *controller, const char *v1_file, const char *v2_file,
                const char *format, ...)
{
    struct cgroup_setting *s = &w->settings[w->count++];
    va_list arguments;
    s->controller = controller;
    s->v1_file = v1_file;
    s->v2_file = v2_file;
    va_start(arguments, format);
    vsnprintf(s->value, sizeof s->value, format, arguments);
    va_end(arguments);
}

static int out_of_range(struct scratch_error *err, const char *what, uint64_t value,
                        const char *hint)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return error_set(err, EINVAL, what, text, hint);
}

/* "0-2,7": numbers and rising ranges. */
static bool is_list(const char *text)
{
    while (*text) {
        unsigned first, last;
        int n = 0;
        if (*text < '0' || *text > '9' || sscanf(text, "%5u%n", &first, &n) != 1)
            return false;
        text += n;
        if (*text == '-') {
            if (text[1] < '0' || text[1] > '9' || sscanf(text + 1, "%5u%n", &last, &n) != 1 ||
                last < first)
                return false;
            text += 1 + n;
        }
        if (*text == ',' && text[1])
            text++;
        else if (*text)
            return false;
    }
    return true;
}

static int put_list(struct writer *w, const char *what, const char *file, const char *list,
                    struct scratch_error *err)
{
    if (!list)
        return 0;
    if (!*list || strlen(list) >= sizeof w->settings->value || !is_list(list))
        return error_set(err, EINVAL, what, list, "write a list of numbers, such as 0-2,7");
    put(w, "cpuset", file, file, "%s", list);
    return 0;
}

static int put_cpu(struct writer *w, const struct scratch_cgroup_options *o,
                   struct scratch_error *err)
{
    uint64_t period = o->cpu_period ? o->cpu_period : PERIOD_DEFAULT;
    if (period < PERIOD_MIN || period > PERIOD_MAX)
        return out_of_range(err, "cpu period", period, "give 1000 to 1000000 microseconds");
    if (o->cpu_quota == SCRATCH_LIMIT_NONE)
        return 0;
    if (o->cpu_quota < QUOTA_MIN)
        return out_of_range(err, "cpu quota", o->cpu_quota,
                            "give 1000 microseconds in each period, or more");
    put(w, "cpu", "cpu.cfs_period_us", NULL, "%" PRIu64, period);
    put(w, "cpu", "cpu.cfs_quota_us", NULL, "%" PRIu64, o->cpu_quota);
    put(w, "cpu", NULL, "cpu.max", "%" PRIu64 " %" PRIu64, o->cpu_quota, period);
    return 0;
}

int limits_settings(const struct scratch_cgroup_options *o,
                    struct cgroup_setting settings[CGROUP_SETTINGS_MAX], struct scratch_error *err)
{
    struct writer w = {settings, 0};
    int rc = put_list(&w, "processors", "cpuset.cpus", o->cpuset_cpus, err);
    if (rc == 0)
        rc = put_list(&w, "memory nodes", "cpuset.mems", o->cpuset_mems, err);
    if (rc == 0)
        rc = put_cpu(&w, o, err);
    if (rc < 0)
        return rc;
    if (o->memory_max == 0)
        return out_of_range(err, "memory limit", 0, "give some bytes");
    if (o->pids_max == 0)
        return out_of_range(err, "process limit", 0, "give 1 or more");
    if (o->memory_max != SCRATCH_LIMIT_NONE)
        put(&w, "memory", "memory.limit_in_bytes", "memory.max", "%" PRIu64, o->memory_max);
    if (o->pids_max != SCRATCH_LIMIT_NONE)
        put(&w, "pids", "pids.max", "pids.max", "%" PRIu64, o->pids_max);
    return w.count;
}
