/* SPDX-License-Identifier: MIT */
/*
 * What the options of a process become, and what is refused before there is one.
 */
#include "support/test.h"
#include "process/compile.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const command[] = {"true", NULL};
static struct scratch_error err;

/* The caller has no new user namespace, or one of one id, or one of ranges. */
enum ids { HOST, ONE, RANGES };

static struct builder begin(enum ids ids)
{
    static const struct scratch_id_map ranges[] = {{0, 100000, 1000}, {5000, 200000, 1}};
    struct builder b;
    builder_begin(&b, &err);
    b.namespaces = CLONE_NEWPID;
    b.user_namespace = ids != HOST;
    b.ranges = ids == RANGES;
    if (ids == RANGES)
        b.uids = b.gids = (struct builder_ids){ranges, 2};
    return b;
}

static struct scratch_process_options process(void)
{
    struct scratch_process_options o = SCRATCH_PROCESS_OPTIONS_INIT;
    o.argv = command;
    return o;
}

static int compile(enum ids ids, const struct scratch_process_options *o)
{
    struct builder b = begin(ids);
    int rc = process_compile(&b, o);
    builder_free(&b);
    return rc;
}

static void refused(enum ids ids, const struct scratch_process_options *o, int errnum,
                    const char *subject)
{
    assert_int_equal(compile(ids, o), -errnum);
    assert_int_equal(err.errnum, errnum);
    assert_string_equal(err.subject, subject);
}

static int index_of(const struct builder *b, enum step_kind kind)
{
    for (uint32_t i = 0; i < b->step_count; i++)
        if (b->steps[i].kind == kind)
            return (int)i;
    return -1;
}

/* ---- ids ------------------------------------------------------------------------------------- */

static void an_id_that_is_not_mapped_is_named(void **state)
{
    struct scratch_process_options o = process();
    const gid_t groups[] = {5, 4999};
    (void)state;
    o.uid = 1000;
    refused(RANGES, &o, EINVAL, "1000");
    refused(ONE, &o, EINVAL, "1000");
    o.uid = 999;
    o.gid = 5001;
    refused(RANGES, &o, EINVAL, "5001");
    o.gid = 5000;
    TEST_OK(compile(RANGES, &o), &err);
    o.groups = groups;
    o.group_count = 2;
    refused(RANGES, &o, EINVAL, "4999");
    o.group_count = 1;
    TEST_OK(compile(RANGES, &o), &err);
}

static void without_a_user_namespace_any_id_will_do(void **state)
{
    struct scratch_process_options o = process();
    (void)state;
    o.capabilities = 0;
    o.uid = o.gid = 12345;
    TEST_OK(compile(HOST, &o), &err);
    o.uid = UINT32_MAX; /* setresuid would leave the id as it is */
    refused(HOST, &o, EINVAL, "4294967295");
}

static void the_one_id_may_be_another_than_0(void **state)
{
    static const struct scratch_id_map map[] = {{1000, 0, 1}};
    struct scratch_process_options o = process();
    struct builder b = begin(ONE);
    (void)state;
    b.uids = b.gids = (struct builder_ids){map, 1};
    assert_int_equal(process_compile(&b, &o), -EINVAL);
    assert_string_equal(err.subject, "0");
    o.uid = o.gid = 1000;
    TEST_OK(process_compile(&b, &o), &err);
    builder_free(&b);
}

static void one_group_leaves_no_room_for_others(void **state)
{
    struct scratch_process_options o = process();
    const gid_t group = 0;
    (void)state;
    o.groups = &group;
    o.group_count = 1;
    refused(ONE, &o, EINVAL, "");
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void limits_are_checked(void **state)
{
    struct scratch_rlimit limit = {RLIMIT_NOFILE, 100, 50};
    struct scratch_process_options o = process();
    (void)state;
    o.rlimits = &limit;
    o.rlimit_count = 1;
    refused(ONE, &o, EINVAL, "nofile");
    limit.soft = 50;
    TEST_OK(compile(ONE, &o), &err);
    limit.resource = RLIM_NLIMITS;
    refused(ONE, &o, EINVAL, "16");
    limit.resource = -1;
    refused(ONE, &o, EINVAL, "-1");
}

static void a_user_namespace_cannot_raise_a_hard_limit(void **state)
{
    struct scratch_rlimit limit = {RLIMIT_NOFILE, 10, RLIM_INFINITY}; /* never had: fs.nr_open */
    struct scratch_process_options o = process();
    (void)state;
    o.rlimits = &limit;
    o.rlimit_count = 1;
    refused(ONE, &o, EPERM, "nofile");
}

/* Pid 1 opens files and writes the log under the limits that it began with. */
static void a_limit_is_lowered_for_the_command_alone(void **state)
{
    const struct scratch_rlimit limit = {RLIMIT_NOFILE, 3, 3};
    struct scratch_process_options o = process();
    struct builder b = begin(HOST);
    (void)state;
    o.rlimits = &limit;
    o.rlimit_count = 1;
    TEST_OK(process_compile(&b, &o), &err);
    assert_true(index_of(&b, STEP_SUPERVISE) < index_of(&b, STEP_RLIMIT));
    builder_free(&b);
}

static void a_limit_is_raised_while_there_is_the_privilege(void **state)
{
    struct scratch_rlimit limit = {RLIMIT_NOFILE, 3, 0};
    struct scratch_process_options o = process();
    struct rlimit own;
    struct builder b = begin(HOST);
    (void)state;
    b.effective = UINT64_MAX;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &own), 0);
    limit.hard = own.rlim_max + 1;
    o.rlimits = &limit;
    o.rlimit_count = 1;
    TEST_OK(process_compile(&b, &o), &err);
    assert_true(index_of(&b, STEP_RLIMIT) < index_of(&b, STEP_IDS));
    builder_free(&b);
}

