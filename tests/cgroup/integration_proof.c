/* SPDX-License-Identifier: MIT */
/*
 * Each limit is run into by a program, and what it got is measured against what was set. Prints a
 * row for each: "memory_max  set 33554432  measured 33554432 bytes". (Others:
 * integration_memory.c, integration_io.c, integration_rare.c.)
 */
#include "cgroup/proof.h"

/* ---- memory ---------------------------------------------------------------------------------- */

/* A shell that stays, and a child that eats. The peak is the limit, to the page. */
static void memory_is_had_up_to_the_limit(void **state)
{
    struct limited l;
    struct scratch_cgroup_figures f;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "tail /dev/zero; exec sleep 30");
    l.cgroup.memory_max = 32 << 20;
    if (controller_version("memory") == 2)
        l.cgroup.memory_swap = 0;
    scratch_container *c = limited_start(&l);
    scratch_cgroup *group = open_group(c);
    for (int i = 0; i < 3000; i++) {
        f = look(group);
        if (f.memory_kills > 0)
            break;
        usleep(10000);
    }
    assert_int_equal(f.memory_kills, 1);
    if (f.memory_peak == SCRATCH_FIGURE_UNKNOWN) {
        row_lacking("memory_max", "memory.peak is Linux 5.19");
    } else {
        row("memory_max", 32 << 20, f.memory_peak, "bytes");
        assert_true(f.memory_peak <= 32 << 20);
        assert_true(f.memory_peak > (32 << 20) - 64 * 4096); /* the kernel charges in batches */
    }
    end(c, group);
}

/* ---- processes ------------------------------------------------------------------------------- */

static void processes_are_had_up_to_the_limit(void **state)
{
    struct limited l;
    struct scratch_cgroup_figures f;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "while :; do sleep 30 & done 2>/dev/null");
    l.cgroup.pids_max = 13;
    scratch_container *c = limited_start(&l);
    scratch_cgroup *group = open_group(c);
    for (int i = 0; i < 3000; i++) {
        f = look(group);
        if (f.pids_hits > 0)
            break;
        usleep(10000);
    }
    uint64_t most = f.pids_peak == SCRATCH_FIGURE_UNKNOWN ? f.pids_current : f.pids_peak;
    row("pids_max", 13, most, "processes");
    assert_true(f.pids_hits > 0);
    assert_int_equal(most, 13);
    TEST_OK(scratch_cgroup_kill(group, NULL), NULL);
    end(c, group);
}

/* ---- processors ------------------------------------------------------------------------------ */

/*
 * What it got in the periods in which something ran: a busy machine stretches only the time. It is
 * so much in all that being told late, which happens where a processor is emulated, or somebody
 * else's, is little beside it.
 */
static uint64_t time_of_a_period(const scratch_cgroup *group, bool *wanted_more)
{
    struct scratch_cgroup_figures from = look(group), to = from;
    for (int i = 0; i < 3000 && to.cpu_throttled < from.cpu_throttled + 20; i++) {
        usleep(20000);
        to = look(group);
        if (from.cpu_throttled == 0) /* begin at the end of a period */
            from = to;
    }
    uint64_t periods = to.cpu_periods - from.cpu_periods;
    assert_true(periods >= 20);
    *wanted_more = to.cpu_throttled - from.cpu_throttled >= periods * 9 / 10;
    return periods ? (to.cpu_usage - from.cpu_usage) / periods : 0;
}

static void processor_time_is_had_up_to_the_quota(void **state)
{
    struct limited l;
    bool wanted_more = true, right = false;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "while :; do :; done");
    l.cgroup.managed = true;
    l.cgroup.cpu_quota = 40000;
    l.cgroup.cpu_period = 200000;
    scratch_container *c = limited_start(&l);
    scratch_cgroup *group = open_group(c);
    for (int i = 0; i < 5 && !right; i++) {
        uint64_t got = time_of_a_period(group, &wanted_more);
        row("cpu_quota", 40000, got, "microseconds of each 200000");
        right = got <= 44000 && (got >= 36000 || !wanted_more);
    }
    end(c, group);
    assert_true(right);
}

static void processors_are_those_of_the_set(void **state)
{
    struct limited l;
    struct scratch_error err;
    int status;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "nproc");
    l.cgroup.cpuset_cpus = "0";
    char *text = test_output(&l.minimal.spec, &l.start, &status, &err);
    row("cpuset_cpus", 1, strtoul(text, NULL, 10), "processors");
    assert_string_equal(text, "1\n");
    free(text);
}

/* What a file of weights, or of v1's shares, has for a group. */
static uint64_t weight_of(const struct limited *l)
{
    bool two = controller_version("cpu") == 2;
    return strtoull(limited_read(l, "cpu", two ? "cpu.weight" : "cpu.shares"), NULL, 10);
}

/* Microseconds for which two are watched at most. */
#define LONG 24000000

