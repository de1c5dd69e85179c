/* SPDX-License-Identifier: MIT */
/*
 * Signals that reach scratchctl while it waits.
 */
#include "cli/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void expect_count(int out, int signal, int count)
{
    char line[32];
    snprintf(line, sizeof line, "%d, %d times", signal, count);
    ctl_expect(out, line);
}

static void signals_are_handed_on(void **state)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};
    (void)state;
    ctl_need_containers();
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        int out;
        pid_t pid = CTL_START(&out, "run", "/", "--", ctl_program("count-signals"));
        ctl_expect(out, "ready");
        assert_int_equal(kill(pid, signals[i]), 0);
        expect_count(out, signals[i], 1);
        close(out);
        assert_int_equal(ctl_wait(pid), 9);
    }
}

static void a_signal_that_ends_the_command_is_its_status(void **state)
{
    int out;
    (void)state;
    ctl_need_containers();
    pid_t pid = CTL_START(&out, "run", "--", "sh", "-c", "echo ready; exec sleep 60");
    ctl_expect(out, "ready");
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(ctl_wait(pid), 128 + SIGTERM);
    close(out);
}

/* The command handles it, but nohup(1) said that scratchctl shall not. */
static void what_was_ignored_is_not_handed_on(void **state)
{
    int out;
    (void)state;
    ctl_need_containers();
    signal(SIGHUP, SIG_IGN);
    pid_t pid = CTL_START(&out, "run", "/", "--", ctl_program("count-signals"));
    signal(SIGHUP, SIG_DFL);
    ctl_expect(out, "ready");
    assert_int_equal(kill(pid, SIGHUP), 0);
    assert_int_equal(kill(pid, SIGTERM), 0);
    expect_count(out, SIGTERM, 1);
    assert_int_equal(ctl_wait(pid), 9);
    close(out);
}

/* True when the other end of a pipe has been closed by all. */
static bool ended(int out)
{
    struct pollfd fd = {.fd = out, .events = POLLIN};
    char byte;
    return poll(&fd, 1, 60000) == 1 && read(out, &byte, 1) == 0;
}

static void it_dies_with_scratchctl(void **state)
{
    int out;
    (void)state;
    ctl_need_containers();
    pid_t pid = CTL_START(&out, "run", "--", "sh", "-c", "echo ready; exec sleep 60");
    ctl_expect(out, "ready");
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(ctl_wait(pid), -SIGKILL);
    assert_true(ended(out));
    close(out);
}

static void it_outlives_scratchctl_when_told_to(void **state)
{
    int out;
    (void)state;
    ctl_need_containers();
    pid_t pid = CTL_START(&out, "run", "--die-with-parent=no", "--", "sh", "-c",
                          "echo ready; sleep 0.7; echo alive");
    ctl_expect(out, "ready");
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(ctl_wait(pid), -SIGKILL);
    ctl_expect(out, "alive");
    assert_true(ended(out));
    close(out);
}

/* ---- a terminal ----------------------------------------------------------------------------- */

static int open_terminal(char *name, size_t size)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 ||
        ptsname_r(master, name, size) != 0)
        TEST_SKIP("no pseudoterminal: %s", strerror(errno));
    return master;
}

/* scratchctl as the foreground job of a terminal, as a shell would have it. */
static pid_t start_on_terminal(const char *name, int *out, const char *init)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        int terminal = open(name, O_RDWR);
        ioctl(terminal, TIOCSCTTY, 0);
        dup2(terminal, 0);
        dup2(ends[1], 1);
        execl(ctl_program("scratchctl"), "scratchctl", "run", init, "/", "--",
              ctl_program("count-signals"), (char *)NULL);
        _exit(99);
    }
    close(ends[1]);
    *out = ends[0];
    return pid;
}

/* The key reaches the container by itself: handed on as well, it would come twice. */
static void expect_one_key(const char *init)
{
    char name[64];
    int out;
    int master = open_terminal(name, sizeof name);
    pid_t pid = start_on_terminal(name, &out, init);
    ctl_expect(out, "ready");
    assert_int_equal(write(master, "\x03", 1), 1);
    expect_count(out, SIGINT, 1);
    assert_int_equal(ctl_wait(pid), 9);
    close(out);
    close(master);
}

static void a_key_of_the_terminal_comes_once(void **state)
{
    (void)state;
    ctl_need_containers();
    expect_one_key("--init=no");
    expect_one_key("--init");
}

/* A hangup reaches the session's leader alone, which is scratchctl here. */
static void a_hangup_of_the_terminal_is_handed_on(void **state)
{
    char name[64];
    int out;
    (void)state;
    ctl_need_containers();
    int master = open_terminal(name, sizeof name);
    pid_t pid = start_on_terminal(name, &out, "--init");
    ctl_expect(out, "ready");
    close(master);
    expect_count(out, SIGHUP, 1);
    assert_int_equal(ctl_wait(pid), 9);
    close(out);
}

TEST_MAIN(signals_are_handed_on, a_signal_that_ends_the_command_is_its_status,
          what_was_ignored_is_not_handed_on, it_dies_with_scratchctl,
          it_outlives_scratchctl_when_told_to, a_key_of_the_terminal_comes_once,
          a_hangup_of_the_terminal_is_handed_on)
