/* SPDX-License-Identifier: MIT */
/*
 * Who the command is and what it may do, seen from inside a container.
 */
#include "support/child.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static struct scratch_error err;

/* A container whose command is a line of shell. The caller changes what its test is about. */
struct shell {
    const char *argv[4];
    struct scratch_process_options process;
    struct scratch_namespace_options namespaces;
    struct scratch_spec spec;
};

static struct shell *shell(const char *line)
{
    static struct shell s;
    s = (struct shell){.argv = {"/bin/sh", "-c", line, NULL},
                       .process = SCRATCH_PROCESS_OPTIONS_INIT,
                       .namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT,
                       .spec = SCRATCH_SPEC_INIT};
    s.process.argv = s.argv;
    s.spec.process = &s.process;
    s.spec.namespaces = &s.namespaces;
    return &s;
}

/* Run it; it must end with 0. The text is the caller's to free(3). */
static char *output(const struct shell *s)
{
    int status;
    char *text = test_output(&s->spec, NULL, &status, &err);
    TEST_OK(status, &err);
    assert_int_equal(status, 0);
    return text;
}

static void prints(const struct shell *s, const char *expected)
{
    char *text = output(s);
    assert_string_equal(text, expected);
    free(text);
}

/* A line of /proc/PID/status, as a number. */
static uint64_t field(const char *status, const char *name, int base)
{
    const char *line = strstr(status, name);
    assert_non_null(line);
    return strtoull(line + strlen(name) + 1, NULL, base);
}

static char *status_of(struct shell *s)
{
    s->argv[2] = "cat /proc/self/status";
    return output(s);
}

/* ---- privileges ------------------------------------------------------------------------------ */

static void the_defaults_are_safe(void **state)
{
    char *status = status_of(shell(NULL));
    (void)state;
    assert_true(field(status, "CapPrm:", 16) == SCRATCH_CAP_DEFAULT);
    assert_true(field(status, "CapEff:", 16) == SCRATCH_CAP_DEFAULT);
    assert_true(field(status, "CapBnd:", 16) == SCRATCH_CAP_DEFAULT);
    assert_true(field(status, "CapInh:", 16) == 0);
    assert_true(field(status, "CapAmb:", 16) == 0);
    assert_int_equal(field(status, "NoNewPrivs:", 10), 1);
    assert_int_equal(field(status, "Seccomp:", 10), 2);
    free(status);
}

static void capabilities_are_those_asked_for(void **state)
{
    struct shell *s = shell(NULL);
    (void)state;
    s->process.capabilities = SCRATCH_CAP(CAP_KILL) | SCRATCH_CAP(CAP_NET_ADMIN);
    char *status = status_of(s);
    assert_true(field(status, "CapEff:", 16) == s->process.capabilities);
    assert_true(field(status, "CapBnd:", 16) == s->process.capabilities);
    free(status);
    s->process.capabilities = 0;
    status = status_of(s);
    assert_true(field(status, "CapBnd:", 16) == 0);
    free(status);
}

static void all_capabilities_are_the_callers(void **state)
{
    struct shell *s = shell(NULL);
    (void)state;
    s->process.capabilities = SCRATCH_CAP_ALL;
    char *status = status_of(s);
    assert_true(field(status, "CapEff:", 16) & SCRATCH_CAP(CAP_SYS_ADMIN));
    assert_true(field(status, "CapInh:", 16) == 0);
    assert_true(field(status, "CapAmb:", 16) == 0);
    free(status);
}

static void a_user_keeps_what_is_ambient_and_no_more(void **state)
{
    struct shell *s = shell(NULL);
    (void)state;
    if (!test_privileged())
        TEST_SKIP("another user inside needs root outside");
    s->process.uid = s->process.gid = 1234;
    char *status = status_of(s);
    assert_true(field(status, "CapPrm:", 16) == 0);
    assert_true(field(status, "CapBnd:", 16) == SCRATCH_CAP_DEFAULT);
    free(status);
    s->process.ambient = SCRATCH_CAP(CAP_NET_BIND_SERVICE);
    status = status_of(s);
    assert_true(field(status, "CapEff:", 16) == s->process.ambient);
    assert_true(field(status, "CapAmb:", 16) == s->process.ambient);
    free(status);
}

