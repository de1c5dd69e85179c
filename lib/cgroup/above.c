/* SPDX-License-Identifier: MIT */
#include "cgroup/above.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A limit in numbers that can be compared: bytes, processes, thousandths of a processor. */
struct bound {
    const char *file; /* v1's or v2's */
    const char *what;
    const char *unit;
    bool refused; /* by the kernel, where it is above */
    uint64_t (*read)(const char *directory, const char *file);
};

#define NO_LIMIT UINT64_MAX

/* Two numbers of a file, or one; "max", and -1, are no limit. Returns how many there are. */
static int read_numbers(const char *directory, const char *file, uint64_t number[2])
{
    char path[PATH_MAX + 32], text[64] = "";
    snprintf(path, sizeof path, "%s/%s", directory, file);
    FILE *in = fopen(path, "re");
    char *line = in ? fgets(text, sizeof text, in) : NULL;
    if (in)
        fclose(in);
    return line ? sscanf(text, "%" SCNu64 " %" SCNu64, &number[0], &number[1]) : 0;
}

static uint64_t read_amount(const char *directory, const char *file)
{
    uint64_t number[2];
    return read_numbers(directory, file, number) >= 1 ? number[0] : NO_LIMIT;
}

static uint64_t thousandths(uint64_t quota, uint64_t period)
{
    bool none = quota > (uint64_t)INT64_MAX / 1000 || period == 0; /* -1 */
    return none ? NO_LIMIT : quota * 1000 / period;
}

static uint64_t read_cpu_v1(const char *directory, const char *file)
{
    uint64_t period = read_amount(directory, "cpu.cfs_period_us");
    return thousandths(read_amount(directory, file), period);
}

static uint64_t read_cpu_v2(const char *directory, const char *file)
{
    uint64_t number[2];
    return read_numbers(directory, file, number) == 2 ? thousandths(number[0], number[1])
                                                      : NO_LIMIT;
}

static const struct bound bounds[] = {
    {"memory.limit_in_bytes", "memory limit", "bytes", false, read_amount},
    {"memory.max", "memory limit", "bytes", false, read_amount},
    {"pids.max", "process limit", "processes", false, read_amount},
    {"cpu.cfs_quota_us", "cpu quota", "thousandths of a processor", true, read_cpu_v1},
    {"cpu.max", "cpu quota", "thousandths of a processor", false, read_cpu_v2},
};

static uint64_t asked_for(const struct bound *bound, const struct scratch_cgroup_options *o)
{
    if (strcmp(bound->what, "memory limit") == 0)
        return o->memory_max;
    if (strcmp(bound->what, "process limit") == 0)
        return o->pids_max;
    if (o->cpu_quota >= SCRATCH_LIMIT_UNLIMITED)
        return o->cpu_quota;
    return thousandths(o->cpu_quota, o->cpu_period ? o->cpu_period : 100000);
}

static void say(struct scratch_error *err, const struct bound *bound, uint64_t asked,
                uint64_t allowed, const char *group)
{
    char subject[64];
    if (!err)
        return;
    snprintf(subject, sizeof subject, "%" PRIu64 " %s", asked, bound->unit);
    error_because(err, bound->refused ? EINVAL : 0, bound->what, subject, NULL,
                  bound->refused ? "ask for less, or raise it there"
                                 : "that holds: ask for less, or raise it there");
    error_write(err->cause, "the group above, %s, allows %" PRIu64, group, allowed);
}

int above_check(struct builder *b, const struct cgroup_hierarchy *hierarchy, const char *parent,
                const struct scratch_cgroup_options *options, const struct cgroup_setting *s)
{
    const char *file = limits_file(s, hierarchy->version);
    const struct bound *bound = bounds, *end = bounds + sizeof bounds / sizeof *bounds;
    char group[PATH_MAX];
    while (bound < end && (!file || strcmp(bound->file, file) != 0))
        bound++;
    if (bound == end)
        return 0;
    uint64_t asked = asked_for(bound, options);
    if (asked >= SCRATCH_LIMIT_UNLIMITED) /* of course it is above */
        return 0;
    snprintf(group, sizeof group, "%s", parent);
    while (strlen(group) > strlen(hierarchy->mount)) {
        uint64_t allowed = bound->read(group, file);
        if (allowed < asked) {
            say(bound->refused ? b->err : builder_warn(b), bound, asked, allowed, group);
            return bound->refused ? -EINVAL : 0;
        }
        *strrchr(group, '/') = '\0';
    }
    return 0;
}
