/* SPDX-License-Identifier: MIT */
/*
 * System call profiles by path, and filters that ask the caller, on the real kernel.
 */
#include "support/test.h"
#include "plan/listener.h"
#include "process/seccomp_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define PODMANS "/usr/share/containers/seccomp.json"

static struct scratch_error err;

/* A container whose command is a line of shell, under a profile. */
struct shell {
    const char *argv[4];
    struct scratch_process_options process;
    struct scratch_spec spec;
};

static struct shell *shell(const char *profile, const char *line)
{
    static struct shell s;
    if (!seccomp_cache_base)
        seccomp_cache_base = test_directory();
    s = (struct shell){.argv = {"/bin/sh", "-c", line, NULL},
                       .process = SCRATCH_PROCESS_OPTIONS_INIT,
                       .spec = SCRATCH_SPEC_INIT};
    s.process.argv = s.argv;
    s.process.seccomp = SCRATCH_SECCOMP_PROFILE;
    s.process.seccomp_profile = profile;
    s.spec.process = &s.process;
    return &s;
}

/* A file with a profile; the name is good until the next one. */
static const char *profile(const char *json)
{
    static char path[256];
    if (!*path)
        snprintf(path, sizeof path, "%s/profile.json", test_directory());
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    fputs(json, out);
    assert_int_equal(fclose(out), 0);
    return path;
}

static void prints(const struct shell *s, const char *expected)
{
    int status;
    char *text = test_output(&s->spec, NULL, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(text, expected);
    free(text);
}

static int status_of(const struct shell *s)
{
    int status;
    free(test_output(&s->spec, NULL, &status, &err));
    return status;
}

/* ---- actions --------------------------------------------------------------------------------- */

#define ON_MKDIR(action)                                                                           \
    "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"mkdir\", \"mkdirat\"]," \
    " " action "}]}"

static void an_errno_is_what_the_call_gives(void **state)
{
    const char *line = "mkdir /tmp/made-in-test 2>&1 | grep -o 'Level 3 halted'";
    (void)state;
    prints(shell(profile(ON_MKDIR("\"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 46")), line),
           "Level 3 halted\n");
    prints(shell(profile(ON_MKDIR("\"action\": \"SCMP_ACT_ERRNO\", \"errno\": \"EL3HLT\"")), line),
           "Level 3 halted\n");
    prints(shell(profile(ON_MKDIR("\"action\": \"SCMP_ACT_ERRNO\"")),
                 "mkdir /tmp/made-in-test 2>&1 | grep -o 'not permitted'"),
           "not permitted\n");
}

static void every_action_does_what_it_says(void **state)
{
    static const struct {
        const char *action;
        int status;
    } actions[] = {
        {"\"action\": \"SCMP_ACT_ALLOW\"", 0},
        {"\"action\": \"SCMP_ACT_LOG\"", 0},
        {"\"action\": \"SCMP_ACT_KILL\"", 128 + SIGSYS},
        {"\"action\": \"SCMP_ACT_KILL_THREAD\"", 128 + SIGSYS},
        {"\"action\": \"SCMP_ACT_KILL_PROCESS\"", 128 + SIGSYS},
        {"\"action\": \"SCMP_ACT_TRAP\"", 128 + SIGSYS},
        {"\"action\": \"SCMP_ACT_TRACE\", \"errnoRet\": 7", 1}, /* ENOSYS: nobody traces */
    };
    (void)state;
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        char json[512];
        snprintf(json, sizeof json, ON_MKDIR("%s"), actions[i].action);
        struct shell *s = shell(profile(json), "exec mkdir /tmp/made-in-test 2>/dev/null");
        if (status_of(s) != actions[i].status)
            fail_msg("%s: %d", actions[i].action, status_of(s));
    }
}

static void arguments_are_compared(void **state)
{
    /* umask(2) to 0777 fails; of two comparisons of one argument either will do. */
    static const char json[] =
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"name\": \"kill\", \"action\": "
        "\"SCMP_ACT_ERRNO\", \"errnoRet\": 46, \"args\": ["
        "{\"index\": 1, \"value\": 3, \"op\": \"SCMP_CMP_EQ\"},"
        "{\"index\": 1, \"value\": 60, \"valueTwo\": 8, \"op\": \"SCMP_CMP_MASKED_EQ\"}]}]}";
    (void)state;
    prints(shell(profile(json), "kill -0 $$ && echo 0; kill -3 $$ 2>/dev/null || echo 3; "
                                "kill -9 $$ 2>/dev/null || echo 9; kill -18 $$ && echo 18"),
           "0\n3\n9\n18\n");
}

