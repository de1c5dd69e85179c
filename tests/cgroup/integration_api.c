/* SPDX-License-Identifier: MIT */
/*
 * Groups without containers: make, open, set, read, join, list, remove; and what is where.
 */
#include "cgroup/group.h"
#include "support/apart.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static struct scratch_cgroup_options with_pids(uint64_t max)
{
    struct scratch_cgroup_options o = SCRATCH_CGROUP_OPTIONS_INIT;
    o.pids_max = max;
    return o;
}

static void own_name(char name[64], const char *what)
{
    snprintf(name, 64, "test-%s-%d", what, (int)getpid());
}

static const char *read_file(const scratch_cgroup *group, const char *file)
{
    static char value[256];
    struct scratch_error err;
    int n = scratch_cgroup_read(group, file, value, sizeof value, &err);
    TEST_OK(n, &err);
    assert_int_equal(n, strlen(value));
    return value;
}

static void remove_group(scratch_cgroup *group)
{
    struct scratch_error err;
    char path[128];
    snprintf(path, sizeof path, "%s", scratch_cgroup_path(group));
    scratch_cgroup_free(group);
    int rc = scratch_cgroup_delete(path, &err);
    for (int i = 0; i < 3000 && rc == -EBUSY; i++) { /* it lets go of a process a little later */
        usleep(10000);
        rc = scratch_cgroup_delete(path, &err);
    }
    TEST_OK(rc, &err);
    assert_int_equal(group_count(path), 0);
}

/* ---- make, open, set, read ------------------------------------------------------------------ */

static void a_group_is_made_read_changed_and_removed(void **state)
{
    struct scratch_cgroup_options options = with_pids(7);
    struct scratch_error err;
    scratch_cgroup *group, *again;
    char name[64], value[16];
    (void)state;
    NEEDS_ROOT();
    own_name(name, "api");
    TEST_OK(scratch_cgroup_create(name, &options, &group, &err), &err);
    assert_string_equal(scratch_cgroup_path(group), name);
    assert_string_equal(read_file(group, "pids.max"), "7");
    options.pids_max = 9;
    TEST_OK(scratch_cgroup_set(group, &options, &err), &err);
    assert_string_equal(read_file(group, "pids.max"), "9");
    TEST_OK(scratch_cgroup_open(name, &again, &err), &err);
    assert_string_equal(read_file(again, "pids.max"), "9");
    scratch_cgroup_free(again);
    assert_int_equal(scratch_cgroup_create(name, &options, &again, &err), -EEXIST);
    assert_null(again);
    assert_int_equal(scratch_cgroup_read(group, "pids.nothing", value, sizeof value, &err),
                     -ENOENT);
    assert_int_equal(scratch_cgroup_read(group, "../pids.max", value, sizeof value, &err), -EINVAL);
    remove_group(group);
    assert_int_equal(scratch_cgroup_open(name, &group, &err), -ENOENT);
    assert_int_equal(scratch_cgroup_delete(name, &err), -ENOENT);
}

static void without_limits_they_can_be_set_later(void **state)
{
    struct scratch_cgroup_options options = with_pids(5);
    struct scratch_error err;
    scratch_cgroup *group;
    char name[64];
    (void)state;
    NEEDS_ROOT();
    own_name(name, "later");
    TEST_OK(scratch_cgroup_create(name, NULL, &group, &err), &err);
    options.memory_max = 16 << 20;
    options.cpu_quota = 20000;
    TEST_OK(scratch_cgroup_set(group, &options, &err), &err);
    assert_string_equal(read_file(group, "pids.max"), "5");
    if (controller_version("memory") == 2)
        assert_string_equal(read_file(group, "memory.max"), "16777216");
    else
        assert_string_equal(read_file(group, "memory.limit_in_bytes"), "16777216");
    remove_group(group);
}

