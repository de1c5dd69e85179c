/* SPDX-License-Identifier: MIT */
/*
 * Limits as the files that hold them, and what is said of limits that no kernel would take.
 */
#include "cgroup/limits.h"
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NONE SCRATCH_LIMIT_NONE

/* The settings as one text: "controller v1_file v2_file value;", "-" where there is no file. */
static void write_settings(char *text, size_t size, const struct cgroup_setting *settings,
                           int count)
{
    size_t at = 0;
    text[0] = '\0';
    for (int i = 0; i < count; i++) {
        const struct cgroup_setting *s = &settings[i];
        at += (size_t)snprintf(text + at, size - at, "%s %s %s %s;", s->controller,
                               *s->v1_file ? s->v1_file : "-", *s->v2_file ? s->v2_file : "-",
                               s->value);
        assert_true(at < size);
    }
}

static struct scratch_cgroup_options make(uint64_t memory, uint64_t pids, uint64_t quota,
                                          uint64_t period, const char *cpus, const char *mems)
{
    struct scratch_cgroup_options o = SCRATCH_CGROUP_OPTIONS_INIT;
    o.memory_max = memory;
    o.pids_max = pids;
    o.cpu_quota = quota;
    o.cpu_period = period;
    o.cpuset_cpus = cpus;
    o.cpuset_mems = mems;
    return o;
}

