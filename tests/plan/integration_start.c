/* SPDX-License-Identifier: MIT */
/*
 * What the starter of a container can rely on: its status, its pidfd, its streams and its fds.
 */
#include "plan/minimal.h"
#include "support/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOON_MS 60000

static int run_shell(const char *script, bool init)
{
    return minimal_end(minimal_start(script, init));
}

/* ---- the end -------------------------------------------------------------------------------- */

static void the_status_is_the_commands_own(void **state)
{
    (void)state;
    for (int init = 0; init < 2; init++) {
        assert_int_equal(run_shell("exit 0", init), 0);
        assert_int_equal(run_shell("exit 7", init), 7);
        assert_int_equal(run_shell("exit 255", init), 255);
    }
}

static void a_signal_is_128_and_its_number(void **state)
{
    (void)state;
    assert_int_equal(run_shell("kill -TERM $$", true), 128 + SIGTERM);
    assert_int_equal(run_shell("kill -KILL $$", true), 128 + SIGKILL);
    for (int init = 0; init < 2; init++) {
        scratch_container *c = minimal_start("sleep 100", init);
        assert_int_equal(scratch_container_signal(c, SIGKILL, NULL), 0);
        assert_int_equal(minimal_end(c), 128 + SIGKILL);
    }
}

static void the_status_can_be_asked_for_twice(void **state)
{
    struct scratch_error err;
    scratch_container *c = minimal_start("exit 9", true);
    (void)state;
    assert_int_equal(scratch_container_wait(c, &err), 9);
    assert_int_equal(scratch_container_wait(c, &err), 9);
    assert_int_equal(scratch_container_signal(c, SIGTERM, &err), -ESRCH);
    scratch_container_free(c);
}