static void new_privileges_and_no_filter_are_had_by_asking(void **state)
{
    struct shell *s = shell(NULL);
    (void)state;
    s->process.new_privileges = true;
    char *status = status_of(s);
    assert_int_equal(field(status, "NoNewPrivs:", 10), 0);
    assert_int_equal(field(status, "Seccomp:", 10), 2);
    free(status);
    s->process.seccomp = SCRATCH_SECCOMP_NONE;
    status = status_of(s);
    assert_int_equal(field(status, "Seccomp:", 10), field(status, "Seccomp_filters:", 10) ? 2 : 0);
    free(status);
}

static void no_namespace_is_made_inside(void **state)
{
    struct shell *s = shell("unshare --user true 2>&- && echo made || true");
    (void)state;
    if (access("/usr/bin/unshare", X_OK) < 0)
        TEST_SKIP("unshare (util-linux) is not installed");
    prints(s, "");
    /* It is the filter that refuses. */
    s->process.seccomp = SCRATCH_SECCOMP_NONE;
    prints(s, "made\n");
}

/* ---- identity -------------------------------------------------------------------------------- */

static void the_command_is_root_inside(void **state)
{
    (void)state;
    prints(shell("id -u; id -g"), "0\n0\n");
}

static void the_command_is_whom_it_was_asked_to_be(void **state)
{
    struct shell *s = shell("id -u; id -g; id -G");
    const gid_t groups[] = {5, 60};
    (void)state;
    if (!test_privileged())
        TEST_SKIP("another user inside needs root outside");
    s->process.uid = 1234;
    s->process.gid = 4321;
    s->process.groups = groups;
    s->process.group_count = 2;
    prints(s, "1234\n4321\n4321 5 60\n");
}

static void supplementary_groups_are_none_unless_given(void **state)
{
    (void)state;
    if (!test_privileged())
        TEST_SKIP("an ordinary user cannot leave groups");
    prints(shell("id -G"), "0\n");
}

static void ids_are_mapped_by_range(void **state)
{
    static const struct scratch_id_map map[] = {{0, 100000, 1000}, {5000, 200000, 1}};
    struct shell *s = shell("id -u; id -G; cat /proc/self/uid_map");
    const gid_t group = 5000;
    (void)state;
    if (!test_privileged())
        TEST_SKIP("ranges need CAP_SETUID");
    s->namespaces.create |= SCRATCH_NS_USER;
    s->namespaces.uid_map = s->namespaces.gid_map = map;
    s->namespaces.uid_map_count = s->namespaces.gid_map_count = 2;
    s->process.uid = 33;
    s->process.gid = 33;
    s->process.groups = &group;
    s->process.group_count = 1;
    prints(s, "33\n33 5000\n"
              "         0     100000       1000\n"
              "      5000     200000          1\n");
}

static void ones_own_id_may_have_another_number_inside(void **state)
{
    const struct scratch_id_map users = {1000, geteuid(), 1}, groups = {1001, getegid(), 1};
    struct shell *s = shell("id -u; id -g; grep -E 'Cap(Inh|Prm|Amb)' /proc/self/status");
    (void)state;
    s->namespaces.create |= SCRATCH_NS_USER;
    s->namespaces.uid_map = &users;
    s->namespaces.gid_map = &groups;
    s->namespaces.uid_map_count = s->namespaces.gid_map_count = 1;
    s->process.uid = 1000;
    s->process.gid = 1001;
    prints(s, "1000\n1001\n"
              "CapInh:\t0000000000000000\n"
              "CapPrm:\t0000000000000000\n"
              "CapAmb:\t0000000000000000\n");
}

static void root_can_map_another_users_one_id(void **state)
{
    static const struct scratch_id_map map = {0, 65533, 1};
    struct shell *s = shell("id -u; cat /proc/self/uid_map");
    (void)state;
    if (!test_privileged())
        TEST_SKIP("another user's id needs CAP_SETUID");
    s->namespaces.create |= SCRATCH_NS_USER;
    s->namespaces.uid_map = s->namespaces.gid_map = &map;
    s->namespaces.uid_map_count = s->namespaces.gid_map_count = 1;
    prints(s, "0\n         0      65533          1\n");
}