static void limits_are_written_for_both_versions(void **state)
{
    static const struct {
        uint64_t memory, pids, quota, period;
        const char *cpus, *mems, *settings;
    } rows[] = {
        {NONE, NONE, NONE, 0, NULL, NULL, ""},
        {1, NONE, NONE, 0, NULL, NULL, "memory memory.limit_in_bytes memory.max 1;"},
        {NONE - 1, NONE, NONE, 0, NULL, NULL,
         "memory memory.limit_in_bytes - -1;memory - memory.max max;"},
        {NONE, 1, NONE, 0, NULL, NULL, "pids pids.max pids.max 1;"},
        {NONE, NONE, 1000, 0, NULL, NULL,
         "cpu cpu.cfs_period_us - 100000;cpu cpu.cfs_quota_us - 1000;cpu - cpu.max 1000 100000;"},
        {NONE, NONE, 4000000, 1000000, NULL, NULL,
         "cpu cpu.cfs_period_us - 1000000;cpu cpu.cfs_quota_us - 4000000;"
         "cpu - cpu.max 4000000 1000000;"},
        {NONE, NONE, 1000, 1000, NULL, NULL,
         "cpu cpu.cfs_period_us - 1000;cpu cpu.cfs_quota_us - 1000;cpu - cpu.max 1000 1000;"},
        {NONE, NONE, NONE, 50000, NULL, NULL,
         "cpu cpu.cfs_period_us - 50000;cpu cpu.cfs_quota_us - -1;cpu - cpu.max max 50000;"},
        {NONE, NONE, NONE, 0, "0", NULL, "cpuset cpuset.cpus cpuset.cpus 0;"},
        {NONE, NONE, NONE, 0, "0-2,7", "0",
         "cpuset cpuset.cpus cpuset.cpus 0-2,7;"
         "cpuset cpuset.mems cpuset.mems 0;"},
        {NONE, NONE, NONE, 0, "3-3,0,1", NULL, "cpuset cpuset.cpus cpuset.cpus 3-3,0,1;"},
        {64 << 20, 9, 2000, 0, "1", "0",
         "cpuset cpuset.cpus cpuset.cpus 1;cpuset cpuset.mems cpuset.mems 0;"
         "cpu cpu.cfs_period_us - 100000;cpu cpu.cfs_quota_us - 2000;cpu - cpu.max 2000 100000;"
         "memory memory.limit_in_bytes memory.max 67108864;pids pids.max pids.max 9;"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scratch_cgroup_options o = make(rows[i].memory, rows[i].pids, rows[i].quota,
                                               rows[i].period, rows[i].cpus, rows[i].mems);
        struct cgroup_setting *settings;
        struct scratch_error err;
        char text[1024];
        int count = limits_settings(&o, &settings, &err);
        TEST_OK(count, &err);
        write_settings(text, sizeof text, settings, count);
        free(settings);
        assert_string_equal(text, rows[i].settings);
    }
}

static void bad_limits_are_refused_in_a_sentence(void **state)
{
    static const struct {
        uint64_t memory, pids, quota, period;
        const char *cpus, *mems, *what, *subject;
    } rows[] = {
        {0, NONE, NONE, 0, NULL, NULL, "memory limit", "0"},
        {NONE, 0, NONE, 0, NULL, NULL, "process limit", "0"},
        {NONE, NONE, 0, 0, NULL, NULL, "cpu quota", "0"},
        {NONE, NONE, 999, 0, NULL, NULL, "cpu quota", "999"},
        {NONE, NONE, 5000, 999, NULL, NULL, "cpu period", "999"},
        {NONE, NONE, NONE, 1000001, NULL, NULL, "cpu period", "1000001"},
        {NONE, NONE, NONE, 0, "", NULL, "processors", ""},
        {NONE, NONE, NONE, 0, ",", NULL, "processors", ","},
        {NONE, NONE, NONE, 0, "0,", NULL, "processors", "0,"},
        {NONE, NONE, NONE, 0, "0,,1", NULL, "processors", "0,,1"},
        {NONE, NONE, NONE, 0, "2-1", NULL, "processors", "2-1"},
        {NONE, NONE, NONE, 0, "1-", NULL, "processors", "1-"},
        {NONE, NONE, NONE, 0, "-1", NULL, "processors", "-1"},
        {NONE, NONE, NONE, 0, "0 1", NULL, "processors", "0 1"},
        {NONE, NONE, NONE, 0, "0\n", NULL, "processors", "0\n"},
        {NONE, NONE, NONE, 0, "+1", NULL, "processors", "+1"},
        {NONE, NONE, NONE, 0, "all", NULL, "processors", "all"},
        {NONE, NONE, NONE, 0, "1-2-3", NULL, "processors", "1-2-3"},
        {NONE, NONE, NONE, 0, "123456", NULL, "processors", "123456"},
        {NONE, NONE, NONE, 0, NULL, "x", "memory nodes", "x"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scratch_cgroup_options o = make(rows[i].memory, rows[i].pids, rows[i].quota,
                                               rows[i].period, rows[i].cpus, rows[i].mems);
        struct cgroup_setting *settings;
        struct scratch_error err = {0};
        assert_int_equal(limits_settings(&o, &settings, &err), -EINVAL);
        assert_int_equal(err.errnum, EINVAL);
        assert_string_equal(err.what, rows[i].what);
        assert_string_equal(err.subject, rows[i].subject);
        assert_true(err.hint[0] != '\0');
        assert_int_equal(limits_settings(&o, &settings, NULL), -EINVAL);
    }
}

static void a_list_longer_than_a_value_is_refused(void **state)
{
    struct cgroup_setting *settings;
    char list[sizeof settings->value + 1];
    (void)state;
    for (size_t i = 0; i < sizeof list; i++)
        list[i] = i % 2 ? ',' : '1';
    list[sizeof list - 1] = '\0';
    list[sizeof settings->value - 1] = '1'; /* its length is the value's whole size */
    struct scratch_cgroup_options o = make(NONE, NONE, NONE, 0, list, NULL);
    assert_int_equal(limits_settings(&o, &settings, NULL), -EINVAL);
    list[sizeof settings->value - 1] = '\0';
    list[sizeof settings->value - 2] = '1';
    assert_int_equal(limits_settings(&o, &settings, NULL), 1);
    assert_string_equal(settings[0].value, list);
    free(settings);
}

static void a_raw_setting_is_refused_by_its_name(void **state)
{
    static const struct {
        const char *value, *cause;
    } rows[] = {
        {"NAME=1", "the specified key has not the form CONTROLLER.VALUE `NAME`"},
        {"NAME=1.5", "the specified key has not the form CONTROLLER.VALUE `NAME`"},
        {"a.b/c=1", "the specified key has not the form CONTROLLER.VALUE `a.b/c`"},
        {"foo.bar=1", "the requested cgroup controller `foo` is not available"},
        {"cgroup.procs=1", "that is no limit"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scratch_cgroup_options o = make(NONE, NONE, NONE, 0, NULL, NULL);
        struct cgroup_setting *settings;
        struct scratch_error err;
        o.values = &rows[i].value;
        o.value_count = 1;
        assert_int_equal(limits_settings(&o, &settings, &err), -EINVAL);
        assert_string_equal(err.cause, rows[i].cause);
    }
}

TEST_MAIN(limits_are_written_for_both_versions, bad_limits_are_refused_in_a_sentence,
          a_list_longer_than_a_value_is_refused, a_raw_setting_is_refused_by_its_name)