static void the_pidfd_is_readable_at_the_end_and_not_before(void **state)
{
    int ends[2];
    struct minimal m;
    struct scratch_error err;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    scratch_container *c;
    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    minimal_shell(&m, "read line; exit 3");
    scratch_plan *plan = minimal_compile(&m);
    options.stdin_fd = ends[0];
    TEST_OK(scratch_plan_start(plan, &options, &c, &err), &err);
    struct pollfd end = {scratch_container_pidfd(c), POLLIN, 0};
    assert_true(fcntl(end.fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(poll(&end, 1, 50), 0);
    close(ends[1]);
    assert_int_equal(poll(&end, 1, SOON_MS), 1);
    assert_int_equal(minimal_end(c), 3);
    close(ends[0]);
    scratch_plan_free(plan);
}

static void a_caller_that_ignores_sigchld_gets_echild(void **state)
{
    (void)state;
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);
    for (int init = 0; init < 2; init++) {
        assert_int_equal(run_shell("exit 5", init), -ECHILD);
        scratch_container *c = minimal_start("sleep 100", init);
        scratch_container_signal(c, SIGKILL, NULL);
        assert_int_equal(minimal_end(c), -ECHILD);
    }
    signal(SIGCHLD, before);
}

static void a_status_that_somebody_else_took_is_echild(void **state)
{
    int status;
    scratch_container *c = minimal_start("exit 5", true);
    (void)state;
    assert_int_equal(waitpid(-1, &status, 0), scratch_container_pid(c));
    assert_int_equal(WEXITSTATUS(status), 5);
    assert_int_equal(minimal_end(c), -ECHILD);
}

static void the_plan_may_be_freed_before_its_container(void **state)
{
    struct minimal m;
    scratch_container *c[3];
    (void)state;
    minimal_shell(&m, "sleep 0.1; exit 4");
    scratch_plan *plan = minimal_compile(&m);
    for (int i = 0; i < 3; i++)
        assert_int_equal(scratch_plan_start(plan, NULL, &c[i], NULL), 0);
    scratch_plan_free(plan);
    for (int i = 0; i < 3; i++)
        assert_int_equal(minimal_end(c[i]), 4);
}

/* ---- standard streams and other fds --------------------------------------------------------- */

/* Exits with the number of fds that it has, or 99 when one of the three streams is missing. */
static const char count_fds[] = "for n in 0 1 2; do [ -e /proc/self/fd/$n ] || exit 99; done; "
                                "set -- /proc/self/fd/*; exit $(($# - 1))"; /* less the glob's */

/* The same where all three must be /dev/null: 77 when they are. */
static const char all_null[] = "for n in 0 1 2; do "
                               "[ /proc/self/fd/$n -ef /dev/null ] || exit $n; done; exit 77";

/* Run a function in a child of ours, so that it may break its process; its exit status. */
static int in_child(int (*function)(void))
{
    pid_t pid = fork();
    int status;
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(SOON_MS / 1000);
        _exit(function());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_in_child(const char *script, bool init)
{
    struct minimal m;
    minimal_shell(&m, script);
    m.process.init = init;
    int rc = scratch_run(&m.spec, NULL, NULL);
    return rc < 0 ? 100 - rc : rc;
}

static void the_streams_given_are_the_commands(void **state)
{
    int in[2], out[2], error[2];
    char text[32] = {0}, complaint[32] = {0};
    struct minimal m;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    scratch_container *c;
    (void)state;
    assert_true(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, 0) == 0 && pipe2(error, O_CLOEXEC) == 0);
    minimal_shell(&m, "read line; echo \"got $line\"; echo bad >&2");
    scratch_plan *plan = minimal_compile(&m);
    options.stdin_fd = in[0];
    options.stdout_fd = out[1];
    options.stderr_fd = error[1];
    assert_int_equal(scratch_plan_start(plan, &options, &c, NULL), 0);
    assert_int_equal(write(in[1], "hello\n", 6), 6);
    assert_int_equal(minimal_end(c), 0);
    assert_int_equal(read(out[0], text, sizeof text - 1), 10);
    assert_int_equal(read(error[0], complaint, sizeof complaint - 1), 4);
    assert_string_equal(text, "got hello\n");
    assert_string_equal(complaint, "bad\n");
    for (int i = 0; i < 2; i++) {
        close(in[i]);
        close(out[i]);
        close(error[i]);
    }
    scratch_plan_free(plan);
}

static int swap_streams(void)
{
    struct minimal m;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    int ends[2];
    char text[16] = {0};
    if (pipe(ends) != 0 || dup3(ends[0], 0, O_CLOEXEC) != 0 || dup3(ends[1], 1, O_CLOEXEC) != 1)
        return 90;
    minimal_shell(&m, "echo x >&0; echo y >&2"); /* the two are the pipe's other ends */
    options.stdin_fd = 1;
    options.stdout_fd = 0;
    options.stderr_fd = 1;
    int rc = scratch_run(&m.spec, &options, NULL);
    return rc == 0 && read(0, text, sizeof text) == 4 && strcmp(text, "x\ny\n") == 0 ? 0 : 91;
}

static void streams_may_be_given_crosswise_and_close_on_exec(void **state)
{
    (void)state;
    assert_int_equal(in_child(swap_streams), 0);
}

static int give_own_streams(void)
{
    struct minimal m;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    for (int fd = 0; fd < 3; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    options.stdin_fd = 0;
    options.stdout_fd = 1;
    options.stderr_fd = 2;
    minimal_shell(&m, count_fds);
    return scratch_run(&m.spec, &options, NULL);
}

static void a_stream_that_is_given_is_there_even_if_it_is_close_on_exec(void **state)
{
    (void)state;
    assert_int_equal(in_child(give_own_streams), 3);
}

static void a_stream_that_is_not_open_is_refused(void **state)
{
    struct minimal m;
    struct scratch_error err;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    scratch_container *c;
    (void)state;
    minimal_shell(&m, "exit 0");
    scratch_plan *plan = minimal_compile(&m);
    options.stdout_fd = 987;
    assert_int_equal(scratch_plan_start(plan, &options, &c, &err), -EBADF);
    assert_non_null(strstr(err.subject, "987"));
    scratch_plan_free(plan);
}

static int closed; /* a bit for each stream that is closed */

static int run_with_closed_streams(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (closed & 1 << fd)
            close(fd);
    for (int init = 0; init < 2; init++) {
        int count = run_in_child(count_fds, init);
        if (count != 3)
            return count;
    }
    return closed == 7 ? run_in_child(all_null, true) : 77;
}

static void closed_streams_become_dev_null_and_none_of_ours(void **state)
{
    (void)state;
    for (closed = 0; closed < 8; closed++)
        assert_int_equal(in_child(run_with_closed_streams), 77);
}

static void no_other_fd_gets_in(void **state)
{
    static const int numbers[] = {3, 4, 5, 6, 9, 70, 400};
    int fds[sizeof numbers / sizeof *numbers];
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        fds[i] = fcntl(0, F_DUPFD, numbers[i]); /* not CLOEXEC */
        assert_true(fds[i] >= numbers[i]);
    }
    assert_int_equal(run_shell(count_fds, true), 3);
    assert_int_equal(run_shell(count_fds, false), 3);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        close(fds[i]);
}

/* ---- what differs between two starts -------------------------------------------------------- */

static char *start_output(const struct minimal *m, const struct scratch_start_options *options)
{
    int status;
    struct scratch_error err;
    char *text = test_output(&m->spec, options, &status, &err);
    TEST_OK(status, &err);
    return text;
}

static void the_starts_environment_replaces_the_plans(void **state)
{
    static const char *const env[] = {"A=plan", "B=plan", "AB=plan", NULL};
    static const char *const extra[] = {"A=start", "C=", "PATH=/bin", NULL};
    struct minimal m;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    (void)state;
    minimal_begin(&m, (const char *const[]){"/usr/bin/env", NULL});
    m.process.env = env;
    options.env = extra;
    char *text = start_output(&m, &options);
    assert_string_equal(text, "B=plan\nAB=plan\nA=start\nC=\nPATH=/bin\n");
    free(text);
    text = start_output(&m, NULL);
    assert_string_equal(text, "A=plan\nB=plan\nAB=plan\n");
    free(text);
}

static int start_with(const scratch_plan *plan, const struct scratch_start_options *options,
                      struct scratch_error *err)
{
    scratch_container *c;
    int rc = scratch_plan_start(plan, options, &c, err);
    assert_true(rc == 0 ? c != NULL : c == NULL);
    return rc < 0 ? rc : minimal_end(c);
}

static void an_environment_without_a_name_is_refused(void **state)
{
    static const char *const bad[] = {"NAME", "=value", "", NULL};
    struct minimal m;
    (void)state;
    minimal_shell(&m, "exit 0");
    scratch_plan *plan = minimal_compile(&m);
    for (const char *const *v = bad; *v; v++) {
        struct scratch_error err;
        struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
        const char *const env[] = {"GOOD=1", *v, NULL};
        options.env = env;
        assert_int_equal(start_with(plan, &options, &err), -EINVAL);
        assert_string_equal(err.subject, *v);
    }
    scratch_plan_free(plan);
}

static void an_id_is_a_file_name(void **state)
{
    static const char *const bad[] = {"", ".", "..", ".x", "-x", "a/b", "a b", "\xc3\xa4", "a\n"};
    char longest[130];
    struct minimal m;
    struct scratch_error err;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    (void)state;
    minimal_shell(&m, "exit 0");
    scratch_plan *plan = minimal_compile(&m);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        options.id = bad[i];
        assert_int_equal(start_with(plan, &options, &err), -EINVAL);
        assert_string_equal(err.subject, bad[i]);
    }
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    options.id = longest;
    assert_int_equal(start_with(plan, &options, &err), -EINVAL);
    options.id = longest + 1;
    TEST_OK(start_with(plan, &options, &err), &err);
    scratch_plan_free(plan);
}

