/* SPDX-License-Identifier: MIT */
/*
 * Limits hold inside, can be read outside while the container runs, and leave no group behind.
 */
#include "cgroup/group.h"

#include <signal.h>

#define STAY "sleep 30"

static int run(struct limited *l, char **output)
{
    struct scratch_error err = {0};
    int status;
    char *text = test_output(&l->minimal.spec, &l->start, &status, &err);
    TEST_OK(status, &err);
    assert_int_equal(err.errnum, 0);
    if (output)
        *output = text;
    else
        free(text);
    assert_int_equal(limited_count(l), 0);
    return status;
}

/* ---- what they do --------------------------------------------------------------------------- */

static void more_memory_than_the_limit_kills(void **state)
{
    struct limited l;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, NULL);
    static const char *const eat[] = {"/bin/sh", "-c", "exec tail /dev/zero", NULL};
    l.minimal.process.argv = eat;
    l.cgroup.memory_max = 16 << 20;
    assert_int_equal(run(&l, NULL), 128 + SIGKILL);
    limited_begin(&l, "exit 5");
    l.cgroup.memory_max = 16 << 20;
    assert_int_equal(run(&l, NULL), 5);
}

static void more_processes_than_the_limit_are_refused(void **state)
{
    static const char script[] = "(sleep 1 & sleep 1 & sleep 1 & sleep 1 &) 2>/dev/null || echo no";
    struct limited l;
    char *text;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, script);
    l.cgroup.pids_max = 3;
    run(&l, &text);
    assert_string_equal(text, "no\n");
    free(text);
    limited_begin(&l, script);
    l.cgroup.pids_max = 50;
    run(&l, &text);
    assert_string_equal(text, "");
    free(text);
}

static void a_processor_quota_holds_back(void **state)
{
    struct limited l;
    (void)state;
    NEEDS_ROOT();
    /* On a busy machine it may take a while until it gets as much as the quota at all. */
    limited_begin(&l, "for round in $(seq 100); do "
                      "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; "
                      "cat /sys/fs/cgroup/cpu/libscratch-$ID/cpu.stat "
                      "/sys/fs/cgroup/libscratch-$ID/cpu.stat 2>/dev/null | "
                      "grep '^nr_throttled [1-9]' && exit; done; echo nr_throttled 0");
    char id[80];
    snprintf(id, sizeof id, "ID=%s", l.id);
    const char *const env[] = {id, NULL};
    l.start.env = env;
    l.cgroup.cpu_quota = 5000;
    char *text;
    run(&l, &text);
    const char *count = strstr(text, "nr_throttled ");
    assert_non_null(count);
    assert_true(atoi(count + strlen("nr_throttled ")) > 0);
    free(text);
}

static void processors_are_those_of_the_set(void **state)
{
    struct limited l;
    char *text;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "grep ^Cpus_allowed_list: /proc/self/status");
    l.cgroup.cpuset_cpus = "0";
    run(&l, &text);
    assert_string_equal(text, "Cpus_allowed_list:\t0\n");
    free(text);
}

static void memory_nodes_alone_can_be_given(void **state)
{
    struct limited l;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "exit 4");
    l.cgroup.cpuset_mems = "0";
    assert_int_equal(run(&l, NULL), 4);
}

/* ---- how they look -------------------------------------------------------------------------- */

static void set_all(struct limited *l)
{
    l->cgroup.memory_max = 32 << 20;
    l->cgroup.pids_max = 20;
    l->cgroup.cpu_quota = 50000;
    l->cgroup.cpu_period = 200000;
    l->cgroup.cpuset_cpus = "0";
    l->cgroup.cpuset_mems = "0";
}