/* ---- podman's own ---------------------------------------------------------------------------- */

static void podmans_profile_follows_the_capabilities(void **state)
{
    (void)state;
    if (access(PODMANS, R_OK) < 0)
        TEST_SKIP(PODMANS " is not there");
    prints(shell(PODMANS, "mkdir /tmp/made-in-test && chroot / echo made"), "made\n");
    struct shell *s = shell(PODMANS, "chroot / echo in 2>/dev/null || echo refused");
    s->process.capabilities &= ~SCRATCH_CAP(CAP_SYS_CHROOT);
    prints(s, "refused\n");
}

static void a_rule_depends_on_a_capability(void **state)
{
    static const char json[] =
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"unshare\"], "
        "\"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 46, \"excludes\": {\"caps\": "
        "[\"CAP_SYS_ADMIN\"]}}]}";
    (void)state;
    prints(shell(profile(json), "unshare -U true 2>&1 | grep -o 'Level 3 halted'"),
           "Level 3 halted\n");
    struct shell *s = shell(profile(json), "unshare -m echo allowed");
    s->process.capabilities |= SCRATCH_CAP(CAP_SYS_ADMIN);
    prints(s, "allowed\n");
}

/* ---- what scratch-init calls itself ---------------------------------------------------------- */

static void a_profile_need_not_allow_what_scratch_init_calls(void **state)
{
    static const char json[] =
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"sendto\", "
        "\"sendmsg\", \"rt_sigtimedwait\", \"prctl\", \"capset\", \"chdir\", \"umask\", \"ppoll\", "
        "\"setresuid\", \"setgroups\"], \"action\": \"SCMP_ACT_KILL_PROCESS\"}]}";
    struct shell *s = shell(profile(json), "touch /tmp/made-in-test; stat -c %a /tmp/made-in-test");
    (void)state;
    prints(s, "644\n");
    s->process.init = false;
    prints(s, "644\n");
}

static void an_exec_that_fails_is_told_all_the_same(void **state)
{
    static const char json[] =
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"sendto\", "
        "\"sendmsg\", \"exit_group\", \"exit\"], \"action\": \"SCMP_ACT_ERRNO\"}]}";
    struct shell *s = shell(profile(json), NULL);
    (void)state;
    s->argv[0] = "no-such-command";
    for (int init = 0; init < 2; init++) {
        s->process.init = init;
        assert_int_equal(status_of(s), -ENOENT);
        assert_string_equal(err.subject, "no-such-command");
        assert_int_equal(err.side, SCRATCH_SIDE_CONTAINER);
    }
}

static void pid_1_is_left_what_it_needs_to_reap(void **state)
{
    (void)state;
    prints(shell(profile("{\"defaultAction\": \"SCMP_ACT_ALLOW\"}"),
                 "(sleep 0.01 &) ; sleep 0.1; grep -E 'Name|Seccomp:' /proc/1/status"),
           "Name:\tscratch-init\nSeccomp:\t2\n");
}

/* ---- asking the caller ----------------------------------------------------------------------- */

#define ASK_ABOUT(calls)                                                                           \
    "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [" calls                   \
    "], \"action\": \"SCMP_ACT_NOTIFY\"}]}"
#define MKDIRS "\"mkdir\", \"mkdirat\""

/* How the caller answers. */
struct answer {
    int error; /* 0: it may go on */
    unsigned asked;
    long last; /* which call */
};

static void answer_one(int listener, struct answer *a)
{
    struct seccomp_notif asked = {0};
    struct seccomp_notif_resp response = {0};
    assert_int_equal(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked), 0);
    a->asked++;
    a->last = asked.data.nr;
    response.id = asked.id;
    response.error = -a->error;
    response.flags = a->error ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    assert_int_equal(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response), 0);
}