static void an_id_is_kept_or_made_up(void **state)
{
    struct minimal m;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    scratch_container *a, *b;
    (void)state;
    minimal_shell(&m, "exit 0");
    scratch_plan *plan = minimal_compile(&m);
    options.id = "a.good_one-2";
    assert_int_equal(scratch_plan_start(plan, &options, &a, NULL), 0);
    assert_string_equal(scratch_container_id(a), "a.good_one-2");
    minimal_end(a);
    assert_int_equal(scratch_plan_start(plan, NULL, &a, NULL), 0);
    assert_int_equal(scratch_plan_start(plan, NULL, &b, NULL), 0);
    assert_string_not_equal(scratch_container_id(a), scratch_container_id(b));
    minimal_end(a);
    minimal_end(b);
    scratch_plan_free(plan);
}

static void the_host_name_is_a_slot(void **state)
{
    struct minimal m;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    (void)state;
    minimal_begin(&m, (const char *const[]){"/bin/uname", "-n", NULL});
    m.namespaces.create |= SCRATCH_NS_UTS;
    m.namespaces.hostname = "of-the-plan";
    char *text = start_output(&m, NULL);
    assert_string_equal(text, "of-the-plan\n");
    free(text);
    options.hostname = "of-the-start";
    text = start_output(&m, &options);
    assert_string_equal(text, "of-the-start\n");
    free(text);
}

