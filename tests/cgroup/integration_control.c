/* SPDX-License-Identifier: MIT */
/*
 * What is done to a group that runs: frozen, thawed, killed, limited anew, removed; and what a
 * start refuses to take.
 */
#include "cgroup/proof.h"

#include <sys/wait.h>

static scratch_container *start_managed(struct limited *l, const char *script)
{
    limited_begin(l, script);
    l->cgroup.managed = true;
    return limited_start(l);
}

static void end_all(const struct limited *l, scratch_container *c, scratch_cgroup *group)
{
    end(c, group);
    assert_int_equal(limited_count(l), 0);
}

/* How far the command has counted is in a file of its own. */
static bool moves(const char *path)
{
    unsigned long before = number_in(path);
    for (int i = 0; i < 200; i++) {
        usleep(10000);
        if (number_in(path) > before)
            return true;
    }
    return false;
}

static void it_is_frozen_and_thawed(void **state)
{
    struct limited l;
    struct scratch_error err;
    char file[] = "/tmp/test-counter-XXXXXX", script[256];
    (void)state;
    NEEDS_ROOT();
    int fd = mkstemp(file);
    assert_true(fd >= 0);
    close(fd);
    snprintf(script, sizeof script,
             "i=0; while :; do i=$((i+1)); echo $i > %s.new; mv %s.new %s; done", file, file, file);
    scratch_container *c = start_managed(&l, script);
    scratch_cgroup *group = open_group(c);
    assert_true(moves(file));
    assert_int_equal(scratch_cgroup_frozen(group, &err), 0);
    TEST_OK(scratch_cgroup_freeze(group, &err), &err);
    assert_int_equal(scratch_cgroup_frozen(group, &err), 1);
    unsigned long at = number_in(file);
    usleep(200000);
    assert_int_equal(number_in(file), at);
    assert_int_equal(scratch_cgroup_join_self(group, &err), -EBUSY);
    TEST_OK(scratch_cgroup_thaw(group, &err), &err);
    assert_int_equal(scratch_cgroup_frozen(group, &err), 0);
    assert_true(moves(file));
    end_all(&l, c, group);
    unlink(file);
    strcat(strcpy(script, file), ".new");
    unlink(script);
}

static void without_being_managed_it_may_not_be_frozen(void **state)
{
    struct limited l;
    struct scratch_error err;
    (void)state;
    NEEDS_ROOT();
    if (controller_version("pids") == 2)
        TEST_SKIP("every group of v2 can be frozen");
    limited_begin(&l, "exec sleep 30");
    l.cgroup.pids_max = 20;
    scratch_container *c = limited_start(&l);
    scratch_cgroup *group = open_group(c);
    assert_int_equal(scratch_cgroup_freeze(group, &err), -ENOTSUP);
    assert_non_null(strstr(err.hint, "managed"));
    end_all(&l, c, group);
}

/* Children that have left the session, and are started all the time. */
static void kill_ends_all_of_them(void **state, bool managed, bool frozen)
{
    struct limited l;
    struct scratch_error err;
    size_t count = 0;
    (void)state;
    limited_begin(&l, "for i in 1 2 3 4 5 6 7 8; do setsid sh -c 'while :; do sleep 5 & sleep 0.01;"
                      " done' & done; wait");
    l.cgroup.managed = managed;
    l.cgroup.pids_max = 500;
    scratch_container *c = limited_start(&l);
    scratch_cgroup *group = open_group(c);
    for (int i = 0; i < 500 && count < 12; i++) {
        usleep(10000);
        TEST_OK(scratch_cgroup_processes(group, NULL, &count, &err), &err);
    }
    assert_true(count >= 12);
    if (frozen)
        TEST_OK(scratch_cgroup_freeze(group, &err), &err);
    TEST_OK(scratch_cgroup_kill(group, &err), &err);
    TEST_OK(scratch_cgroup_processes(group, NULL, &count, &err), &err);
    assert_int_equal(count, 0);
    assert_int_equal(minimal_end(c), 128 + SIGKILL);
    TEST_OK(scratch_cgroup_remove(group, &err), &err); /* it is gone already */
    scratch_cgroup_free(group);
    assert_int_equal(limited_count(&l), 0);
}