static void a_limit_of_a_controller_it_is_not_in_is_refused(void **state)
{
    struct scratch_cgroup_options options = with_pids(5);
    struct scratch_error err;
    scratch_cgroup *group;
    char name[64];
    (void)state;
    NEEDS_ROOT();
    if (controller_version("memory") != 1 || controller_version("pids") != 1)
        TEST_SKIP("on cgroup v2 there is one hierarchy");
    own_name(name, "partial");
    TEST_OK(scratch_cgroup_create(name, &options, &group, &err), &err);
    options.memory_max = 16 << 20;
    assert_int_equal(scratch_cgroup_set(group, &options, &err), -ENOENT);
    assert_string_equal(err.subject, "memory");
    remove_group(group);
}

static void what_was_made_is_taken_back_when_a_value_is_refused(void **state)
{
    struct scratch_cgroup_options options = with_pids(5);
    struct scratch_error err;
    scratch_cgroup *group;
    char name[64];
    (void)state;
    NEEDS_ROOT();
    own_name(name, "refused");
    options.cpuset_cpus = "99999";
    assert_true(scratch_cgroup_create(name, &options, &group, &err) < 0);
    assert_string_equal(err.subject, "99999");
    assert_int_equal(group_count(name), 0);
}

static void bad_names_are_refused(void **state)
{
    static const char *const names[] = {NULL, "", ".", "..", "a/b", "/a", ".hidden"};
    static const char *const paths[] = {NULL, "", "/", ".", "..", "a/..", "a/../b", "a//b", "a/"};
    struct scratch_error err;
    scratch_cgroup *group;
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(scratch_cgroup_create(names[i], NULL, &group, &err), -EINVAL);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_int_equal(scratch_cgroup_delete(paths[i], &err), -EINVAL);
}

static void an_ordinary_user_may_not_make_one(void **state)
{
    struct scratch_cgroup_options options = with_pids(5);
    struct scratch_error err;
    scratch_cgroup *group;
    (void)state;
    if (geteuid() == 0)
        TEST_SKIP("root may write all hierarchies");
    assert_int_equal(scratch_cgroup_create("test-user", &options, &group, &err), -EACCES);
    assert_non_null(strstr(err.cause, "pids"));
    assert_int_equal(group_count("test-user"), 0);
}

/* ---- processes ------------------------------------------------------------------------------ */

/* A child that has joined the group, and stays until it is killed. */
static pid_t join_and_stay(const scratch_cgroup *group)
{
    int ends[2];
    char byte = 1;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        byte = scratch_cgroup_join_self(group, NULL) == 0;
        if (write(ends[1], &byte, 1) == 1)
            pause();
        _exit(0);
    }
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(byte, 1);
    return pid;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void processes_join_and_are_listed_once(void **state)
{
    struct scratch_error err;
    scratch_cgroup *group;
    char name[64];
    pid_t pids[4];
    size_t count = 4;
    (void)state;
    NEEDS_ROOT();
    own_name(name, "join");
    TEST_OK(scratch_cgroup_create(name, NULL, &group, &err), &err);
    TEST_OK(scratch_cgroup_processes(group, pids, &count, &err), &err);
    assert_int_equal(count, 0);
    pid_t first = join_and_stay(group), second = join_and_stay(group);
    count = 4;
    TEST_OK(scratch_cgroup_processes(group, pids, &count, &err), &err);
    assert_int_equal(count, 2);
    assert_true((pids[0] == first && pids[1] == second) || (pids[0] == second && pids[1] == first));
    count = 1;
    pids[1] = -1;
    TEST_OK(scratch_cgroup_processes(group, pids, &count, &err), &err);
    assert_int_equal(count, 2);
    assert_int_equal(pids[1], -1);
    assert_string_equal(read_file(group, "pids.current"), "2");
    assert_int_equal(scratch_cgroup_delete(name, &err), -EBUSY);
    assert_int_equal(scratch_cgroup_processes(group, NULL, &count, &err), 0);
    assert_int_equal(count, 2);
    end(first);
    end(second);
    remove_group(group);
}