static void a_slot_that_the_plan_does_not_have_is_refused(void **state)
{
    struct minimal m;
    struct scratch_start_options options[3] = {
        SCRATCH_START_OPTIONS_INIT, SCRATCH_START_OPTIONS_INIT, SCRATCH_START_OPTIONS_INIT};
    (void)state;
    options[0].hostname = "nowhere";
    options[1].upper = "nowhere";
    options[2].work = "nowhere";
    minimal_shell(&m, "exit 0");
    scratch_plan *plan = minimal_compile(&m);
    for (int i = 0; i < 3; i++) {
        struct scratch_error err;
        assert_int_equal(start_with(plan, &options[i], &err), -EINVAL);
        assert_string_equal(err.subject, "nowhere");
    }
    scratch_plan_free(plan);
}

/* Write a file into an overlay; the paths of the start, or NULL. */
static int write_into_overlay(const scratch_plan *plan, const char *upper, const char *work)
{
    struct scratch_error err;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    options.upper = upper;
    options.work = work;
    return start_with(plan, &options, &err);
}

static bool was_written(const char *upper)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/written", upper);
    return unlink(path) == 0;
}

static void upper_and_work_are_slots(void **state)
{
    struct minimal m;
    const char *lower = test_rootfs(), *base = test_directory();
    const char *upper = test_make_directory(base, "upper");
    const char *work = test_make_directory(base, "work");
    const char *other_upper = test_make_directory(base, "other-upper");
    const char *other_work = test_make_directory(base, "other-work");
    scratch_container *c;
    (void)state;
    if (!test_privileged())
        TEST_SKIP("what an overlay's work directory holds in the end is not an ordinary user's");
    minimal_begin(&m, (const char *const[]){"touch", "/written", NULL});
    m.rootfs = (struct scratch_rootfs_options)SCRATCH_ROOTFS_OPTIONS_INIT;
    m.rootfs.kind = SCRATCH_ROOTFS_OVERLAY;
    m.rootfs.lowers = &lower;
    m.rootfs.lower_count = 1;
    m.rootfs.upper = upper;
    m.rootfs.work = work;
    scratch_plan *plan = minimal_compile(&m);
    assert_int_equal(write_into_overlay(plan, NULL, NULL), 0);
    assert_true(was_written(upper));
    assert_int_equal(write_into_overlay(plan, other_upper, other_work), 0);
    assert_true(was_written(other_upper));
    assert_false(was_written(upper));

    assert_int_equal(scratch_plan_start(plan, NULL, &c, NULL), 0);
    assert_int_equal(write_into_overlay(plan, NULL, NULL), -EBUSY);
    assert_int_equal(write_into_overlay(plan, other_upper, other_work), 0);
    assert_int_equal(minimal_end(c), 0);
    assert_int_equal(write_into_overlay(plan, NULL, NULL), 0);
    scratch_plan_free(plan);
}

static void an_id_that_has_a_group_is_taken(void **state)
{
    struct minimal m;
    struct scratch_error err;
    struct scratch_cgroup_options cgroup = SCRATCH_CGROUP_OPTIONS_INIT;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    scratch_container *c;
    char id[64];
    (void)state;
    if (!test_privileged())
        TEST_SKIP("the groups are root's");
    snprintf(id, sizeof id, "taken-%d", (int)getpid());
    options.id = id;
    cgroup.pids_max = 20;
    minimal_shell(&m, "exit 0");
    m.spec.cgroup = &cgroup;
    scratch_plan *plan = minimal_compile(&m);
    TEST_OK(scratch_plan_start(plan, &options, &c, &err), &err);
    assert_int_equal(start_with(plan, &options, &err), -EEXIST);
    assert_non_null(strstr(err.what, id));
    assert_int_equal(minimal_end(c), 0);
    TEST_OK(start_with(plan, &options, &err), &err);
    scratch_plan_free(plan);
}

