/* SPDX-License-Identifier: MIT */
/* Row 16 of SECURITY.md: input for the terminal of whoever started the container. */
#include "escape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int legacy(void)
{
    int value = 1; /* before 6.2 there was no such setting */
    FILE *in = fopen("/proc/sys/dev/tty/legacy_tiocsti", "re");
    if (in) {
        if (fscanf(in, "%d", &value) != 1)
            value = 0;
        fclose(in);
    }
    return value;
}

/* In a session of its own, on a terminal that the test made: the attack's status. */
static int on_terminal(struct escape *e, const char *peer)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        setsid();
        int terminal = open(peer, O_RDWR); /* becomes the controlling one */
        e->start.stdin_fd = terminal;
        _exit(escape_run(e) & 0x7f);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

static int push_input(struct escape *e)
{
    int unlock = 0;
    char peer[64];
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0)
        TEST_SKIP("no /dev/ptmx");
    assert_int_equal(ioctl(master, TIOCSPTLCK, &unlock), 0);
    assert_int_equal(ptsname_r(master, peer, sizeof peer), 0);
    int status = on_terminal(e, peer);
    close(master);
    return status;
}

static void input_cannot_be_pushed_into_the_callers_terminal(void **state)
{
    struct escape e;
    (void)state;
    escape_begin(&e, escape_root(), "terminal", NULL);
    assert_int_equal(push_input(&e), ATTACK_HELD);
}

static void without_a_filter_it_could_be(void **state)
{
    struct escape e;
    (void)state;
    if (!legacy())
        TEST_SKIP("this kernel refuses it by itself (dev.tty.legacy_tiocsti is 0)");
    escape_begin(&e, escape_root(), "terminal", NULL);
    e.process.seccomp = SCRATCH_SECCOMP_NONE;
    assert_int_equal(push_input(&e), ATTACK_OUT);
}

TEST_MAIN(input_cannot_be_pushed_into_the_callers_terminal, without_a_filter_it_could_be)
