/* SPDX-License-Identifier: MIT */
/*
 * Who ends with whom: the command, scratch-init, its orphans, the caller.
 */
#include "plan/minimal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <pthread.h>
#include <unistd.h>

#define SOON_MS 60000

/* Long enough to be there, short enough to be gone by itself if a test fails. */
#define STAY "sleep 300"

static bool ends_soon(int pidfd, int milliseconds)
{
    struct pollfd end = {pidfd, POLLIN, 0};
    return poll(&end, 1, milliseconds) == 1;
}

static int open_process(pid_t pid)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    assert_true(pidfd >= 0);
    assert_int_equal(fcntl(pidfd, F_SETFD, FD_CLOEXEC), 0);
    return pidfd;
}

/* The children of a process, as the kernel lists them: at most max of them; how many there are. */
static int children_of(pid_t pid, pid_t *children, int max)
{
    char path[64];
    int count = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    for (int child; fscanf(in, "%d", &child) == 1; count++)
        if (count < max)
            children[count] = child;
    fclose(in);
    return count;
}

/* Wait until a process has so many children. */
static bool comes_to_have(pid_t pid, int count)
{
    for (int i = 0; i < SOON_MS / 10; i++) {
        if (children_of(pid, NULL, 0) == count)
            return true;
        usleep(10000);
    }
    return false;
}

/* A container whose script has written a line: it is well past its start. */
static scratch_container *start_and_hear(const char *script, bool init, bool die_with_parent)
{
    struct minimal m;
    struct scratch_error err;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    scratch_container *c;
    char byte;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    minimal_shell(&m, script);
    m.process.init = init;
    m.process.die_with_parent = die_with_parent;
    scratch_plan *plan = minimal_compile(&m);
    options.stdout_fd = ends[1];
    TEST_OK(scratch_plan_start(plan, &options, &c, &err), &err);
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    scratch_plan_free(plan);
    return c;
}

/* ---- inside --------------------------------------------------------------------------------- */

static void the_command_is_pid_1_without_init_and_2_with_it(void **state)
{
    (void)state;
    assert_int_equal(minimal_end(minimal_start("exit $$", false)), 1);
    assert_int_equal(minimal_end(minimal_start("exit $$", true)), 2);
}

static void init_hands_signals_on(void **state)
{
    static const int signals[] = {SIGTERM,  SIGINT,  SIGHUP,  SIGUSR1, SIGUSR2,
                                  SIGWINCH, SIGQUIT, SIGTSTP, SIGCONT};
    (void)state;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        char script[128];
        snprintf(script, sizeof script,
                 "trap 'exit 33' %d; echo ready; while :; do sleep 0.02; done", signals[i]);
        scratch_container *c = start_and_hear(script, true, false);
        assert_int_equal(scratch_container_signal(c, signals[i], NULL), 0);
        assert_int_equal(minimal_end(c), 33);
    }
}

static void a_signal_without_a_handler_ends_the_command_under_init(void **state)
{
    (void)state;
    scratch_container *c = start_and_hear("echo ready; exec " STAY, true, false);
    assert_int_equal(scratch_container_signal(c, SIGTERM, NULL), 0);
    assert_int_equal(minimal_end(c), 128 + SIGTERM);
}

static void init_stops_and_continues_the_command(void **state)
{
    char path[64], line[256];
    pid_t command;
    (void)state;
    /* A stop from the terminal is ignored in an orphaned process group: setpgid(2). */
    setpgid(0, 0);
    if (getsid(getppid()) != getsid(0))
        TEST_SKIP("the tests' own process group is an orphan, in which nothing stops");
    scratch_container *c = start_and_hear("echo ready; exec " STAY, true, false);
    assert_int_equal(children_of(scratch_container_pid(c), &command, 1), 1);
    assert_int_equal(scratch_container_signal(c, SIGTSTP, NULL), 0);
    snprintf(path, sizeof path, "/proc/%d/stat", command);
    char letter = '?';
    for (int i = 0; i < SOON_MS / 10 && letter != 'T'; i++) {
        FILE *in = fopen(path, "re");
        assert_non_null(in);
        assert_non_null(fgets(line, sizeof line, in));
        letter = strrchr(line, ')')[2];
        fclose(in);
        usleep(10000);
    }
    assert_int_equal(letter, 'T');
    assert_int_equal(scratch_container_signal(c, SIGCONT, NULL), 0);
    assert_int_equal(scratch_container_signal(c, SIGTERM, NULL), 0);
    assert_int_equal(minimal_end(c), 128 + SIGTERM);
}

static void init_reaps_orphans(void **state)
{
    (void)state;
    scratch_container *c = start_and_hear(
        "for i in 1 2 3 4 5; do (sleep 0.2 & exec true); done; echo ready; exec " STAY, true,
        false);
    assert_true(comes_to_have(scratch_container_pid(c), 1));
    scratch_container_signal(c, SIGKILL, NULL);
    minimal_end(c);
}