/*
 * Two that want all of one processor share it by their weights. (The common conversion to v1's
 * shares is no straight line: 400 to 100 becomes 5755 to 1024.) A processor that is emulated, or
 * somebody else's, is away for a tenth of a second at times, which is charged to the one that runs
 * and made up for later: the longer both are watched, the less that is.
 */
static void weights_share_a_processor(void **state)
{
    struct limited l[2];
    scratch_container *c[2];
    scratch_cgroup *group[2];
    static const uint64_t none[2];
    uint64_t from[2], used[2], wanted, got = 0;
    (void)state;
    NEEDS_ROOT();
    for (int i = 0; i < 2; i++) {
        rival_begin(&l[i], i);
        l[i].cgroup.cpu_weight = i ? 100 : 400;
        c[i] = limited_start(&l[i]);
        group[i] = open_group(c[i]);
    }
    wanted = weight_of(&l[0]) * 100 / weight_of(&l[1]);
    rivals_look(group, none, 1000000, from);
    for (uint64_t most = 3000000; most <= LONG && (got < wanted * 9 / 10 || got > wanted * 11 / 10);
         most *= 2) {
        rivals_look(group, from, most, used);
        got = used[1] ? used[0] * 100 / used[1] : 0;
    }
    row("cpu_weight", wanted, got, "to another's 100");
    for (int i = 0; i < 2; i++)
        end(c[i], group[i]);
    assert_true(got >= wanted * 3 / 4 && got <= wanted * 5 / 4);
}

/* ---- devices --------------------------------------------------------------------------------- */

static void devices_are_had_by_rule(void **state)
{
    static const struct scratch_cgroup_rule rules[] = {
        {false, 'a', SCRATCH_DEVICE_ANY, SCRATCH_DEVICE_ANY, 7},
        {true, 'c', 1, 3, 7},                   /* null */
        {true, 'c', 1, 5, SCRATCH_DEVICE_READ}, /* zero */
    };
    struct limited l;
    struct scratch_error err;
    int status;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l,
                  "r=0; for f in null zero full; do (exec < /dev/$f) 2>/dev/null && r=$((r+1)); "
                  "(exec > /dev/$f) 2>/dev/null && r=$((r+10)); done; echo $r");
    l.cgroup.rules = rules;
    l.cgroup.rule_count = 3;
    char *text = test_output(&l.minimal.spec, &l.start, &status, &err);
    TEST_OK(status, &err);
    row("devices", 12, strtoul(text, NULL, 10), "2 to read, 1 to write, of 3");
    assert_string_equal(text, "12\n");
    free(text);
}

/* ---- what cannot be applied ------------------------------------------------------------------ */

static void what_is_not_here_is_named(void **state)
{
    static const struct scratch_cgroup_named resource = {"sev", 1};
    static const struct scratch_cgroup_rdma rdma = {"none0", 1, SCRATCH_LIMIT_NONE};
    struct limited l;
    struct scratch_error err;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "exit 0");
    l.cgroup.misc = &resource;
    l.cgroup.misc_count = 1;
    if (controller_version("misc") == 0) {
        assert_int_equal(scratch_run(&l.minimal.spec, &l.start, &err), -ENOENT);
        assert_string_equal(err.subject, "misc");
        row_lacking("misc", "no hierarchy has the controller");
    }
    limited_begin(&l, "exit 0");
    l.cgroup.rdma = &rdma;
    l.cgroup.rdma_count = 1;
    if (controller_version("rdma") == 0) {
        assert_int_equal(scratch_run(&l.minimal.spec, &l.start, &err), -ENOENT);
        assert_string_equal(err.subject, "rdma");
        row_lacking("rdma", "no hierarchy has the controller");
    }
    limited_begin(&l, "exit 0");
    l.cgroup.net_class = 1;
    if (controller_version("net_cls") == 0) {
        assert_int_equal(scratch_run(&l.minimal.spec, &l.start, &err), -ENOENT);
        row_lacking("net_class", "no hierarchy has the controller");
    }
}

static void raw_files_are_written(void **state)
{
    static const char *const v1[] = {"memory.swappiness=7", "pids.max=11"};
    static const char *const v2[] = {"memory.high=33554432", "pids.max=11"};
    bool two = controller_version("memory") == 2;
    struct limited l;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "exec sleep 30");
    l.cgroup.values = two ? v2 : v1;
    l.cgroup.value_count = 2;
    scratch_container *c = limited_start(&l);
    assert_string_equal(limited_read(&l, "memory", two ? "memory.high" : "memory.swappiness"),
                        two ? "33554432" : "7");
    assert_string_equal(limited_read(&l, "pids", "pids.max"), "11");
    scratch_container_signal(c, SIGKILL, NULL);
    minimal_end(c);
}

TEST_MAIN(memory_is_had_up_to_the_limit, processes_are_had_up_to_the_limit,
          processor_time_is_had_up_to_the_quota, processors_are_those_of_the_set,
          weights_share_a_processor, devices_are_had_by_rule, what_is_not_here_is_named,
          raw_files_are_written)
