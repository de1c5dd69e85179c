/* SPDX-License-Identifier: MIT */
/* Limits above those of the group above: the kernel takes them, or not, and neither says why. */
#include "cgroup/group.h"

static char parent[64];

/* A group with limits, which the container's is made in. */
static scratch_cgroup *make_parent(void)
{
    struct scratch_cgroup_options options = SCRATCH_CGROUP_OPTIONS_INIT;
    struct scratch_error err;
    scratch_cgroup *group;
    snprintf(parent, sizeof parent, "libscratch-above-%d", (int)getpid());
    options.memory_max = 64 << 20;
    options.pids_max = 100;
    options.cpu_quota = 50000;
    TEST_OK(scratch_cgroup_create(parent, &options, &group, &err), &err);
    return group;
}

static void remove_parent(scratch_cgroup *group)
{
    struct scratch_error err;
    TEST_OK(scratch_cgroup_delete(scratch_cgroup_path(group), &err), &err);
    scratch_cgroup_free(group);
}

static int compile_below(const struct scratch_cgroup_options *limits, scratch_plan **plan,
                         struct scratch_error *err)
{
    struct limited l;
    limited_begin(&l, "true");
    l.cgroup = *limits;
    l.cgroup.parent = parent;
    return scratch_plan_compile(&l.minimal.spec, plan, err);
}

static void memory_and_processes_above_are_warned_of(void **state)
{
    struct scratch_cgroup_options limits = SCRATCH_CGROUP_OPTIONS_INIT;
    struct scratch_error err, warning;
    scratch_plan *plan;
    char line[SCRATCH_ERROR_LINE];
    (void)state;
    NEEDS_ROOT();
    scratch_cgroup *group = make_parent();
    limits.memory_max = 65 << 20;
    limits.pids_max = 101;
    TEST_OK(compile_below(&limits, &plan, &err), &err);
    assert_int_equal(scratch_plan_warning(plan, 0, &warning), 0);
    scratch_error_format(&warning, line, sizeof line);
    assert_non_null(strstr(line, "memory limit '68157440 bytes': the group above, /"));
    assert_non_null(strstr(line, "allows 67108864 (that holds: ask for less, or raise it there)"));
    assert_int_equal(scratch_plan_warning(plan, 1, &warning), 0);
    scratch_error_format(&warning, line, sizeof line);
    assert_non_null(strstr(line, "process limit '101 processes'"));
    assert_int_equal(scratch_plan_warning(plan, 2, &warning), -ERANGE);
    scratch_plan_free(plan);
    remove_parent(group);
}

static void limits_within_are_not(void **state)
{
    struct scratch_cgroup_options limits = SCRATCH_CGROUP_OPTIONS_INIT;
    struct scratch_error err, warning;
    scratch_plan *plan;
    (void)state;
    NEEDS_ROOT();
    scratch_cgroup *group = make_parent();
    limits.memory_max = 64 << 20;
    limits.pids_max = 100;
    limits.cpu_quota = 25000;
    limits.cpu_period = 50000;
    TEST_OK(compile_below(&limits, &plan, &err), &err);
    assert_int_equal(scratch_plan_warning(plan, 0, &warning), -ERANGE);
    scratch_plan_free(plan);
    remove_parent(group);
}

static void a_cpu_quota_above_is_refused_where_the_kernel_does(void **state)
{
    struct scratch_cgroup_options limits = SCRATCH_CGROUP_OPTIONS_INIT;
    struct scratch_error err, warning;
    scratch_plan *plan = NULL;
    (void)state;
    NEEDS_ROOT();
    scratch_cgroup *group = make_parent();
    limits.cpu_quota = 60000;
    int rc = compile_below(&limits, &plan, &err);
    if (controller_version("cpu") == 1) {
        assert_int_equal(rc, -EINVAL);
        assert_string_equal(err.subject, "600 thousandths of a processor");
        assert_non_null(strstr(err.cause, "allows 500"));
    } else {
        TEST_OK(rc, &err);
        assert_int_equal(scratch_plan_warning(plan, 0, &warning), 0);
        scratch_plan_free(plan);
    }
    remove_parent(group);
}

TEST_MAIN(memory_and_processes_above_are_warned_of, limits_within_are_not,
          a_cpu_quota_above_is_refused_where_the_kernel_does)