static void options_of_another_size_are_refused(void **state)
{
    struct minimal m;
    struct scratch_error err;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    (void)state;
    minimal_shell(&m, "exit 0");
    scratch_plan *plan = minimal_compile(&m);
    options.size++;
    assert_int_equal(start_with(plan, &options, &err), -EINVAL);
    options.size = 0;
    assert_int_equal(start_with(plan, &options, &err), -EINVAL);
    options.size = offsetof(struct scratch_start_options, upper); /* of older headers */
    TEST_OK(start_with(plan, &options, &err), &err);
    scratch_plan_free(plan);
}

/* ---- open files ------------------------------------------------------------------------------ */

/* In whatever order they are, and wherever scratch-init has its own. */
static void files_are_handed_over_in_their_order(void **state)
{
    struct minimal m;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    struct scratch_error err;
    int pipes[32][2], fds[32], status;
    (void)state;
    for (int i = 0; i < 32; i++) {
        assert_int_equal(pipe2(pipes[i], O_CLOEXEC), 0);
        fds[31 - i] = pipes[i][1];
    }
    minimal_shell(&m, "for i in 3 4 33 34; do echo $i >/proc/self/fd/$i || exit; done; "
                      "ls /proc/self/fd | wc -l");
    options.fds = fds;
    options.fd_count = 32;
    char *out = test_output(&m.spec, &options, &status, &err);
    assert_int_equal(status, 0);
    assert_string_equal(out, "36\n"); /* and that of ls itself */
    free(out);
    static const struct {
        int pipe;
        const char *text;
    } expected[] = {{31, "3\n"}, {30, "4\n"}, {1, "33\n"}, {0, "34\n"}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        char text[8] = "";
        assert_true(read(pipes[expected[i].pipe][0], text, sizeof text - 1) > 0);
        assert_string_equal(text, expected[i].text);
    }
    for (int i = 0; i < 32; i++) {
        close(pipes[i][0]);
        close(pipes[i][1]);
    }
}

/* An exec that fails is told, though a file is where the socket was. */
static void a_command_that_is_not_there_is_told_with_files(void **state)
{
    static const char *const argv[] = {"/no/such/command", NULL};
    static const int fds[] = {0, 1, 2};
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    struct scratch_error err;
    struct minimal m;
    (void)state;
    options.fds = fds;
    options.fd_count = 3;
    for (int init = 0; init < 2; init++) {
        minimal_begin(&m, argv);
        m.process.init = init;
        assert_int_equal(scratch_run(&m.spec, &options, &err), -ENOENT);
        assert_string_equal(err.subject, "/no/such/command");
    }
}

static void files_that_cannot_be_handed_over_are_refused(void **state)
{
    static const int missing[] = {0, 999};
    static const int many[1025];
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    struct scratch_error err;
    struct minimal m;
    (void)state;
    minimal_shell(&m, "true");
    options.fds = missing;
    options.fd_count = 2;
    assert_int_equal(scratch_run(&m.spec, &options, &err), -EBADF);
    assert_string_equal(err.subject, "999");
    options.fds = many;
    options.fd_count = 1025;
    assert_int_equal(scratch_run(&m.spec, &options, &err), -E2BIG);
}

TEST_MAIN(the_status_is_the_commands_own, a_signal_is_128_and_its_number,
          the_status_can_be_asked_for_twice, the_pidfd_is_readable_at_the_end_and_not_before,
          a_caller_that_ignores_sigchld_gets_echild, a_status_that_somebody_else_took_is_echild,
          the_plan_may_be_freed_before_its_container, the_streams_given_are_the_commands,
          streams_may_be_given_crosswise_and_close_on_exec,
          a_stream_that_is_given_is_there_even_if_it_is_close_on_exec,
          a_stream_that_is_not_open_is_refused, closed_streams_become_dev_null_and_none_of_ours,
          no_other_fd_gets_in, the_starts_environment_replaces_the_plans,
          an_environment_without_a_name_is_refused, an_id_is_a_file_name, an_id_is_kept_or_made_up,
          the_host_name_is_a_slot, a_slot_that_the_plan_does_not_have_is_refused,
          upper_and_work_are_slots, an_id_that_has_a_group_is_taken,
          options_of_another_size_are_refused, files_are_handed_over_in_their_order,
          a_command_that_is_not_there_is_told_with_files,
          files_that_cannot_be_handed_over_are_refused)
