/* SPDX-License-Identifier: MIT */
#include "cgroup/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PERIOD_DEFAULT 100000

/* How a number becomes the text of a file, where that is not the number itself. */
enum writing {
    PLAIN,
    WEIGHT,    /* of the processor, in v2's unit */
    SHARES,    /* the same in v1's */
    IO_WEIGHT, /* in v2's unit */
    SWAP,      /* beside the memory; v1 counts both together */
    QUOTA,     /* with the period */
    PERIOD,    /* written with the quota */
};

/* A number of the options: what scratch_cgroup_limit() tells of it, and how to write it. */
struct number {
    struct scratch_cgroup_limit limit;
    const char *what; /* in an error */
    enum writing writing;
    size_t member;
};

#define IN(name) #name
#define AT(name) offsetof(struct scratch_cgroup_options, name)
#define BYTES    "bytes"
#define US       "microseconds"

/*
 * In the order in which they are written: v1 wants the memory before memory and swap, the period
 * before the quota, and that before the burst. The kernel's own bounds are those of
 * Documentation/admin-guide/cgroup-v2.rst and scheduler/sched-bwc.rst.
 */
static const struct number numbers[] = {
    {{IN(cpu_period), "cpu", US, 1000, 1000000, "cpu.cfs_period_us", "cpu.max", false},
     "cpu period",
     PERIOD,
     AT(cpu_period)},
    {{IN(cpu_quota), "cpu", US, 1000, INT64_MAX / 1000, "cpu.cfs_quota_us", "cpu.max", true},
     "cpu quota",
     QUOTA,
     AT(cpu_quota)},
    {{IN(cpu_burst), "cpu", US, 0, INT64_MAX / 1000, "cpu.cfs_burst_us", "cpu.max.burst", false},
     "cpu burst",
     PLAIN,
     AT(cpu_burst)},
    {{IN(cpu_weight), "cpu", "weight", 1, 10000, "cpu.shares", "cpu.weight", false},
     "cpu weight",
     WEIGHT,
     AT(cpu_weight)},
    {{IN(cpu_shares), "cpu", "shares", 2, 262144, "cpu.shares", "cpu.weight", false},
     "cpu shares",
     SHARES,
     AT(cpu_shares)},
    {{IN(cpu_idle), "cpu", "0 or 1", 0, 1, "cpu.idle", "cpu.idle", false},
     "idle processor time",
     PLAIN,
     AT(cpu_idle)},
    {{IN(cpu_rt_period), "cpu", US, 1, 1000000, "cpu.rt_period_us", NULL, false},
     "real-time period",
     PLAIN,
     AT(cpu_rt_period)},
    {{IN(cpu_rt_runtime), "cpu", US, 0, 1000000, "cpu.rt_runtime_us", NULL, false},
     "real-time runtime",
     PLAIN,
     AT(cpu_rt_runtime)},
    {{IN(memory_max), "memory", BYTES, 1, INT64_MAX, "memory.limit_in_bytes", "memory.max", true},
     "memory limit",
     PLAIN,
     AT(memory_max)},
    {{IN(memory_swap), "memory", BYTES, 0, INT64_MAX, "memory.memsw.limit_in_bytes",
      "memory.swap.max", true},
     "swap limit",
     SWAP,
     AT(memory_swap)},
    {{IN(memory_high), "memory", BYTES, 0, INT64_MAX, NULL, "memory.high", true},
     "high memory mark",
     PLAIN,
     AT(memory_high)},
    {{IN(memory_low), "memory", BYTES, 0, INT64_MAX, "memory.soft_limit_in_bytes", "memory.low",
      true},
     "memory reservation",
     PLAIN,
     AT(memory_low)},
    {{IN(memory_min), "memory", BYTES, 0, INT64_MAX, NULL, "memory.min", true},
     "memory minimum",
     PLAIN,
     AT(memory_min)},
    {{IN(memory_swappiness), "memory", "percent", 0, 100, "memory.swappiness", NULL, false},
     "swappiness",
     PLAIN,
     AT(memory_swappiness)},
    {{IN(pids_max), "pids", "processes", 1, 4194304, "pids.max", "pids.max", true},
     "process limit",
     PLAIN,
     AT(pids_max)},
    {{IN(io_weight), "io", "weight", 1, 10000, "blkio.bfq.weight", "io.weight", false},
     "block I/O weight",
     IO_WEIGHT,
     AT(io_weight)},
    {{IN(net_class), "net_cls", "class", 0, UINT32_MAX, "net_cls.classid", NULL, false},
     "network class",
     PLAIN,
     AT(net_class)},
};