/* ---- the end --------------------------------------------------------------------------------- */

/* Of a parent that is not pid 1 the command has to hear itself. */
static void what_dies_with_the_caller_is_the_command(void **state)
{
    struct scratch_process_options o = process();
    (void)state;
    o.die_with_parent = true;
    o.follow_pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    assert_true(o.follow_pidfd >= 0);
    for (int own = 0; own < 2; own++) {
        struct builder b = begin(HOST);
        b.namespaces = own ? CLONE_NEWPID : 0;
        TEST_OK(process_compile(&b, &o), &err);
        const struct step *behind = &b.steps[index_of(&b, STEP_SUPERVISE) + 1];
        assert_int_equal(behind->kind, own ? STEP_EXEC : STEP_DIE_WITH_PARENT);
        builder_free(&b);
    }
    close(o.follow_pidfd);
}

/* ---- privileges ------------------------------------------------------------------------------ */

static void ambient_capabilities_are_among_the_others(void **state)
{
    struct scratch_process_options o = process();
    (void)state;
    o.uid = 999;
    o.ambient = SCRATCH_CAP(CAP_NET_ADMIN);
    refused(RANGES, &o, EINVAL, "cap_net_admin");
    o.capabilities |= o.ambient;
    struct builder b = begin(RANGES);
    TEST_OK(process_compile(&b, &o), &err);
    const struct step *ids = &b.steps[index_of(&b, STEP_IDS)];
    const struct step *capabilities = &b.steps[index_of(&b, STEP_CAPABILITIES)];
    assert_true(ids->num[2]); /* kept over the change of ids */
    for (int i = 0; i < 3; i++)
        assert_true(capabilities->num[i] == o.ambient);
    builder_free(&b);
}

static void no_capability_is_inheritable_unless_asked_for(void **state)
{
    struct scratch_process_options o = process();
    struct builder b = begin(ONE);
    (void)state;
    o.capabilities = SCRATCH_CAP_ALL;
    TEST_OK(process_compile(&b, &o), &err);
    const struct step *step = &b.steps[index_of(&b, STEP_CAPABILITIES)];
    assert_true(step->num[0] == SCRATCH_CAP_ALL);
    assert_true(step->num[1] == 0 && step->num[2] == 0);
    builder_free(&b);
}

static void the_filter_comes_last_or_while_it_may_be_loaded(void **state)
{
    struct scratch_process_options o = process();
    struct builder b = begin(ONE);
    (void)state;
    TEST_OK(process_compile(&b, &o), &err);
    assert_true(index_of(&b, STEP_NO_NEW_PRIVS) < index_of(&b, STEP_SECCOMP));
    assert_true(index_of(&b, STEP_CAPABILITIES) < index_of(&b, STEP_SECCOMP));
    builder_free(&b);
    o.new_privileges = true;
    b = begin(ONE);
    TEST_OK(process_compile(&b, &o), &err);
    assert_int_equal(index_of(&b, STEP_NO_NEW_PRIVS), -1);
    assert_true(index_of(&b, STEP_SECCOMP) < index_of(&b, STEP_BOUNDING));
    builder_free(&b);
}

static void a_filter_of_ones_own_has_a_length(void **state)
{
    struct scratch_process_options o = process();
    static const uint64_t allow = 0x7fff000000000006; /* one struct sock_filter */
    (void)state;
    o.seccomp = SCRATCH_SECCOMP_FILTER;
    refused(ONE, &o, EINVAL, "");
    o.filter = &allow;
    o.filter_count = 65536;
    refused(ONE, &o, EINVAL, "");
    o.filter_count = 1;
    TEST_OK(compile(ONE, &o), &err);
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void variables_have_a_name_and_a_value(void **state)
{
    const char *env[] = {"A=1", NULL, NULL};
    struct scratch_process_options o = process();
    (void)state;
    o.env = env;
    TEST_OK(compile(ONE, &o), &err);
    env[1] = "NOVALUE";
    refused(ONE, &o, EINVAL, "NOVALUE");
    env[1] = "=noname";
    refused(ONE, &o, EINVAL, "=noname");
}

static void what_cannot_be_meant_is_refused(void **state)
{
    static const char *const nothing[] = {"", NULL};
    struct scratch_process_options o = process();
    (void)state;
    o.cwd = "srv";
    refused(ONE, &o, EINVAL, "srv");
    o = process();
    o.umask = 01000;
    refused(ONE, &o, EINVAL, "");
    o = process();
    o.argv = nothing;
    refused(ONE, &o, EINVAL, "");
    o.argv = NULL;
    refused(ONE, &o, EINVAL, "");
}

TEST_MAIN(an_id_that_is_not_mapped_is_named, without_a_user_namespace_any_id_will_do,
          the_one_id_may_be_another_than_0, one_group_leaves_no_room_for_others, limits_are_checked,
          a_user_namespace_cannot_raise_a_hard_limit, a_limit_is_lowered_for_the_command_alone,
          a_limit_is_raised_while_there_is_the_privilege, what_dies_with_the_caller_is_the_command,
          ambient_capabilities_are_among_the_others, no_capability_is_inheritable_unless_asked_for,
          the_filter_comes_last_or_while_it_may_be_loaded, a_filter_of_ones_own_has_a_length,
          variables_have_a_name_and_a_value, what_cannot_be_meant_is_refused)