static void the_host_reads_the_limits_while_it_runs(void **state)
{
    static const struct {
        const char *controller;
        int version;
        const char *file, *value;
    } rows[] = {
        {"memory", 1, "memory.limit_in_bytes", "33554432"},
        {"memory", 2, "memory.max", "33554432"},
        {"pids", 1, "pids.max", "20"},
        {"pids", 2, "pids.max", "20"},
        {"cpu", 1, "cpu.cfs_quota_us", "50000"},
        {"cpu", 1, "cpu.cfs_period_us", "200000"},
        {"cpu", 2, "cpu.max", "50000 200000"},
        {"cpuset", 1, "cpuset.cpus", "0"},
        {"cpuset", 2, "cpuset.cpus", "0"},
        {"cpuset", 1, "cpuset.mems", "0"},
    };
    struct limited l;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "exec " STAY);
    set_all(&l);
    scratch_container *c = limited_start(&l);
    assert_int_equal(limited_count(&l), 4);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (controller_version(rows[i].controller) != rows[i].version)
            continue;
        assert_string_equal(limited_read(&l, rows[i].controller, rows[i].file), rows[i].value);
        char pid[24];
        snprintf(pid, sizeof pid, "%d", (int)scratch_container_pid(c));
        assert_string_equal(limited_read(&l, rows[i].controller, "cgroup.procs"), pid);
    }
    scratch_container_signal(c, SIGKILL, NULL);
    assert_int_equal(minimal_end(c), 128 + SIGKILL);
    assert_int_equal(limited_count(&l), 0);
}

static bool is_at_the_root(const char *text, const char *controller)
{
    char word[64];
    if (controller_version(controller) == 2)
        return strncmp(text, "0::/\n", 5) == 0;
    snprintf(word, sizeof word, ":%s:/\n", controller);
    return strstr(text, word) != NULL;
}

static void inside_the_group_is_the_root(void **state)
{
    struct limited l;
    char *text;
    (void)state;
    NEEDS_ROOT();
    for (int init = 0; init < 2; init++) {
        limited_begin(&l, "cat /proc/self/cgroup");
        set_all(&l);
        l.minimal.process.init = init;
        run(&l, &text);
        for (int i = 0; i < LIMITED_CONTROLLERS; i++)
            assert_true(is_at_the_root(text, limited_controllers[i]));
        assert_null(strstr(text, "/libscratch-"));
        free(text);
    }
}

/* Its root is nobody to the host's files: the host has to open what it joins through. */
static void the_root_of_a_user_namespace_joins_too(void **state)
{
    static const struct scratch_id_map map = {0, 100000, 65536};
    struct limited l;
    char *text;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "cat /proc/self/cgroup");
    set_all(&l);
    l.minimal.namespaces.create |= SCRATCH_NS_USER;
    l.minimal.namespaces.uid_map = l.minimal.namespaces.gid_map = &map;
    l.minimal.namespaces.uid_map_count = l.minimal.namespaces.gid_map_count = 1;
    assert_int_equal(run(&l, &text), 0);
    for (int i = 0; i < LIMITED_CONTROLLERS; i++)
        assert_true(is_at_the_root(text, limited_controllers[i]));
    free(text);
}

static void without_its_namespace_the_group_has_its_name(void **state)
{
    struct limited l;
    char *text;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "cat /proc/self/cgroup");
    l.minimal.namespaces.create &= ~(unsigned)SCRATCH_NS_CGROUP;
    l.cgroup.pids_max = 20;
    run(&l, &text);
    assert_non_null(strstr(text, "/libscratch-test-"));
    free(text);
}

static void a_group_may_be_asked_for_without_a_limit(void **state)
{
    struct limited l;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "exec " STAY);
    scratch_container *c = limited_start(&l);
    assert_int_equal(limited_count(&l), 0);
    scratch_container_signal(c, SIGKILL, NULL);
    minimal_end(c);
    l.cgroup.always = true;
    c = limited_start(&l);
    assert_true(limited_count(&l) > 0);
    scratch_container_signal(c, SIGKILL, NULL);
    minimal_end(c);
    assert_int_equal(limited_count(&l), 0);
}

/* ---- failures ------------------------------------------------------------------------------- */

static void every_step_that_fails_leaves_no_group(void **state)
{
    struct limited l;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "exit 0");
    set_all(&l);
    scratch_plan *plan = minimal_compile(&l.minimal);
    size_t count = scratch_plan_count(plan);
    assert_true(count > 10);
    for (size_t k = 1; k <= count; k++) {
        struct scratch_step step;
        struct scratch_error err;
        scratch_container *c;
        assert_int_equal(scratch_plan_step(plan, k - 1, &step), 0);
        if (step.best_effort)
            continue;
        l.start.fail_step = (unsigned)k;
        l.start.fail_errno = ENOTNAM;
        assert_int_equal(scratch_plan_start(plan, &l.start, &c, &err), -ENOTNAM);
        assert_int_equal(err.step, k);
        assert_int_equal(limited_count(&l), 0);
    }
    scratch_plan_free(plan);
}