int scratch_cgroup_limit(size_t index, struct scratch_cgroup_limit *limit)
{
    if (index >= sizeof numbers / sizeof *numbers)
        return -ERANGE;
    *limit = numbers[index].limit;
    return 0;
}

/* ---- writing --------------------------------------------------------------------------------- */

static struct cgroup_setting *next_setting(struct limits_writer *w)
{
    if (w->count < w->room)
        return &w->settings[w->count++];
    int room = w->room ? 2 * w->room : 8;
    struct cgroup_setting *more = realloc(w->settings, (size_t)room * sizeof *more);
    if (!more) {
        w->failed = -ENOMEM;
        return &w->nowhere;
    }
    w->settings = more;
    w->room = room;
    return &w->settings[w->count++];
}

struct cgroup_setting *limits_put(struct limits_writer *w, const char *controller,
                                  const char *v1_file, const char *v2_file, const char *format, ...)
{
    struct cgroup_setting *s = next_setting(w);
    va_list arguments;
    memset(s, 0, sizeof *s);
    s->controller = controller;
    snprintf(s->v1_file, sizeof s->v1_file, "%s", v1_file ? v1_file : "");
    snprintf(s->v2_file, sizeof s->v2_file, "%s", v2_file ? v2_file : "");
    va_start(arguments, format);
    vsnprintf(s->value, sizeof s->value, format, arguments);
    va_end(arguments);
    return s;
}

int limits_refuse(struct limits_writer *w, const char *what, uint64_t value, const char *hint)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return error_set(w->err, EINVAL, what, text, hint);
}

static uint64_t value_of(const struct scratch_cgroup_options *o, const struct number *n)
{
    uint64_t value;
    memcpy(&value, (const char *)o + n->member, sizeof value);
    return value;
}

/* A number as a version writes it; v1's way to say that there is no limit is -1. */
static void put_both(struct limits_writer *w, const struct number *n, uint64_t v1, uint64_t v2)
{
    const struct scratch_cgroup_limit *l = &n->limit;
    bool unlimited = v2 == SCRATCH_LIMIT_UNLIMITED;
    const char *one = l->v1_file, *two = l->v2_file;
    const char *only = !one || !two ? n->what : NULL;
    if (!unlimited && v1 == v2) {
        limits_put(w, l->controller, one, two, "%" PRIu64, v2)->only = only;
        return;
    }
    bool pids = strcmp(l->controller, "pids") == 0; /* says max in both */
    if (one && unlimited)
        limits_put(w, l->controller, one, NULL, pids ? "max" : "-1")->only = only;
    else if (one)
        limits_put(w, l->controller, one, NULL, "%" PRIu64, v1);
    if (two && unlimited)
        limits_put(w, l->controller, NULL, two, "max")->only = only;
    else if (two)
        limits_put(w, l->controller, NULL, two, "%" PRIu64, v2);
}

static void put_quota(struct limits_writer *w, uint64_t quota, uint64_t period)
{
    if (!period)
        period = PERIOD_DEFAULT;
    limits_put(w, "cpu", "cpu.cfs_period_us", NULL, "%" PRIu64, period);
    if (quota == SCRATCH_LIMIT_UNLIMITED) {
        limits_put(w, "cpu", "cpu.cfs_quota_us", NULL, "-1");
        limits_put(w, "cpu", NULL, "cpu.max", "max %" PRIu64, period);
        return;
    }
    limits_put(w, "cpu", "cpu.cfs_quota_us", NULL, "%" PRIu64, quota);
    limits_put(w, "cpu", NULL, "cpu.max", "%" PRIu64 " %" PRIu64, quota, period);
}

/* v1 limits memory and swap together. */
static int put_swap(struct limits_writer *w, const struct number *n, uint64_t memory, uint64_t swap)
{
    uint64_t total = SCRATCH_LIMIT_UNLIMITED;
    bool counted = memory != SCRATCH_LIMIT_NONE && memory != SCRATCH_LIMIT_UNLIMITED;
    if (swap != SCRATCH_LIMIT_UNLIMITED && counted && swap <= INT64_MAX - memory)
        total = memory + swap;
    if (swap == SCRATCH_LIMIT_UNLIMITED || counted)
        limits_put(w, "memory", n->limit.v1_file, NULL,
                   total == SCRATCH_LIMIT_UNLIMITED ? "-1" : "%" PRIu64, total);
    else
        limits_put(w, "memory", NULL, n->limit.v2_file, "%" PRIu64, swap)->only =
            "swap limit without a memory limit";
    if (swap == SCRATCH_LIMIT_UNLIMITED)
        limits_put(w, "memory", NULL, n->limit.v2_file, "max");
    else if (counted)
        limits_put(w, "memory", NULL, n->limit.v2_file, "%" PRIu64, swap);
    return 0;
}