/* Run it and answer until it ends: its status. */
static int attend(const struct shell *s, struct answer *a)
{
    scratch_plan *plan;
    scratch_container *container;
    TEST_OK(scratch_plan_compile(&s->spec, &plan, &err), &err);
    int rc = scratch_plan_start(plan, NULL, &container, &err);
    scratch_plan_free(plan);
    if (rc < 0)
        return rc;
    int listener = scratch_container_seccomp_fd(container);
    assert_true(listener >= 0);
    assert_true(fcntl(listener, F_GETFD) & FD_CLOEXEC);
    struct pollfd fds[] = {{.fd = scratch_container_pidfd(container), .events = POLLIN},
                           {.fd = listener, .events = POLLIN}};
    while (poll(fds, 2, -1) > 0 && !fds[0].revents)
        if (fds[1].revents & POLLIN)
            answer_one(listener, a);
    rc = scratch_container_wait(container, &err);
    scratch_container_free(container);
    return rc;
}

static void a_caller_makes_up_an_error(void **state)
{
    struct answer a = {.error = EL3HLT};
    (void)state;
    struct shell *s = shell(
        profile(ASK_ABOUT(MKDIRS)),
        "mkdir /tmp/made-in-test 2>&1 | grep -q 'Level 3 halted' && test ! -e /tmp/made-in-test");
    for (int init = 0; init < 2; init++) {
        s->process.init = init;
        TEST_OK(attend(s, &a), &err);
        assert_int_equal(attend(s, &a), 0);
    }
    assert_int_equal(a.asked, 4);
}

static void a_caller_lets_a_call_go_on(void **state)
{
    struct answer a = {.error = 0};
    (void)state;
    struct shell *s =
        shell(profile(ASK_ABOUT(MKDIRS)), "mkdir /tmp/made-in-test && test -d /tmp/made-in-test");
    TEST_OK(attend(s, &a), &err);
    assert_int_equal(attend(s, &a), 0);
    assert_int_equal(a.asked, 2);
}

/* The start would wait for an answer that only its own caller can give. */
static void the_callers_answers_begin_with_the_command(void **state)
{
    static const char json[] =
        ASK_ABOUT("\"execve\", \"sendto\", \"sendmsg\", \"mmap\", \"rt_sigprocmask\", \"close\", "
                  "\"umask\", \"ppoll\", \"prctl\", \"setresuid\", \"capset\", \"chdir\"");
    struct answer a = {.error = 0};
    struct shell *s = shell(profile(json), "exit 7");
    (void)state;
    for (int init = 0; init < 2; init++) {
        s->process.init = init;
        assert_int_equal(attend(s, &a), 7);
        assert_true(a.asked > 0); /* the loader's mmap, at least */
    }
    if (!test_privileged())
        return;
    s->process.new_privileges = true; /* then the filter comes early */
    s->process.init = false;
    TEST_OK(attend(s, &a), &err);
}

static void an_exec_that_is_asked_about_and_fails_is_told(void **state)
{
    struct answer a = {.error = 0};
    struct shell *s = shell(profile(ASK_ABOUT("\"execve\", \"faccessat\", \"exit_group\"")), NULL);
    (void)state;
    s->argv[0] = "no-such-command";
    assert_int_equal(attend(s, &a), -ENOENT);
    assert_int_equal(a.asked, 0);
}

static void the_first_call_of_the_command_is_the_callers(void **state)
{
    (void)state;
    struct shell *s =
        shell(profile(ASK_ABOUT("\"brk\"")), "exit 0"); /* the dynamic loader's first */
    for (int i = 0; i < 20; i++) {
        struct answer a = {.error = 0};
        s->process.init = i % 2;
        assert_int_equal(attend(s, &a), 0);
        if (a.asked == 0)
            fail_msg("start %d answered for the command", i);
    }
}

/* What the start does while it waits, here for a timer, when a call is asked about. */
static unsigned left_to_the_caller(const scratch_container *container, bool executed)
{
    const struct itimerspec soon = {.it_value = {.tv_nsec = 100000000}};
    int ends[2], timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    assert_int_equal(timerfd_settime(timer, 0, &soon, NULL), 0);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    if (executed)
        close(ends[1]);
    const struct scratch_container starting = {.listener = scratch_container_seccomp_fd(container),
                                               .until_exec = ends[0]};
    listener_wait(&starting, timer);
    struct pollfd asked = {.fd = starting.listener, .events = POLLIN};
    int ready = poll(&asked, 1, 0);
    close(timer);
    close(ends[0]);
    if (!executed)
        close(ends[1]);
    return ready > 0 && asked.revents & POLLIN;
}