static void all_are_killed(void **state)
{
    NEEDS_ROOT();
    kill_ends_all_of_them(state, true, false);
}

static void the_frozen_are_killed_too(void **state)
{
    NEEDS_ROOT();
    kill_ends_all_of_them(state, true, true);
}

static void all_are_killed_without_a_freezer(void **state)
{
    NEEDS_ROOT();
    kill_ends_all_of_them(state, false, false);
}

static void limits_change_while_it_runs(void **state)
{
    struct scratch_cgroup_options limits = SCRATCH_CGROUP_OPTIONS_INIT;
    struct limited l;
    struct scratch_error err;
    char value[64];
    (void)state;
    NEEDS_ROOT();
    scratch_container *c = start_managed(&l, "exec sleep 30");
    scratch_cgroup *group = open_group(c);
    for (uint64_t size = 64 << 20; size <= 256 << 20; size *= 2) { /* up: v1 minds the order */
        limits.memory_max = size;
        limits.memory_swap = 16 << 20;
        limits.pids_max = size >> 20;
        limits.cpu_shares = 512;
        TEST_OK(scratch_cgroup_set(group, &limits, &err), &err);
    }
    bool v2 = controller_version("memory") == 2;
    TEST_OK(scratch_cgroup_read(group, v2 ? "memory.max" : "memory.limit_in_bytes", value,
                                sizeof value, &err),
            &err);
    assert_string_equal(value, "268435456");
    TEST_OK(scratch_cgroup_read(group, v2 ? "cpu.weight" : "cpu.shares", value, sizeof value, &err),
            &err);
    assert_string_equal(value, v2 ? "59" : "512");
    limits = (struct scratch_cgroup_options)SCRATCH_CGROUP_OPTIONS_INIT;
    limits.pids_max = limits.memory_swap = limits.memory_max = SCRATCH_LIMIT_UNLIMITED;
    TEST_OK(scratch_cgroup_set(group, &limits, &err), &err);
    TEST_OK(scratch_cgroup_read(group, "pids.max", value, sizeof value, &err), &err);
    assert_string_equal(value, "max");
    end_all(&l, c, group);
}

static void it_has_all_controllers_of_the_machine(void **state)
{
    struct limited l;
    struct scratch_error err;
    char all[256] = "", value[256];
    (void)state;
    NEEDS_ROOT();
    FILE *in = fopen("/sys/fs/cgroup/cgroup.controllers", "re");
    if (!in)
        TEST_SKIP("v1 has a hierarchy for each");
    assert_non_null(fgets(all, sizeof all, in));
    fclose(in);
    all[strcspn(all, "\n")] = '\0';
    limited_begin(&l, "exec sleep 30");
    l.cgroup.managed = l.cgroup.everywhere = true;
    scratch_container *c = limited_start(&l);
    scratch_cgroup *group = open_group(c);
    TEST_OK(scratch_cgroup_read(group, "cgroup.controllers", value, sizeof value, &err), &err);
    assert_string_equal(value, all);
    end_all(&l, c, group);
}

/* ---- a path of the caller's ------------------------------------------------------------------ */

