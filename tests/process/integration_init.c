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
#include <time.h>
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
    assert_int_equal(run("(sleep 0.05 &); sleep 0.2; n=0; while [ $n -lt 300 ]; do z=0;"
                         "for s in /proc/[0-9]*/stat; do"
                         "  read -r line <$s && case $line in *') Z '*) z=1;; esac;"
                         "done; [ $z = 1 ] || exit 0; sleep 0.1; n=$((n + 1)); done; exit 1",
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
    assert_int_equal(poll(&end, 1, 60000), 1);
    assert_int_equal(read(ends[0], &ready, 1), 0);
    close(ends[0]);
}

/* ---- a process that another goes with -------------------------------------------------------- */

static scratch_container *start_follower(const char *line, int pidfd, uint64_t namespaces)
{
    const char *const argv[] = {"/bin/sh", "-c", line, NULL};
    struct scratch_namespace_options options = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    scratch_container *container;
    scratch_plan *plan;
    options.create = namespaces;
    rootfs.kind = SCRATCH_ROOTFS_UNCHANGED;
    process.argv = argv;
    process.uid = namespaces ? 0 : geteuid();
    process.gid = namespaces ? 0 : getegid();
    process.seccomp = SCRATCH_SECCOMP_NONE;
    process.capabilities = namespaces ? SCRATCH_CAP_DEFAULT : SCRATCH_CAP_ALL;
    process.follow_pidfd = pidfd;
    spec.namespaces = &options;
    spec.rootfs = &rootfs;
    spec.process = &process;
    TEST_OK(scratch_plan_compile(&spec, &plan, &err), &err);
    int rc = scratch_plan_start(plan, NULL, &container, &err);
    scratch_plan_free(plan);
    TEST_OK(rc, &err);
    return container;
}

/* Without a namespace, and as pid 1 of one. */
static void a_follower_ends_with_the_process_that_it_follows(void **state)
{
    static const uint64_t namespaces[] = {0, SCRATCH_NS_PID};
    (void)state;
    for (int i = 0; i < 2; i++) {
        scratch_container *followed = start("sleep 60", true, false, -1);
        int pidfd = scratch_container_pidfd(followed);
        scratch_container *follower = start_follower("exec sleep 60", pidfd, namespaces[i]);
        struct pollfd end = {scratch_container_pidfd(follower), POLLIN, 0};
        assert_int_equal(poll(&end, 1, 100), 0);
        TEST_OK(scratch_container_signal(followed, SIGKILL, &err), &err);
        assert_int_equal(poll(&end, 1, 60000), 1);
        assert_int_equal(wait_for(follower), 128 + SIGKILL);
        assert_int_equal(wait_for(followed), 128 + SIGKILL);
    }
}

static void a_follower_has_its_own_end_too(void **state)
{
    (void)state;
    scratch_container *followed = start("sleep 60", true, false, -1);
    int pidfd = scratch_container_pidfd(followed);
    assert_int_equal(wait_for(start_follower("exit 7", pidfd, 0)), 7);
    const char *directory = test_directory();
    char line[1024], ready[512];
    snprintf(ready, sizeof ready, "%s/ready", directory);
    snprintf(line, sizeof line, "trap 'exit 9' TERM; : >%s; while :; do sleep 0.01; done", ready);
    scratch_container *follower = start_follower(line, pidfd, 0);
    for (int i = 0; i < 6000 && access(ready, F_OK) < 0; i++)
        usleep(10000);
    TEST_OK(scratch_container_signal(follower, SIGTERM, &err), &err);
    assert_int_equal(wait_for(follower), 9);
    TEST_OK(scratch_container_signal(followed, SIGKILL, &err), &err);
    assert_int_equal(wait_for(followed), 128 + SIGKILL);
}

TEST_MAIN(the_exit_status_is_the_commands, a_signal_that_ends_the_command_is_its_status,
          a_command_that_is_not_there_is_named, orphans_are_reaped,
          the_end_of_an_orphan_is_not_the_commands,
          the_command_is_not_pid_1_unless_it_is_asked_to_be, signals_are_handed_on,
          a_command_without_handlers_can_be_ended, a_container_ends_with_its_parent_when_asked_to,
          a_follower_ends_with_the_process_that_it_follows, a_follower_has_its_own_end_too)