static void the_start_answers_until_the_exec_and_no_longer(void **state)
{
    struct answer a = {.error = 0};
    struct shell *s =
        shell(profile(ASK_ABOUT(MKDIRS)), "mkdir /tmp/made-in-test; mkdir /tmp/also-made");
    scratch_plan *plan;
    scratch_container *container;
    (void)state;
    TEST_OK(scratch_plan_compile(&s->spec, &plan, &err), &err);
    TEST_OK(scratch_plan_start(plan, NULL, &container, &err), &err);
    scratch_plan_free(plan);
    struct pollfd asked = {.fd = scratch_container_seccomp_fd(container), .events = POLLIN};
    assert_int_equal(poll(&asked, 1, -1), 1);
    assert_true(left_to_the_caller(container, true));
    answer_one(asked.fd, &a);
    assert_int_equal(poll(&asked, 1, -1), 1);
    assert_false(left_to_the_caller(container, false));
    assert_int_equal(scratch_container_wait(container, &err), 0);
    scratch_container_free(container);
}

/* Pid 1 closes its own when the exec has woken it, which the command may well be faster than. */
static void the_listener_does_not_go_to_the_command(void **state)
{
    struct answer a = {.error = 0};
    (void)state;
    struct shell *s =
        shell(profile(ASK_ABOUT(MKDIRS)),
              "test \"$(cd /proc/self/fd; echo *)\" = '0 1 2 3' || exit 1; "
              "for i in 1 2 3 4 5 6 7 8 9; do "
              "test \"$(cd /proc/1/fd; echo *)\" = '0 1 2' && exit 0; sleep 0.1; done; "
              "exit 2");
    assert_int_equal(attend(s, &a), 0);
}

static void without_such_a_rule_there_is_no_listener(void **state)
{
    struct shell *s = shell(profile("{\"defaultAction\": \"SCMP_ACT_ALLOW\"}"), "exit 0");
    scratch_plan *plan;
    scratch_container *container;
    (void)state;
    TEST_OK(scratch_plan_compile(&s->spec, &plan, &err), &err);
    TEST_OK(scratch_plan_start(plan, NULL, &container, &err), &err);
    scratch_plan_free(plan);
    assert_int_equal(scratch_container_seccomp_fd(container), -1);
    assert_int_equal(scratch_container_wait(container, &err), 0);
    scratch_container_free(container);
}

static void asking_about_pid_1_is_refused(void **state)
{
    struct shell *s = shell(profile(ASK_ABOUT(MKDIRS)), "exit 0");
    scratch_plan *plan;
    (void)state;
    s->process.new_privileges = true;
    if (!test_privileged())
        TEST_SKIP("new privileges and a filter need root");
    assert_int_equal(scratch_plan_compile(&s->spec, &plan, &err), -EINVAL);
    assert_non_null(strstr(err.cause, "pid 1"));
}

/* scratch-init tells by it why a command could not be executed. */
static void asking_about_write_is_refused(void **state)
{
    struct shell *s = shell(profile(ASK_ABOUT("\"read\", \"write\"")), "exit 0");
    scratch_plan *plan;
    (void)state;
    assert_int_equal(scratch_plan_compile(&s->spec, &plan, &err), -EINVAL);
    assert_string_equal(err.cause, "SCMP_ACT_NOTIFY cannot be used for the write syscall");
}

TEST_MAIN(an_errno_is_what_the_call_gives, every_action_does_what_it_says, arguments_are_compared,
          podmans_profile_follows_the_capabilities, a_rule_depends_on_a_capability,
          a_profile_need_not_allow_what_scratch_init_calls, an_exec_that_fails_is_told_all_the_same,
          pid_1_is_left_what_it_needs_to_reap, a_caller_makes_up_an_error,
          a_caller_lets_a_call_go_on, the_callers_answers_begin_with_the_command,
          an_exec_that_is_asked_about_and_fails_is_told,
          the_first_call_of_the_command_is_the_callers,
          the_start_answers_until_the_exec_and_no_longer, the_listener_does_not_go_to_the_command,
          without_such_a_rule_there_is_no_listener, asking_about_pid_1_is_refused,
          asking_about_write_is_refused)