/* ---- surroundings ---------------------------------------------------------------------------- */

static void limits_hold(void **state)
{
    static const struct scratch_rlimit limits[] = {{RLIMIT_NOFILE, 50, 60}, {RLIMIT_CORE, 0, 0}};
    struct shell *s = shell("ulimit -Sn; ulimit -Hn; ulimit -c");
    (void)state;
    s->process.rlimits = limits;
    s->process.rlimit_count = 2;
    prints(s, "50\n60\n0\n");
}

static void umask_and_directory_are_the_commands(void **state)
{
    struct shell *s = shell("umask; pwd");
    (void)state;
    prints(s, "0022\n/\n");
    s->process.umask = 0077;
    s->process.cwd = "/usr/bin";
    prints(s, "0077\n/usr/bin\n");
}

static void the_environment_is_not_the_callers(void **state)
{
    static const char *const own[] = {"A=one", "B=two words", NULL};
    static const char *const more[] = {"B=three", "C=", NULL};
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    struct shell *s = shell(NULL);
    int status;
    (void)state;
    setenv("LIBSCRATCH_TEST", "leaked", 1);
    s->argv[0] = "env";
    s->argv[1] = NULL;
    s->process.env = own;
    options.env = more;
    char *text = test_output(&s->spec, &options, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(text, "A=one\nB=three\nC=\n");
    free(text);
    s->process.env = NULL;
    text = output(s);
    assert_non_null(strstr(text, "PATH=/usr/local/sbin:"));
    assert_non_null(strstr(text, "HOME=/root\n"));
    assert_null(strstr(text, "LIBSCRATCH_TEST"));
    free(text);
    unsetenv("LIBSCRATCH_TEST");
}

/* ---- addresses ------------------------------------------------------------------------------- */

#define STACK "cat /proc/self/personality; grep '\\[stack\\]' /proc/self/maps | cut -d- -f1"

static void addresses_are_random(void **state)
{
    char *first = output(shell(STACK)), *second = output(shell(STACK));
    (void)state;
    assert_memory_equal(first, "00000000\n", 9);
    assert_string_not_equal(first, second);
    free(first);
    free(second);
}

static void addresses_are_not_random_where_the_callers_are_not(void **state)
{
    int before = personality(ADDR_NO_RANDOMIZE);
    (void)state;
    if (before < 0)
        TEST_SKIP("personality(2) is not allowed here");
    char *text = output(shell("cat /proc/self/personality"));
    personality((unsigned long)before);
    assert_string_equal(text, "00040000\n");
    free(text);
}

/* As the default filter of docker does; and what cannot be made fixed stays random. */
static void start_where_personality_is_forbidden(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_personality, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof code / sizeof *code, code};
    struct shell *s = shell("cat /proc/self/personality");
    int status;
    EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    EXPECT(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
    EXPECT(FAILS_WITH(personality(ADDR_NO_RANDOMIZE), EPERM));
    char *text = test_output(&s->spec, NULL, &status, &err);
    EXPECT_OK(status);
    EXPECT(status == 0 && strcmp(text, "00000000\n") == 0);
}

static void starts_need_no_personality(void **state)
{
    (void)state;
    TEST_IN_CHILD(start_where_personality_is_forbidden);
}

TEST_MAIN(the_defaults_are_safe, capabilities_are_those_asked_for, all_capabilities_are_the_callers,
          a_user_keeps_what_is_ambient_and_no_more, new_privileges_and_no_filter_are_had_by_asking,
          no_namespace_is_made_inside, the_command_is_root_inside,
          the_command_is_whom_it_was_asked_to_be, supplementary_groups_are_none_unless_given,
          ids_are_mapped_by_range, ones_own_id_may_have_another_number_inside,
          root_can_map_another_users_one_id, limits_hold, umask_and_directory_are_the_commands,
          the_environment_is_not_the_callers, addresses_are_random,
          addresses_are_not_random_where_the_callers_are_not, starts_need_no_personality)