static void groups_below_are_removed_with_it_but_not_with_processes(void **state)
{
    struct scratch_cgroup_options options = with_pids(5);
    struct scratch_error err;
    scratch_cgroup *group, *below;
    char name[64];
    (void)state;
    NEEDS_ROOT();
    own_name(name, "above");
    TEST_OK(scratch_cgroup_create(name, &options, &group, &err), &err);
    options.parent = name;
    TEST_OK(scratch_cgroup_create("below", &options, &below, &err), &err);
    assert_non_null(strstr(scratch_cgroup_path(below), "/below"));
    pid_t pid = join_and_stay(below);
    assert_int_equal(scratch_cgroup_delete(name, &err), -EBUSY);
    assert_true(group_count(scratch_cgroup_path(below)) > 0);
    end(pid);
    scratch_cgroup_free(below);
    remove_group(group);
}

/* ---- what is where -------------------------------------------------------------------------- */

static void controllers_are_found_where_they_are(void **state)
{
    static struct scratch_cgroup_controller controllers[64];
    struct scratch_error err;
    enum scratch_cgroup_layout layout;
    size_t count = 64;
    (void)state;
    TEST_OK(scratch_cgroup_discover(&layout, controllers, &count, &err), &err);
    if (layout == SCRATCH_CGROUP_NONE)
        TEST_SKIP("no control groups are mounted");
    assert_in_range(count, 1, 64);
    for (int i = 0; i < LIMITED_CONTROLLERS; i++) {
        struct cgroup_hierarchy h;
        bool seen = false;
        if (layout_find(limited_controllers[i], &h) < 0)
            continue;
        for (size_t j = 0; j < count; j++)
            seen = seen || (strcmp(controllers[j].name, limited_controllers[i]) == 0 &&
                            strcmp(controllers[j].mount, h.mount) == 0 &&
                            controllers[j].version == h.version);
        assert_true(seen);
    }
    size_t all = count;
    count = 0;
    TEST_OK(scratch_cgroup_discover(NULL, NULL, &count, &err), &err);
    assert_int_equal(count, all);
    TEST_OK(scratch_cgroup_discover(&layout, NULL, NULL, &err), &err);
}

/* As in a container that has mounted a hierarchy over those that it was given. */
static void use_a_group_over_hidden_mounts(void)
{
    struct scratch_cgroup_options options = with_pids(7);
    size_t count = 0;
    char name[64], value[16] = "";
    scratch_cgroup *group;
    own_name(name, "hidden");
    TEST_EXPECT(mount("cgroup", "/sys/fs/cgroup", "tmpfs", 0, "mode=755") == 0);
    TEST_EXPECT(mkdir("/sys/fs/cgroup/pids", 0755) == 0);
    TEST_EXPECT(mount("cgroup", "/sys/fs/cgroup/pids", "cgroup", 0, "pids") == 0);
    TEST_EXPECT(scratch_cgroup_discover(NULL, NULL, &count, NULL) == -ENOTSUP);
    if (!TEST_EXPECT(scratch_cgroup_create(name, &options, &group, NULL) == 0))
        return;
    TEST_EXPECT(scratch_cgroup_read(group, "pids.max", value, sizeof value, NULL) == 1);
    TEST_EXPECT(strcmp(value, "7") == 0);
    TEST_EXPECT(scratch_cgroup_remove(group, NULL) == 0);
    scratch_cgroup_free(group);
    TEST_EXPECT(scratch_cgroup_open(name, &group, NULL) == -ENOENT);
}

static void a_mount_that_hides_others_is_no_hindrance(void **state)
{
    enum scratch_cgroup_layout layout;
    struct cgroup_hierarchy pids;
    (void)state;
    NEEDS_ROOT();
    TEST_OK(scratch_cgroup_discover(&layout, NULL, NULL, NULL), NULL);
    if (layout != SCRATCH_CGROUP_HYBRID || layout_find("pids", &pids) < 0 || pids.version != 1)
        TEST_SKIP("v2 is not beside v1 here");
    test_apart(use_a_group_over_hidden_mounts);
}

TEST_MAIN(a_group_is_made_read_changed_and_removed, without_limits_they_can_be_set_later,
          a_limit_of_a_controller_it_is_not_in_is_refused,
          what_was_made_is_taken_back_when_a_value_is_refused, bad_names_are_refused,
          an_ordinary_user_may_not_make_one, processes_join_and_are_listed_once,
          groups_below_are_removed_with_it_but_not_with_processes,
          controllers_are_found_where_they_are, a_mount_that_hides_others_is_no_hindrance)
