/* SPDX-License-Identifier: MIT */
#include "cli/limits.h"
#include "cli/report.h"
#include "cli/values.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

void limits_begin(struct limits *l, struct pool *pool, size_t room)
{
    *l = (struct limits){
        .cgroup = SCRATCH_CGROUP_OPTIONS_INIT, .memory_total = SCRATCH_LIMIT_NONE, .pool = pool};
    l->io = pool_take(pool, room, sizeof *l->io);
    l->values = pool_take(pool, room, sizeof *l->values);
    l->rules = pool_take(pool, room, sizeof *l->rules);
    l->devices = pool_take(pool, room, sizeof *l->devices);
}

/* The struct itself, for options that are about more than one member. */
static struct limits *limits_of(const struct option *option, void *target)
{
    return option_member(option, target);
}

static bool is_none(const char *value)
{
    return strcmp(value, "-1") == 0;
}

/* ---- numbers --------------------------------------------------------------------------------- */

int take_memory(const struct option *option, void *target, const char *value,
                struct scratch_error *err)
{
    return value_bytes(value, option_member(option, target), err);
}

int take_memory_max(const struct option *option, void *target, const char *value,
                    struct scratch_error *err)
{
    uint64_t *bytes = option_member(option, target);
    if (!is_none(value))
        return value_bytes(value, bytes, err);
    *bytes = SCRATCH_LIMIT_UNLIMITED;
    return 0;
}

int take_memory_swap(const struct option *option, void *target, const char *value,
                     struct scratch_error *err)
{
    return take_memory_max(option, target, value, err);
}

int take_limit_pids(const struct option *option, void *target, const char *value,
                    struct scratch_error *err)
{
    uint64_t *pids = option_member(option, target);
    int rc = value_pids(value, pids, err);
    if (rc == 0 && is_none(value))
        *pids = SCRATCH_LIMIT_UNLIMITED;
    return rc;
}

int take_limit_cpus(const struct option *option, void *target, const char *value,
                    struct scratch_error *err)
{
    struct limits *l = limits_of(option, target);
    l->cgroup.cpu_period = VALUE_CPU_PERIOD;
    return value_cpus(value, &l->cgroup.cpu_quota, err);
}

/* The library knows the range of each, and says it. */
int take_limit_number(const struct option *option, void *target, const char *value,
                      struct scratch_error *err)
{
    uint64_t *number = option_member(option, target);
    if (!is_none(value))
        return value_number(value, 0, INT64_MAX, number, err);
    *number = SCRATCH_LIMIT_UNLIMITED;
    return 0;
}

int take_blkio_weight(const struct option *option, void *target, const char *value,
                      struct scratch_error *err)
{
    uint64_t *weight = option_member(option, target), blkio;
    int rc = value_number(value, 10, 1000, &blkio, err);
    *weight = scratch_cgroup_io_weight(blkio);
    return rc;
}

int take_oom_kill_disable(const struct option *option, void *target, const char *value,
                          struct scratch_error *err)
{
    return option_flag(option, target, value, err);
}

/* ---- block devices --------------------------------------------------------------------------- */

/* The row for the device of "PATH:VALUE", and where the value begins. */
static int find_io(struct limits *l, const char *text, struct scratch_cgroup_io **io,
                   const char **value, struct scratch_error *err)
{
    const char *colon = strrchr(text, ':');
    struct stat st;
    if (!colon || *text != '/')
        return usage_error(err, text, "write PATH:VALUE: /dev/vda:1m", "no block device's path");
    const char *path = pool_print(l->pool, "%.*s", (int)(colon - text), text);
    if (stat(path, &st) < 0 || !S_ISBLK(st.st_mode))
        return usage_error(err, text, "name one of lsblk(8)", "'%s' is not a block device", path);
    *value = colon + 1;
    struct scratch_cgroup_io *row = l->io, *end = l->io + l->cgroup.io_count;
    while (row < end && (row->major != major(st.st_rdev) || row->minor != minor(st.st_rdev)))
        row++;
    if (row == end) {
        *row = (struct scratch_cgroup_io){
            major(st.st_rdev),  minor(st.st_rdev),  SCRATCH_LIMIT_NONE, SCRATCH_LIMIT_NONE,
            SCRATCH_LIMIT_NONE, SCRATCH_LIMIT_NONE, SCRATCH_LIMIT_NONE};
        l->cgroup.io_count++;
    }
    *io = row;
    return 0;
}

/* Four options are one function: by the name. */
int take_device_rate(const struct option *option, void *target, const char *value,
                     struct scratch_error *err)
{
    struct limits *l = limits_of(option, target);
    struct scratch_cgroup_io *io;
    const char *rate = NULL;
    int rc = find_io(l, value, &io, &rate, err);
    if (rc < 0)
        return rc;
    bool read = strstr(option->name, "read"), bytes = strstr(option->name, "bps");
    uint64_t *member =
        bytes ? (read ? &io->read_bps : &io->write_bps) : (read ? &io->read_iops : &io->write_iops);
    return bytes ? value_bytes(rate, member, err) : value_number(rate, 1, INT64_MAX, member, err);
}

