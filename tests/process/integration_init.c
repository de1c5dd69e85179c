/* SPDX-License-Identifier: MIT */
/*
 * scratch-init as pid 1: exit statuses, signals, orphans; and how a command ends.
 */
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct scratch_error err;

static scratch_container *start(const char *line, bool init, bool die_with_parent, int out)
{
    const char *const argv[] = {"/bin/sh", "-c", line, NULL};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    scratch_container *container;
    scratch_plan *plan;
    process.argv = argv;
    process.init = init;
    process.die_with_parent = die_with_parent;
    spec.process = &process;
    options.stdout_fd = out;
    TEST_OK(scratch_plan_compile(&spec, &plan, &err), &err);
    int rc = scratch_plan_start(plan, &options, &container, &err);
    scratch_plan_free(plan);
    TEST_OK(rc, &err);
    return container;
}

static int wait_for(scratch_container *container)
{
    int status = scratch_container_wait(container, &err);
    scratch_container_free(container);
    return status;
}

static int run(const char *line, bool init)
{
    return wait_for(start(line, init, false, -1));
}

/* ---- exit ------------------------------------------------------------------------------------ */

static void the_exit_status_is_the_commands(void **state)
{
    (void)state;
    for (int init = 0; init < 2; init++) {
        assert_int_equal(run("exit 0", init), 0);
        assert_int_equal(run("exit 7", init), 7);
        assert_int_equal(run("exit 255", init), 255);
    }
}

static void a_signal_that_ends_the_command_is_its_status(void **state)
{
    (void)state;
    assert_int_equal(run("kill -TERM $$", true), 128 + SIGTERM);
    assert_int_equal(run("kill -KILL $$", true), 128 + SIGKILL);
    assert_int_equal(run("kill -SEGV $$", true), 128 + SIGSEGV);
}

static int start_command(const char *command)
{
    const char *const argv[] = {command, NULL};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    process.argv = argv;
    spec.process = &process;
    return scratch_run(&spec, NULL, &err);
}

static void a_command_that_is_not_there_is_named(void **state)
{
    (void)state;
    assert_int_equal(start_command("no-such-command"), -ENOENT);
    assert_string_equal(err.subject, "no-such-command");
    assert_int_equal(start_command("/no/such/command"), -ENOENT);
    assert_int_equal(start_command("/etc/passwd"), -EACCES);
    assert_int_equal(start_command("/"), -EACCES);
}

/* ---- pid 1 ----------------------------------------------------------------------------------- */

static void orphans_are_reaped(void **state)
{
    (void)state;
    /* The grandchild loses its parent at once, and ends a little later. */
    assert_int_equal(run("(sleep 0.05 &); sleep 0.2;"
                         "for s in /proc/[0-9]*/stat; do"
                         "  read -r line <$s && case $line in *') Z '*) exit 1;; esac;"
                         "done; exit 0",
                         true),
                     0);
}

static void the_end_of_an_orphan_is_not_the_commands(void **state)
{
    (void)state;
    assert_int_equal(run("(exit 3 &); sleep 0.1; exit 4", true), 4);
}

static void the_command_is_not_pid_1_unless_it_is_asked_to_be(void **state)
{
    (void)state;
    assert_int_equal(run("test $$ != 1", true), 0);
    assert_int_equal(run("test $$ = 1", false), 0);
}

static void signals_are_handed_on(void **state)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGUSR1, SIGWINCH};
    (void)state;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        char line[128], ready;
        int ends[2];
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        snprintf(line, sizeof line, "trap 'exit 42' %d; echo; while :; do sleep 0.02; done",
                 signals[i]);
        scratch_container *container = start(line, true, false, ends[1]);
        close(ends[1]);
        assert_int_equal(read(ends[0], &ready, 1), 1);
        TEST_OK(scratch_container_signal(container, signals[i], &err), &err);
        assert_int_equal(wait_for(container), 42);
        close(ends[0]);
    }
}

static void a_command_without_handlers_can_be_ended(void **state)
{
    char ready;
    int ends[2];
    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    scratch_container *container = start("echo; exec sleep 60", true, false, ends[1]);
    close(ends[1]);
    assert_int_equal(read(ends[0], &ready, 1), 1);
    TEST_OK(scratch_container_signal(container, SIGTERM, &err), &err);
    assert_int_equal(wait_for(container), 128 + SIGTERM);
    close(ends[0]);
}

/* ---- die_with_parent ------------------------------------------------------------------------- */

static void a_container_ends_with_its_parent_when_asked_to(void **state)
{
    int ends[2];
    char ready;
    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t parent = fork();
    if (parent == 0) {
        start("echo; exec sleep 60", true, true, ends[1]);
        pause();
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &ready, 1), 1);
    kill(parent, SIGKILL);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    /* The pipe's last writer is gone: the command has ended. */
    struct pollfd end = {ends[0], POLLIN, 0};
    assert_int_equal(poll(&end, 1, 5000), 1);
    assert_int_equal(read(ends[0], &ready, 1), 0);
    close(ends[0]);
}

TEST_MAIN(the_exit_status_is_the_commands, a_signal_that_ends_the_command_is_its_status,
          a_command_that_is_not_there_is_named, orphans_are_reaped,
          the_end_of_an_orphan_is_not_the_commands,
          the_command_is_not_pid_1_unless_it_is_asked_to_be, signals_are_handed_on,
          a_command_without_handlers_can_be_ended, a_container_ends_with_its_parent_when_asked_to)