static void the_end_of_the_command_is_the_end_of_all(void **state)
{
    pid_t children[2];
    (void)state;
    scratch_container *c = start_and_hear(
        "(" STAY " & exec true); trap 'exit 6' TERM; echo ready; while :; do sleep 0.02; done",
        true, false);
    assert_true(comes_to_have(scratch_container_pid(c), 2));
    children_of(scratch_container_pid(c), children, 2);
    int pidfd = open_process(children[1]); /* the orphan: it came to init later */
    assert_int_equal(scratch_container_signal(c, SIGTERM, NULL), 0);
    assert_int_equal(minimal_end(c), 6);
    assert_true(ends_soon(pidfd, 0));
    close(pidfd);
}

static void killing_init_kills_all(void **state)
{
    pid_t children[3];
    int pidfd[3];
    (void)state;
    scratch_container *c = start_and_hear(
        "(" STAY " & exec true); (" STAY " & exec true); echo ready; exec " STAY, true, false);
    assert_true(comes_to_have(scratch_container_pid(c), 3));
    children_of(scratch_container_pid(c), children, 3);
    for (int i = 0; i < 3; i++)
        pidfd[i] = open_process(children[i]);
    assert_int_equal(scratch_container_signal(c, SIGKILL, NULL), 0);
    assert_int_equal(minimal_end(c), 128 + SIGKILL);
    for (int i = 0; i < 3; i++) {
        assert_true(ends_soon(pidfd[i], 0)); /* before wait has returned */
        close(pidfd[i]);
    }
}

/* ---- the caller ----------------------------------------------------------------------------- */

/* In a child of ours: start a container, tell its pid, and stay. */
static void start_and_stay(int out, bool die_with_parent, bool init)
{
    scratch_container *c = start_and_hear("echo ready; exec " STAY, init, die_with_parent);
    pid_t pid = scratch_container_pid(c);
    if (write(out, &pid, sizeof pid) != sizeof pid)
        _exit(1);
    for (;;)
        pause();
}

/* Kill a caller; a pidfd of the container that it had started. */
static int kill_a_caller(bool die_with_parent, bool init)
{
    int ends[2];
    pid_t pid;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t caller = fork();
    assert_true(caller >= 0);
    if (caller == 0)
        start_and_stay(ends[1], die_with_parent, init);
    close(ends[1]);
    assert_int_equal(read(ends[0], &pid, sizeof pid), sizeof pid);
    close(ends[0]);
    int pidfd = open_process(pid);
    assert_int_equal(kill(caller, SIGKILL), 0);
    assert_int_equal(waitpid(caller, NULL, 0), caller);
    return pidfd;
}

static void a_container_may_die_with_its_caller(void **state)
{
    (void)state;
    for (int init = 0; init < 2; init++) {
        int pidfd = kill_a_caller(true, init);
        assert_true(ends_soon(pidfd, 1000));
        close(pidfd);
    }
}

static void a_container_outlives_its_caller_otherwise(void **state)
{
    (void)state;
    int pidfd = kill_a_caller(false, true);
    assert_false(ends_soon(pidfd, 200));
    assert_int_equal(syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0), 0);
    assert_true(ends_soon(pidfd, SOON_MS));
    close(pidfd);
}

static void *start_in_a_thread(void *die_with_parent)
{
    return start_and_hear("echo ready; exec " STAY, true, *(bool *)die_with_parent);
}

static void the_parent_that_it_dies_with_is_the_thread(void **state)
{
    bool die_with_parent = true;
    pthread_t thread;
    void *container;
    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, start_in_a_thread, &die_with_parent), 0);
    assert_int_equal(pthread_join(thread, &container), 0);
    assert_int_equal(minimal_end(container), 128 + SIGKILL);

    die_with_parent = false;
    assert_int_equal(pthread_create(&thread, NULL, start_in_a_thread, &die_with_parent), 0);
    assert_int_equal(pthread_join(thread, &container), 0);
    assert_false(ends_soon(scratch_container_pidfd(container), 100));
    scratch_container_signal(container, SIGKILL, NULL);
    assert_int_equal(minimal_end(container), 128 + SIGKILL);
}

static void a_container_that_is_not_waited_for_goes_on(void **state)
{
    (void)state;
    scratch_container *c = start_and_hear("echo ready; exec " STAY, true, false);
    pid_t pid = scratch_container_pid(c);
    int pidfd = open_process(pid);
    scratch_container_free(c);
    assert_false(ends_soon(pidfd, 100));
    assert_int_equal(syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    close(pidfd);
}

TEST_MAIN(the_command_is_pid_1_without_init_and_2_with_it, init_hands_signals_on,
          a_signal_without_a_handler_ends_the_command_under_init,
          init_stops_and_continues_the_command, init_reaps_orphans,
          the_end_of_the_command_is_the_end_of_all, killing_init_kills_all,
          a_container_may_die_with_its_caller, a_container_outlives_its_caller_otherwise,
          the_parent_that_it_dies_with_is_the_thread, a_container_that_is_not_waited_for_goes_on)
