/* SPDX-License-Identifier: MIT */
/*
 * Landlock's rules, and labels of security modules, seen from inside a container.
 */
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MORE(...)                                                                                  \
    {"/usr", SCRATCH_LANDLOCK_READ | SCRATCH_LANDLOCK_EXECUTE},                                    \
        {"/lib", SCRATCH_LANDLOCK_READ | SCRATCH_LANDLOCK_EXECUTE},                                \
        {"/bin", SCRATCH_LANDLOCK_READ | SCRATCH_LANDLOCK_EXECUTE}, __VA_ARGS__

static struct scratch_error err;

/* A container whose command is a line of shell. The caller changes what its test is about. */
struct shell {
    const char *argv[4];
    struct scratch_process_options process;
    struct scratch_spec spec;
};

static struct shell *shell(const char *line)
{
    static struct shell s;
    s = (struct shell){.argv = {"/bin/sh", "-c", line, NULL},
                       .process = SCRATCH_PROCESS_OPTIONS_INIT,
                       .spec = SCRATCH_SPEC_INIT};
    s.process.argv = s.argv;
    s.spec.process = &s.process;
    return &s;
}

static void prints(const struct shell *s, const char *expected)
{
    int status;
    char *text = test_output(&s->spec, NULL, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(text, expected);
    free(text);
}

static long version(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
}

static void need(long wanted)
{
    if (version() < wanted)
        TEST_SKIP("this kernel's Landlock has version %ld, and it takes %ld", version(), wanted);
}

/* ---- files ----------------------------------------------------------------------------------- */

static void what_no_rule_grants_is_refused(void **state)
{
    static const struct scratch_landlock_rule rules[] = {
        MORE({"/tmp", SCRATCH_LANDLOCK_READ | SCRATCH_LANDLOCK_WRITE},
             {"/dev/null", SCRATCH_LANDLOCK_WRITE})};
    struct shell *s =
        shell("cat /etc/passwd 2>/dev/null || echo unread; echo a >/tmp/made-in-test && "
              "cat /tmp/made-in-test; echo b 2>/dev/null >/usr/made-in-test || echo unwritten; "
              "cp /bin/true /tmp/true; /tmp/true 2>/dev/null || echo not executed; "
              "mkdir /var/made-in-test 2>/dev/null || echo not made");
    (void)state;
    need(3);
    s->process.landlock = rules;
    s->process.landlock_count = sizeof rules / sizeof *rules;
    prints(s, "unread\na\nunwritten\nnot executed\nnot made\n");
    s->process.new_privileges = true; /* then the rules come before the capabilities go */
    if (test_privileged())
        prints(s, "unread\na\nunwritten\nnot executed\nnot made\n");
}

static void a_file_that_may_be_read_is_not_truncated(void **state)
{
    static const struct scratch_landlock_rule rules[] = {
        MORE({"/etc", SCRATCH_LANDLOCK_READ},
             {"/dev/null", SCRATCH_LANDLOCK_READ | SCRATCH_LANDLOCK_WRITE})};
    struct shell *s =
        shell("perl -e 'truncate(\"/etc/passwd\", 0)'; test -s /etc/passwd && echo whole");
    (void)state;
    need(3);
    if (access("/usr/bin/perl", X_OK) < 0)
        TEST_SKIP("perl is not there, which truncates by path");
    s->process.landlock = rules;
    s->process.landlock_count = sizeof rules / sizeof *rules;
    prints(s, "whole\n");
}

static void a_path_that_is_not_there_is_named(void **state)
{
    static const struct scratch_landlock_rule rules[] = {
        MORE({"/nonexistent", SCRATCH_LANDLOCK_READ})};
    struct shell *s = shell("exit 0");
    int status;
    (void)state;
    need(3);
    s->process.landlock = rules;
    s->process.landlock_count = sizeof rules / sizeof *rules;
    free(test_output(&s->spec, NULL, &status, &err));
    assert_int_equal(status, -ENOENT);
    assert_string_equal(err.subject, "/nonexistent");
    assert_string_equal(err.cause, "'/nonexistent' does not exist in the container");
}

/* ---- ports ----------------------------------------------------------------------------------- */

static void ports_that_no_rule_names_are_refused(void **state)
{
    static const struct scratch_landlock_port ports[] = {{80, SCRATCH_LANDLOCK_CONNECT},
                                                         {81, SCRATCH_LANDLOCK_BIND}};
    struct shell *s = shell("for p in 80 81; do (: <>/dev/tcp/127.0.0.1/$p) 2>&1 | "
                            "grep -qE 'Permission denied' && echo $p; done");
    (void)state;
    need(4);
    if (access("/bin/bash", X_OK) < 0)
        TEST_SKIP("bash is not there, whose /dev/tcp connects");
    s->argv[0] = "/bin/bash";
    s->process.landlock_ports = ports;
    s->process.landlock_port_count = 2;
    prints(s, "81\n"); /* to the other there is no way, since there is no network */
}

/* ---- what is asked for wrongly --------------------------------------------------------------- */

static int compile(const struct shell *s)
{
    scratch_plan *plan;
    int rc = scratch_plan_compile(&s->spec, &plan, &err);
    scratch_plan_free(plan);
    return rc;
}

static void rules_are_checked(void **state)
{
    struct scratch_landlock_rule rule = {"usr", SCRATCH_LANDLOCK_READ};
    struct scratch_landlock_port port = {80, 8};
    struct shell *s = shell("exit 0");
    (void)state;
    s->process.landlock = &rule;
    s->process.landlock_count = 1;
    assert_int_equal(compile(s), -EINVAL);
    assert_string_equal(err.subject, "usr");
    rule = (struct scratch_landlock_rule){"/usr", 0};
    assert_int_equal(compile(s), -EINVAL);
    s->process.landlock_count = 0;
    s->process.landlock_ports = &port;
    s->process.landlock_port_count = 1;
    assert_int_equal(compile(s), -EINVAL);
    assert_string_equal(err.subject, "80");
}

static void what_the_kernel_lacks_is_an_error_unless_the_best_will_do(void **state)
{
    static const struct scratch_landlock_rule rules[] = {MORE({"/tmp", SCRATCH_LANDLOCK_READ})};
    static const struct scratch_landlock_port port = {80, SCRATCH_LANDLOCK_CONNECT};
    struct shell *s = shell("echo in");
    (void)state;
    if (version() >= 4)
        TEST_SKIP("this kernel's Landlock has all that can be asked for");
    s->process.landlock = rules;
    s->process.landlock_count = sizeof rules / sizeof *rules;
    s->process.landlock_ports = &port;
    s->process.landlock_port_count = 1;
    assert_int_equal(compile(s), -EOPNOTSUPP);
    s->process.landlock_best_effort = true;
    prints(s, "in\n");
}

/* ---- labels ---------------------------------------------------------------------------------- */

static bool apparmor_is_on(void)
{
    FILE *in = fopen("/sys/module/apparmor/parameters/enabled", "re");
    int answer = in ? fgetc(in) : 'N';
    if (in)
        fclose(in);
    return answer == 'Y';
}

static void a_label_without_its_module_is_an_error(void **state)
{
    struct shell *s = shell("echo in");
    (void)state;
    if (apparmor_is_on() || access("/sys/fs/selinux/enforce", F_OK) == 0)
        TEST_SKIP("this kernel has AppArmor or SELinux");
    s->process.apparmor_profile = "some-profile";
    assert_int_equal(compile(s), -EOPNOTSUPP);
    assert_string_equal(err.subject, "some-profile");
    s->process.apparmor_profile = "unconfined"; /* as everything is */
    prints(s, "in\n");
    s->process.selinux_label = "u:r:t:s0";
    assert_int_equal(compile(s), -EOPNOTSUPP);
    assert_string_equal(err.subject, "u:r:t:s0");
}

static void a_profile_confines_the_command(void **state)
{
    static const char profile[] = "libscratch-test";
    struct shell *s = shell("cat /proc/self/attr/apparmor/current");
    (void)state;
    if (!apparmor_is_on())
        TEST_SKIP("this kernel has no AppArmor, or it is off");
    s->process.apparmor_profile = "libscratch-no-such-profile";
    int status;
    free(test_output(&s->spec, NULL, &status, &err));
    assert_int_equal(status, -ENOENT);
    assert_string_equal(err.subject, "libscratch-no-such-profile");
    s->process.apparmor_profile = profile;
    char *text = test_output(&s->spec, NULL, &status, &err);
    if (status == -ENOENT)
        TEST_SKIP("load the profile first: profile libscratch-test flags=(complain) {}");
    TEST_OK(status, &err);
    assert_int_equal(strncmp(text, profile, strlen(profile)), 0);
    free(text);
}

TEST_MAIN(what_no_rule_grants_is_refused, a_file_that_may_be_read_is_not_truncated,
          a_path_that_is_not_there_is_named, ports_that_no_rule_names_are_refused,
          rules_are_checked, what_the_kernel_lacks_is_an_error_unless_the_best_will_do,
          a_label_without_its_module_is_an_error, a_profile_confines_the_command)