static void a_path_is_made_and_removed_with_what_is_above(void **state)
{
    struct limited l;
    struct scratch_error err;
    char path[128], above[64], found[PATH_MAX];
    (void)state;
    NEEDS_ROOT();
    snprintf(above, sizeof above, "test-above-%d", (int)getpid());
    snprintf(path, sizeof path, "/%s/in/web", above);
    limited_begin(&l, "exec sleep 30");
    l.cgroup.path = path;
    l.cgroup.pids_max = 20;
    l.cgroup.cpuset_cpus = "0";
    scratch_container *c = limited_start(&l);
    assert_int_equal(scratch_container_cgroup(c, found, sizeof found), strlen(path + 1));
    assert_string_equal(found, path + 1);
    assert_true(group_count(path) >= 2);
    scratch_container *second = NULL;
    scratch_plan *plan = minimal_compile(&l.minimal);
    assert_int_equal(scratch_plan_start(plan, &l.start, &second, &err), -EBUSY);
    scratch_plan_free(plan);
    scratch_container_signal(c, SIGKILL, NULL);
    minimal_end(c);
    assert_int_equal(group_count(above), 0);
}

static scratch_cgroup *make_test_group(char name[64], const char *what)
{
    struct scratch_error err;
    scratch_cgroup *group;
    snprintf(name, 64, "test-%s-%d", what, (int)getpid());
    TEST_OK(scratch_cgroup_create(name, NULL, &group, &err), &err);
    return group;
}

static void refused(const char *path, const char *words)
{
    struct limited l;
    struct scratch_error err = {0};
    char line[SCRATCH_ERROR_LINE];
    limited_begin(&l, "exit 0");
    l.cgroup.path = path;
    l.cgroup.managed = true;
    assert_int_equal(scratch_run(&l.minimal.spec, &l.start, &err), -EBUSY);
    scratch_error_format(&err, line, sizeof line);
    if (!strstr(line, words))
        fail_msg("'%s' is not in: %s", words, line);
}

static void an_idle_group_is_taken_and_a_foreign_one_refused(void **state)
{
    struct limited l;
    struct scratch_error err = {0};
    char name[64];
    (void)state;
    NEEDS_ROOT();
    scratch_cgroup *group = make_test_group(name, "idle");
    limited_begin(&l, "exit 7");
    l.cgroup.path = name;
    l.cgroup.pids_max = 20;
    assert_int_equal(scratch_run(&l.minimal.spec, &l.start, &err), 7);
    scratch_cgroup_remove(group, NULL);
    scratch_cgroup_free(group);

    group = make_test_group(name, "foreign");
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(20);
        if (scratch_cgroup_join_self(group, NULL) == 0)
            pause();
        _exit(1);
    }
    size_t count = 0;
    for (int i = 0; i < 500 && count == 0; i++) {
        usleep(10000);
        TEST_OK(scratch_cgroup_processes(group, NULL, &count, &err), &err);
    }
    refused(name, "container's cgroup is not empty");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    TEST_OK(scratch_cgroup_kill(group, &err), &err);
    TEST_OK(scratch_cgroup_remove(group, &err), &err);
    scratch_cgroup_free(group);
}

static void below_a_frozen_group_nothing_is_started(void **state)
{
    struct scratch_error err;
    char name[64], path[80];
    (void)state;
    NEEDS_ROOT();
    scratch_cgroup *group = make_test_group(name, "frozen");
    TEST_OK(scratch_cgroup_freeze(group, &err), &err);
    refused(name, "container's cgroup unexpectedly frozen");
    snprintf(path, sizeof path, "%s/below", name);
    refused(path, "container's cgroup unexpectedly frozen");
    TEST_OK(scratch_cgroup_thaw(group, &err), &err);
    TEST_OK(scratch_cgroup_remove(group, &err), &err);
    scratch_cgroup_free(group);
}

TEST_MAIN(it_is_frozen_and_thawed, without_being_managed_it_may_not_be_frozen, all_are_killed,
          the_frozen_are_killed_too, all_are_killed_without_a_freezer, limits_change_while_it_runs,
          it_has_all_controllers_of_the_machine, a_path_is_made_and_removed_with_what_is_above,
          an_idle_group_is_taken_and_a_foreign_one_refused, below_a_frozen_group_nothing_is_started)