static void fails_with(struct limited *l, int errnum, const char *words)
{
    struct scratch_error err = {0};
    char line[SCRATCH_ERROR_LINE];
    assert_int_equal(scratch_run(&l->minimal.spec, &l->start, &err), -errnum);
    assert_int_equal(err.errnum, errnum);
    scratch_error_format(&err, line, sizeof line);
    if (!strstr(line, words))
        fail_msg("'%s' is not in: %s", words, line);
}

static void a_quota_above_the_parents_is_refused_on_v1(void **state)
{
    struct scratch_cgroup_options above = SCRATCH_CGROUP_OPTIONS_INIT;
    struct limited l;
    struct scratch_error err;
    scratch_cgroup *group;
    char name[64];
    (void)state;
    NEEDS_ROOT();
    if (controller_version("cpu") != 1)
        TEST_SKIP("cgroup v2 allows it, and the parent's quota holds");
    snprintf(name, sizeof name, "test-above-%d", (int)getpid());
    above.cpu_quota = 10000;
    TEST_OK(scratch_cgroup_create(name, &above, &group, &err), &err);
    limited_begin(&l, "exit 0");
    l.cgroup.parent = name;
    l.cgroup.cpu_quota = 20000;
    fails_with(&l, EINVAL, "allows 100 (ask for less, or raise it there)");
    l.cgroup.cpu_quota = 10000;
    assert_int_equal(scratch_run(&l.minimal.spec, &l.start, &err), 0);
    scratch_cgroup_free(group);
    TEST_OK(scratch_cgroup_delete(name, &err), &err);
}

static void processors_that_are_not_there_are_refused(void **state)
{
    struct limited l;
    struct scratch_error err = {0};
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "exit 0");
    l.cgroup.cpuset_cpus = "99999";
    assert_true(scratch_run(&l.minimal.spec, &l.start, &err) < 0);
    assert_string_equal(err.subject, "99999");
    assert_true(err.cause[0] != '\0');
    assert_int_equal(limited_count(&l), 0);
}

static void a_missing_parent_is_named(void **state)
{
    struct limited l;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "exit 0");
    l.cgroup.parent = "test-of-nothing/at-all";
    l.cgroup.pids_max = 20;
    fails_with(&l, ENOENT, "test-of-nothing/at-all");
}

static void an_id_that_is_taken_is_refused_and_its_group_left(void **state)
{
    struct limited l;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "exec " STAY);
    l.cgroup.pids_max = 20;
    scratch_container *c = limited_start(&l);
    int count = limited_count(&l);
    fails_with(&l, EEXIST, "its id is taken");
    assert_int_equal(limited_count(&l), count);
    scratch_container_signal(c, SIGKILL, NULL);
    minimal_end(c);
    assert_int_equal(limited_count(&l), 0);
}

static void an_ordinary_user_is_told_which_controller(void **state)
{
    static const char *const controllers[] = {"memory", "pids", "cpu", "cpuset"};
    (void)state;
    if (geteuid() == 0)
        TEST_SKIP("root may write all hierarchies");
    for (int i = 0; i < 4; i++) {
        struct limited l;
        if (controller_version(controllers[i]) == 0)
            continue;
        limited_begin(&l, "exit 0");
        l.cgroup.memory_max = i == 0 ? 32 << 20 : SCRATCH_LIMIT_NONE;
        l.cgroup.pids_max = i == 1 ? 20 : SCRATCH_LIMIT_NONE;
        l.cgroup.cpu_quota = i == 2 ? 20000 : SCRATCH_LIMIT_NONE;
        l.cgroup.cpuset_cpus = i == 3 ? "0" : NULL;
        fails_with(&l, EACCES, controllers[i]);
        assert_int_equal(limited_count(&l), 0);
    }
}

TEST_MAIN(more_memory_than_the_limit_kills, more_processes_than_the_limit_are_refused,
          a_processor_quota_holds_back, processors_are_those_of_the_set,
          memory_nodes_alone_can_be_given, the_host_reads_the_limits_while_it_runs,
          inside_the_group_is_the_root, the_root_of_a_user_namespace_joins_too,
          without_its_namespace_the_group_has_its_name, a_group_may_be_asked_for_without_a_limit,
          every_step_that_fails_leaves_no_group, a_quota_above_the_parents_is_refused_on_v1,
          processors_that_are_not_there_are_refused, a_missing_parent_is_named,
          an_id_that_is_taken_is_refused_and_its_group_left,
          an_ordinary_user_is_told_which_controller)