/* BFQ's file stands in for the one that a kernel without it has, and the other way round. */
static void put_io_weight(struct limits_writer *w, uint64_t weight)
{
    uint64_t blkio = weight_to_blkio(weight);
    struct cgroup_setting *s = limits_put(w, "io", "blkio.bfq.weight", NULL, "%" PRIu64, blkio);
    s->other_file = "blkio.weight";
    snprintf(s->other_value, sizeof s->other_value, "%" PRIu64, blkio);
    s = limits_put(w, "io", NULL, "io.weight", "default %" PRIu64, weight);
    s->other_file = "io.bfq.weight";
    snprintf(s->other_value, sizeof s->other_value, "default %" PRIu64, blkio);
}

static int put_number(struct limits_writer *w, const struct scratch_cgroup_options *o,
                      const struct number *n)
{
    uint64_t value = value_of(o, n);
    switch (n->writing) {
    case WEIGHT:
        put_both(w, n, weight_to_shares(value), value);
        break;
    case SHARES:
        put_both(w, n, value, scratch_cgroup_cpu_weight(value));
        break;
    case IO_WEIGHT:
        put_io_weight(w, value);
        break;
    case SWAP:
        return put_swap(w, n, o->memory_max, value);
    case QUOTA:
        put_quota(w, value, o->cpu_period);
        break;
    case PLAIN:
        put_both(w, n, value, value);
        break;
    case PERIOD:
        if (o->cpu_quota == SCRATCH_LIMIT_NONE)
            put_quota(w, SCRATCH_LIMIT_UNLIMITED, value);
        break;
    }
    return 0;
}

/* ---- checking -------------------------------------------------------------------------------- */

static bool is_given(const struct number *n, uint64_t value)
{
    return value != (n->writing == PERIOD ? 0 : SCRATCH_LIMIT_NONE);
}

static int check_number(struct limits_writer *w, const struct scratch_cgroup_options *o,
                        const struct number *n)
{
    const struct scratch_cgroup_limit *l = &n->limit;
    uint64_t value = value_of(o, n);
    char hint[128];
    if ((value == SCRATCH_LIMIT_UNLIMITED && l->unlimited) ||
        (value >= l->least && value <= l->most))
        return 0;
    if (l->most >= INT64_MAX / 1000)
        snprintf(hint, sizeof hint, "give %" PRIu64 " %s or more", l->least, l->unit);
    else
        snprintf(hint, sizeof hint, "give %" PRIu64 " to %" PRIu64 " (%s)", l->least, l->most,
                 l->unit);
    return limits_refuse(w, n->what, value, hint);
}

static int put_numbers(struct limits_writer *w, const struct scratch_cgroup_options *o)
{
    int rc = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && rc == 0; i++)
        if (is_given(&numbers[i], value_of(o, &numbers[i])))
            rc = check_number(w, o, &numbers[i]);
    if (rc == 0 && o->cpu_weight != SCRATCH_LIMIT_NONE && o->cpu_shares != SCRATCH_LIMIT_NONE)
        rc = error_set(w->err, EINVAL, "cpu weight", NULL, "give a weight or shares, not both");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && rc == 0; i++)
        if (is_given(&numbers[i], value_of(o, &numbers[i])))
            rc = put_number(w, o, &numbers[i]);
    return rc;
}

int limits_settings(const struct scratch_cgroup_options *o, struct cgroup_setting **settings,
                    struct scratch_error *err)
{
    struct limits_writer w = {.err = err};
    int rc = settings_put_cpuset(&w, o);
    if (rc == 0)
        rc = put_numbers(&w, o);
    if (rc == 0)
        rc = settings_put_lists(&w, o);
    if (rc == 0 && w.failed)
        rc = error_set(err, -w.failed, "set limits", NULL, NULL);
    if (rc < 0) {
        free(w.settings);
        w.settings = NULL;
    }
    *settings = w.settings;
    return rc < 0 ? rc : w.count;
}

int scratch_cgroup_swap(uint64_t memory, uint64_t total, uint64_t *swap, struct scratch_error *err)
{
    char text[24];
    *swap = total;
    if (total == SCRATCH_LIMIT_NONE || total == SCRATCH_LIMIT_UNLIMITED)
        return 0;
    snprintf(text, sizeof text, "%" PRIu64, total);
    if (memory == SCRATCH_LIMIT_NONE || memory == SCRATCH_LIMIT_UNLIMITED)
        return error_because(err, EINVAL, "limit of memory and swap", text,
                             "there is no limit of memory", "give that too");
    if (total < memory)
        return error_because(err, EINVAL, "limit of memory and swap", text,
                             "less than the memory alone", "it counts memory and swap together");
    *swap = total - memory;
    return 0;
}
