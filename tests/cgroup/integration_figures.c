/* SPDX-License-Identifier: MIT */
/*
 * Figures agree with the kernel's files and with what was done; events come, and what cannot come
 * is not promised.
 */
#include "cgroup/proof.h"

#include <poll.h>

static void memory_and_processes_agree_with_the_files(void **state)
{
    struct limited l;
    struct scratch_cgroup_figures f;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "head -c 20000000 /dev/zero > /dev/shm/x 2>/dev/null || :; sleep 30 & "
                      "sleep 30 & exec sleep 30");
    l.cgroup.managed = true;
    l.cgroup.memory_max = 64 << 20;
    l.cgroup.pids_max = 40;
    scratch_container *c = limited_start(&l);
    scratch_cgroup *group = open_group(c);
    for (int i = 0; i < 1000; i++) { /* the kernel adds up memory.stat every two seconds or so */
        f = look(group);
        if (f.pids_current >= 3 && f.memory_anon > 0)
            break;
        usleep(10000);
    }
    assert_int_equal(f.memory_limit, 64 << 20);
    assert_int_equal(f.pids_limit, 40);
    assert_int_equal(f.pids_current, strtoul(limited_read(&l, "pids", "pids.current"), NULL, 10));
    assert_true(f.memory_current > 0 && f.memory_current <= f.memory_limit);
    assert_true(f.memory_anon < f.memory_limit && f.memory_anon > 0);
    assert_int_equal(f.memory_kills, 0);
    end(c, group);
}

static void processor_time_is_counted_and_held_back(void **state)
{
    struct limited l;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "while :; do :; done");
    l.cgroup.managed = true;
    l.cgroup.cpu_quota = 4000;
    scratch_container *c = limited_start(&l);
    scratch_cgroup *group = open_group(c);
    struct scratch_cgroup_figures f = look(group);
    for (int i = 0; i < 3000 && (f.cpu_usage < 40000 || f.cpu_throttled < 2); i++) {
        usleep(10000);
        f = look(group);
    }
    assert_true(f.cpu_usage >= 40000 && f.cpu_usage != SCRATCH_FIGURE_UNKNOWN);
    /* v1 counts these by ticks: who is held back after one has it counted as a whole. */
    assert_true(f.cpu_user + f.cpu_system <= 2 * f.cpu_usage + 40000);
    assert_true(f.cpu_throttled >= 2 && f.cpu_throttled <= f.cpu_periods);
    assert_true(f.cpu_throttled_time > 0);
    if (controller_version("cpu") == 1)
        assert_true(f.memory_current != SCRATCH_FIGURE_UNKNOWN);
    end(c, group);
}

/* ---- events ---------------------------------------------------------------------------------- */

struct counts {
    uint64_t count[7]; /* by bit */
};

static void count(enum scratch_cgroup_event event, uint64_t n, void *argument)
{
    struct counts *c = argument;
    c->count[__builtin_ctz(event)] += n;
}

/* Wait for an event that is promised. */
static struct counts wait_for(scratch_cgroup_watch *watch, int event)
{
    struct counts counts = {{0}};
    struct pollfd fd = {scratch_cgroup_watch_fd(watch), POLLIN, 0};
    for (int i = 0; i < 20; i++) {
        assert_true(poll(&fd, 1, 10000) >= 0);
        if (scratch_cgroup_watch_read(watch, count, &counts) & event)
            return counts;
    }
    fail_msg("event %d has not come", event);
    return counts;
}

static void running_out_of_memory_is_told(void **state)
{
    struct limited l;
    struct scratch_error err;
    scratch_cgroup_watch *watch;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "sleep 0.5; exec tail /dev/zero");
    l.cgroup.memory_max = 16 << 20;
    l.cgroup.memory_swap = controller_version("memory") == 2 ? 0 : SCRATCH_LIMIT_NONE;
    scratch_container *c = limited_start(&l);
    scratch_cgroup *group = open_group(c);
    int events = scratch_cgroup_watch_open(group, NULL, &watch, &err);
    TEST_OK(events, &err);
    assert_true(events & SCRATCH_EVENT_MEMORY_KILL);
    bool v2 = controller_version("memory") == 2;
    assert_int_equal(!!(events & SCRATCH_EVENT_MEMORY_LIMIT), v2);
    struct counts counts = wait_for(watch, SCRATCH_EVENT_MEMORY_KILL);
    assert_true(counts.count[0] >= 1);
    if (v2)
        assert_true(counts.count[1] >= 1);
    scratch_cgroup_watch_free(watch);
    scratch_cgroup_free(group);
    assert_int_equal(minimal_end(c), 128 + SIGKILL);
}