int take_device_weight(const struct option *option, void *target, const char *value,
                       struct scratch_error *err)
{
    struct limits *l = limits_of(option, target);
    struct scratch_cgroup_io *io = NULL;
    const char *weight = NULL;
    uint64_t blkio;
    int rc = find_io(l, value, &io, &weight, err);
    if (rc == 0)
        rc = value_number(weight, 10, 1000, &blkio, err);
    if (rc == 0 && io)
        io->weight = scratch_cgroup_io_weight(blkio);
    return rc;
}

/* ---- device nodes ---------------------------------------------------------------------------- */

static unsigned access_of(const char *letters)
{
    return (strchr(letters, 'r') ? SCRATCH_DEVICE_READ : 0U) |
           (strchr(letters, 'w') ? SCRATCH_DEVICE_WRITE : 0U) |
           (strchr(letters, 'm') ? SCRATCH_DEVICE_MKNOD : 0U);
}

/* A number, or "*". */
static bool device_number(const char *text, int64_t *number)
{
    struct scratch_error ignored;
    uint64_t value;
    *number = SCRATCH_DEVICE_ANY;
    if (strcmp(text, "*") == 0)
        return true;
    if (value_number(text, 0, 0xfffff, &value, &ignored) < 0)
        return false;
    *number = (int64_t)value;
    return true;
}

/* docker's form: "TYPE MAJOR:MINOR ACCESS". It always allows. */
int take_device_rule(const struct option *option, void *target, const char *value,
                     struct scratch_error *err)
{
    struct limits *l = limits_of(option, target);
    struct scratch_cgroup_rule *rule = &l->rules[l->cgroup.rule_count];
    char type, major[16], minor[16], access[8], rest;
    rule->allow = true;
    if (sscanf(value, "%c %15[0-9*]:%15[0-9*] %7[rwm]%c", &type, major, minor, access, &rest) !=
            4 ||
        !strchr("abc", type) || !device_number(major, &rule->major) ||
        !device_number(minor, &rule->minor))
        return usage_error(err, value, "write 'c 1:3 rw': c or b, numbers or *, some of rwm",
                           "not a rule");
    rule->type = type;
    rule->access = access_of(access);
    l->cgroup.rule_count++;
    return 0;
}

int limits_add_device(struct limits *l, const char *path, unsigned access,
                      struct scratch_error *err)
{
    struct stat st;
    l->some_devices = l->some_devices || access != SCRATCH_DEVICE_ALL;
    if (stat(path, &st) < 0 || !(S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))) {
        if (access == SCRATCH_DEVICE_ALL) /* the container's start will say it better */
            return 0;
        return usage_error(err, path, NULL, "not a device");
    }
    l->devices[l->device_count++] = (struct scratch_cgroup_rule){
        true, S_ISCHR(st.st_mode) ? 'c' : 'b', (int64_t)major(st.st_rdev),
        (int64_t)minor(st.st_rdev), access};
    return 0;
}

/*
 * What every container has, by the OCI runtime specification: nodes may be made, and the standard
 * ones and terminals used. Then the devices that were given, and the rules.
 */
static void assemble_rules(struct limits *l)
{
    enum { ALL = SCRATCH_DEVICE_ALL, ANY = SCRATCH_DEVICE_ANY };
    static const struct scratch_cgroup_rule common[] = {
        {false, 'a', ANY, ANY, ALL},
        {true, 'c', ANY, ANY, SCRATCH_DEVICE_MKNOD},
        {true, 'b', ANY, ANY, SCRATCH_DEVICE_MKNOD},
        {true, 'c', 1, 3, ALL},
        {true, 'c', 1, 5, ALL},
        {true, 'c', 1, 7, ALL},
        {true, 'c', 1, 8, ALL},
        {true, 'c', 1, 9, ALL},
        {true, 'c', 5, 0, ALL},
        {true, 'c', 5, 1, ALL},
        {true, 'c', 5, 2, ALL},
        {true, 'c', 136, ANY, ALL},
    };
    enum { COMMON = sizeof common / sizeof *common };
    size_t count = COMMON + l->device_count + l->cgroup.rule_count;
    struct scratch_cgroup_rule *all = pool_take(l->pool, count, sizeof *all);
    if (!l->some_devices && l->cgroup.rule_count == 0)
        return;
    memcpy(all, common, sizeof common);
    memcpy(all + COMMON, l->devices, l->device_count * sizeof *all);
    memcpy(all + COMMON + l->device_count, l->rules, l->cgroup.rule_count * sizeof *all);
    l->cgroup.rules = all;
    l->cgroup.rule_count = count;
}

/* ---- the rest -------------------------------------------------------------------------------- */

int take_cgroup_value(const struct option *option, void *target, const char *value,
                      struct scratch_error *err)
{
    struct limits *l = limits_of(option, target);
    if (!strchr(value, '='))
        return usage_error(err, value, "write FILE=VALUE: memory.high=64M", "there is no '='");
    l->values[l->cgroup.value_count++] = value;
    return 0;
}

int limits_end(struct limits *l, struct scratch_error *err)
{
    struct scratch_cgroup_options *o = &l->cgroup;
    o->io = l->io;
    o->values = l->values;
    assemble_rules(l);
    return scratch_cgroup_swap(o->memory_max, l->memory_total, &o->memory_swap, err);
}