static void what_died_of_its_limit_is_known(void **state)
{
    struct limited l;
    struct scratch_error err;
    struct scratch_container_oom oom;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "exec tail /dev/zero");
    l.cgroup.memory_max = 16 << 20;
    scratch_container *c = limited_start(&l);
    TEST_OK(scratch_container_wait(c, &err), &err);
    assert_int_equal(scratch_container_oom(c, &oom), 1);
    assert_int_equal(oom.limit, 16 << 20);
    assert_true(oom.kills >= 1);
    if (oom.pid) /* the kernel's log may be read */
        assert_string_equal(oom.command, "tail");
    scratch_container_free(c);
    limited_begin(&l, "exit 3");
    l.cgroup.memory_max = 16 << 20;
    c = limited_start(&l);
    assert_int_equal(scratch_container_wait(c, &err), 3);
    assert_int_equal(scratch_container_oom(c, &oom), 0);
    scratch_container_free(c);
}

static void refused_processes_and_the_end_are_told(void **state)
{
    struct limited l;
    struct scratch_error err;
    scratch_cgroup_watch *watch;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "sleep 0.5; (sleep 1 & sleep 1 & sleep 1 & sleep 1 & wait) 2>/dev/null; "
                      "sleep 30");
    l.cgroup.managed = true;
    l.cgroup.pids_max = 3;
    scratch_container *c = limited_start(&l);
    scratch_cgroup *group = open_group(c);
    int events = scratch_cgroup_watch_open(group, NULL, &watch, &err);
    TEST_OK(events, &err);
    assert_true(events & SCRATCH_EVENT_PIDS_LIMIT);
    assert_true(wait_for(watch, SCRATCH_EVENT_PIDS_LIMIT).count[3] >= 1);
    if (events & SCRATCH_EVENT_EMPTY) {
        TEST_OK(scratch_cgroup_kill(group, &err), &err);
        assert_int_equal(wait_for(watch, SCRATCH_EVENT_EMPTY).count[4], 1);
    }
    scratch_cgroup_watch_free(watch);
    end(c, group);
}

static void pressure_is_told_where_there_is_psi(void **state)
{
    static const struct scratch_pressure_threshold threshold = {"cpu", false, 50000, 2000000};
    static const struct scratch_pressure_threshold bad = {"cpu", false, 50000, 1};
    struct limited l;
    struct scratch_error err;
    scratch_cgroup_watch *watch;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "while :; do :; done & while :; do :; done & while :; do :; done");
    l.minimal.process.die_with_parent = true;
    l.cgroup.managed = true;
    l.cgroup.cpu_quota = 20000;
    scratch_container *c = limited_start(&l);
    scratch_cgroup *group = open_group(c);
    int events = scratch_cgroup_watch_open(group, &threshold, &watch, &err);
    TEST_OK(events, &err);
    if (events & SCRATCH_EVENT_PRESSURE) {
        wait_for(watch, SCRATCH_EVENT_PRESSURE);
        assert_true(look(group).cpu_some.total > 0);
        scratch_cgroup_watch *refused;
        assert_int_equal(scratch_cgroup_watch_open(group, &bad, &refused, &err), -EINVAL);
    }
    scratch_cgroup_watch_free(watch);
    end(c, group);
}

/* ---- the list -------------------------------------------------------------------------------- */

static int find(const char *path, bool container, void *wanted)
{
    return container && strcmp(path, wanted) == 0 ? 42 : 0;
}

static void groups_are_found_below_any_parent(void **state)
{
    struct limited l;
    struct scratch_error err;
    char parent[64], path[PATH_MAX];
    (void)state;
    NEEDS_ROOT();
    snprintf(parent, sizeof parent, "test-list-%d", (int)getpid());
    scratch_cgroup *above;
    TEST_OK(scratch_cgroup_create(parent, NULL, &above, &err), &err);
    limited_begin(&l, "exec sleep 30");
    l.cgroup.parent = parent;
    l.cgroup.pids_max = 20;
    scratch_container *c = limited_start(&l);
    assert_true(scratch_container_cgroup(c, path, sizeof path) > 0);
    assert_int_equal(scratch_cgroup_walk(NULL, find, path, &err), 42);
    assert_int_equal(scratch_cgroup_walk(parent, find, path, &err), 42);
    scratch_container_signal(c, SIGKILL, NULL);
    minimal_end(c);
    assert_int_equal(scratch_cgroup_walk(NULL, find, path, &err), 0);
    TEST_OK(scratch_cgroup_remove(above, &err), &err);
    scratch_cgroup_free(above);
}

TEST_MAIN(memory_and_processes_agree_with_the_files, processor_time_is_counted_and_held_back,
          running_out_of_memory_is_told, what_died_of_its_limit_is_known,
          refused_processes_and_the_end_are_told, pressure_is_told_where_there_is_psi,
          groups_are_found_below_any_parent)
