/* SPDX-License-Identifier: MIT */
/*
 * scratchctl at a terminal, as the job of a shell. The shell is a small one of this file: it starts
 * one job, tells what becomes of it, and does what it is told by single letters.
 */
#include "cli/ctl.h"
#include "terminal/screen.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

/* ---- the shell ------------------------------------------------------------------------------ */

/* What it tells: the job has stopped, or ended. */
struct news {
    int status; /* as waitpid(2) gives it */
    bool modes_are_back;
};

static struct termios shell_modes;

static void tell(int to, int status)
{
    struct news news = {.status = status};
    struct termios modes = {0}; /* and what is between its members */
    news.modes_are_back =
        tcgetattr(0, &modes) == 0 && memcmp(&modes, &shell_modes, sizeof modes) == 0;
    if (write(to, &news, sizeof news) != sizeof news)
        _exit(98);
}

/* 'f' and 'b': fg and bg. */
static void obey(int from, pid_t job)
{
    char letter;
    if (read(from, &letter, 1) != 1)
        _exit(97);
    if (letter == 'f')
        tcsetpgrp(0, job);
    kill(-job, SIGCONT);
}

static _Noreturn void serve_job(const char *const *arguments, bool foreground, int from, int to)
{
    int status = 0;
    signal(SIGHUP, SIG_IGN);
    tcgetattr(0, &shell_modes);
    pid_t job = fork();
    setpgid(job, job);
    if (job == 0) {
        const char *argv[32] = {"scratchctl"};
        for (int i = 0; arguments[i] && i < 30; i++)
            argv[i + 1] = arguments[i];
        signal(SIGHUP, SIG_DFL);
        signal(SIGTTOU, SIG_IGN);
        if (foreground)
            tcsetpgrp(0, getpid());
        signal(SIGTTOU, SIG_DFL);
        execv(ctl_program("scratchctl"), (char *const *)argv);
        _exit(99);
    }
    if (write(to, &job, sizeof job) != sizeof job)
        _exit(98);
    signal(SIGTTOU, SIG_IGN);
    while (waitpid(job, &status, WUNTRACED) == job) {
        tcsetpgrp(0, getpid());
        tell(to, status);
        if (!WIFSTOPPED(status))
            break;
        obey(from, job);
    }
    _exit(0);
}

/* ---- the one who sits at it ----------------------------------------------------------------- */

struct seat {
    int master;
    int orders, news; /* to and from the shell */
    pid_t shell, job;
};

static struct seat sit(bool foreground, const char *const *arguments)
{
    struct winsize size = {33, 99, 0, 0};
    struct seat s;
    int orders[2], news[2];
    ctl_need_containers();
    ctl_program("scratchctl");
    assert_true(pipe2(orders, O_CLOEXEC) == 0 && pipe2(news, O_CLOEXEC) == 0);
    s.shell = forkpty(&s.master, NULL, NULL, &size);
    if (s.shell == 0)
        serve_job(arguments, foreground, orders[0], news[1]);
    fcntl(s.master, F_SETFD, FD_CLOEXEC);
    close(orders[0]);
    close(news[1]);
    s.orders = orders[1];
    s.news = news[0];
    assert_int_equal(read(s.news, &s.job, sizeof s.job), sizeof s.job);
    return s;
}
#define SIT(...)        sit(true, (const char *const[]){__VA_ARGS__, NULL})
#define SIT_BEHIND(...) sit(false, (const char *const[]){__VA_ARGS__, NULL})

static struct news hear(const struct seat *s)
{
    struct pollfd fd = {.fd = s->news, .events = POLLIN};
    struct news news = {0};
    if (poll(&fd, 1, SCREEN_WAIT_MS) != 1)
        fail_msg("the shell has nothing to tell of its job");
    assert_int_equal(read(s->news, &news, sizeof news), sizeof news);
    return news;
}

static bool is_raw(const struct seat *s)
{
    struct termios modes;
    assert_int_equal(tcgetattr(s->master, &modes), 0);
    return !(modes.c_lflag & ICANON);
}

/* Who types before fg has worked, types for nobody. */
static void order(const struct seat *s, char letter)
{
    assert_int_equal(write(s->orders, &letter, 1), 1);
    for (int i = 0; letter == 'f' && i < SCREEN_WAIT_MS && !is_raw(s); i++)
        usleep(1000);
}

static void get_up(struct seat *s)
{
    if (s->master >= 0)
        close(s->master);
    close(s->orders);
    close(s->news);
    assert_int_equal(ctl_wait(s->shell), 0);
}

/* The job ends with that status, the terminal is as it was, and the seat is left. */
static void expect_end(struct seat *s, int status)
{
    struct news news = hear(s);
    assert_true(WIFEXITED(news.status));
    assert_int_equal(WEXITSTATUS(news.status), status);
    assert_true(news.modes_are_back);
    get_up(s);
}

static void expect_stop_by(const struct seat *s, int signal)
{
    struct news news = hear(s);
    assert_true(WIFSTOPPED(news.status));
    assert_int_equal(WSTOPSIG(news.status), signal);
    assert_true(news.modes_are_back);
}

static void expect_stop(const struct seat *s)
{
    expect_stop_by(s, SIGTSTP);
}

/* ---- at a terminal -------------------------------------------------------------------------- */

static void a_terminal_is_given_at_a_terminal(void **state)
{
    (void)state;
    struct seat s = SIT("run", "--", "sh", "-c", "test -e /dev/console && tty && stty size");
    screen_expect(s.master, "/dev/pts/0\r\n33 99\r\n");
    expect_end(&s, 0);
}

static void none_is_given_when_told_so(void **state)
{
    static const char *const options[] = {"-T", "--tty=no", "-i"};
    (void)state;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct seat s = SIT("run", options[i], "--", "test", "!", "-e", "/dev/console");
        expect_end(&s, 0);
    }
}

static void modes_are_put_back_whatever_the_status(void **state)
{
    (void)state;
    struct seat s = SIT("run", "-it", "--", "sh", "-c", "stty raw -echo; exit 42");
    expect_end(&s, 42);
    s = SIT("run", "--", "/nowhere/nothing");
    screen_expect(s.master, "ENOENT");
    expect_end(&s, 127);
}

static void modes_are_put_back_after_signals(void **state)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGALRM};
    (void)state;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct seat s = SIT("run", "--", "sh", "-c", "echo ready; exec sleep 600");
        screen_expect(s.master, "ready");
        assert_int_equal(kill(s.job, signals[i]), 0);
        expect_end(&s, 128 + signals[i]);
    }
}

static void a_new_size_reaches_the_command(void **state)
{
    struct winsize size = {21, 43, 0, 0};
    (void)state;
    struct seat s = SIT("run", "--", "sh", "-c",
                        "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done");
    screen_expect(s.master, "ready");
    assert_int_equal(ioctl(s.master, TIOCSWINSZ, &size), 0);
    screen_expect(s.master, "21 43\r\n");
    expect_end(&s, 0);
}

static void control_c_and_control_d_reach_the_command(void **state)
{
    (void)state;
    struct seat s =
        SIT("run", "--", "sh", "-c", "trap 'echo caught' INT; echo ready; cat; cat; exit 3");
    screen_expect(s.master, "ready");
    screen_type(s.master, "x\n");
    screen_expect(s.master, "x\r\nx\r\n");
    screen_type(s.master, "\x03");
    screen_expect(s.master, "caught");
    screen_type(s.master, "y\n");
    screen_expect(s.master, "y\r\ny\r\n");
    screen_type(s.master, "\x04");
    expect_end(&s, 3);
}

static void a_hangup_ends_it(void **state)
{
    (void)state;
    for (int foreground = 0; foreground < 2; foreground++) {
        struct seat s = sit(foreground, (const char *const[]){"run", "--", "sh", "-c",
                                                              "echo ready; exec sleep 600", NULL});
        screen_expect(s.master, "ready");
        close(s.master);
        s.master = -1;
        struct news news = hear(&s);
        assert_true(WIFEXITED(news.status));
        assert_int_equal(WEXITSTATUS(news.status), 128 + SIGHUP);
        get_up(&s);
    }
}

static void all_output_comes_out(void **state)
{
    (void)state;
    struct seat s = SIT("run", "--", "sh", "-c", "seq 1 30000; echo last words");
    screen_expect(s.master, "1\r\n");
    char text[16];
    for (int i = 2; i <= 30000; i++) {
        snprintf(text, sizeof text, "%d\r\n", i);
        size_t length = strlen(text), at = 0;
        char come[16];
        for (ssize_t n; at < length && (n = read(s.master, come + at, length - at)) > 0;)
            at += (size_t)n;
        assert_memory_equal(come, text, length);
    }
    screen_expect(s.master, "last words\r\n");
    expect_end(&s, 0);
}

/* Nothing is read until the command has written all, or all that fits. */
static void the_last_words_come_out_after_the_end(void **state)
{
    (void)state;
    struct seat s = SIT("run", "--", "sh", "-c", "seq 1 4000; printf 'last words'");
    usleep(500000);
    for (int i = 1; i <= 4000; i += 100) {
        char text[16];
        snprintf(text, sizeof text, "%d\r\n", i);
        screen_expect(s.master, text);
    }
    screen_expect(s.master, "last words");
    expect_end(&s, 0);
}

/* Its screen is full: signals are heard all the same, and a second one gives up the rest. */
static void a_screen_that_nobody_reads_holds_no_signal_up(void **state)
{
    (void)state;
    struct seat s = SIT("run", "--", "yes");
    screen_expect(s.master, "y\r\ny\r\n");
    usleep(300000);
    struct pollfd news = {.fd = s.news, .events = POLLIN};
    for (int i = 0; i < 300 && poll(&news, 1, 200) == 0; i++)
        kill(s.job, SIGTERM);
    expect_end(&s, 128 + SIGTERM);
}

/* ---- as a job ------------------------------------------------------------------------------- */

static void control_z_stops_the_job_and_fg_continues_it(void **state)
{
    struct winsize size = {17, 71, 0, 0};
    (void)state;
    struct seat s = SIT("run", "--", "sh", "-c", "echo ready; cat; stty size; exit 4");
    screen_expect(s.master, "ready");
    for (int turn = 0; turn < 2; turn++) {
        screen_type(s.master, "x\n");
        screen_expect(s.master, "x\r\nx\r\n");
        screen_type(s.master, "\x1a");
        expect_stop(&s);
        assert_int_equal(ioctl(s.master, TIOCSWINSZ, &size), 0);
        order(&s, 'f');
    }
    screen_type(s.master, "y\n");
    screen_expect(s.master, "y\r\n");
    screen_expect(s.master, "y\r\n");
    screen_type(s.master, "\x04");
    screen_expect(s.master, "17 71\r\n");
    expect_end(&s, 4);
}

static void a_stop_signal_to_scratchctl_stops_the_command(void **state)
{
    (void)state;
    struct seat s = SIT("run", "--", "sh", "-c", "echo ready; cat; exit 4");
    screen_expect(s.master, "ready");
    screen_type(s.master, "x\n");
    screen_expect(s.master, "x\r\nx\r\n");
    assert_int_equal(kill(s.job, SIGTSTP), 0);
    expect_stop(&s);
    order(&s, 'f');
    screen_type(s.master, "y\n");
    screen_expect(s.master, "y\r\n");
    screen_expect(s.master, "y\r\n");
    screen_type(s.master, "\x04");
    expect_end(&s, 4);
}

static void what_was_written_before_a_stop_is_shown_before_it(void **state)
{
    char text[8];
    (void)state;
    struct seat s =
        SIT("run", "--", "sh", "-c", "printf before; kill -STOP $$; printf after; read x");
    expect_stop(&s);
    assert_int_equal(read(s.master, text, 6), 6);
    assert_memory_equal(text, "before", 6);
    order(&s, 'f');
    screen_expect(s.master, "after");
    screen_type(s.master, "\n");
    expect_end(&s, 0);
}

static void bg_lets_it_go_on_and_leaves_the_terminal_alone(void **state)
{
    (void)state;
    struct seat s = SIT("run", "--", "sh", "-c",
                        "echo ready; read a; echo stop; kill -STOP $$; echo on; read b");
    screen_expect(s.master, "ready");
    screen_type(s.master, "x\n");
    screen_expect(s.master, "stop");
    expect_stop(&s);
    order(&s, 'b');
    screen_expect(s.master, "on\r"); /* and then "\r\n", where "\n" is cooked once more */
    assert_false(is_raw(&s));
    assert_int_equal(kill(s.job, SIGTERM), 0);
    expect_end(&s, 128 + SIGTERM);
}

/* As at a shell, where a full-screen program is stopped when it takes the terminal. */
static void bg_stops_what_wants_the_terminal(void **state)
{
    (void)state;
    struct seat s =
        SIT("run", "--", "sh", "-c", "kill -STOP $$; stty raw -echo; while :; do sleep 1; done");
    expect_stop(&s);
    order(&s, 'b');
    expect_stop_by(&s, SIGTTOU);
    order(&s, 'b');
    expect_stop_by(&s, SIGTTOU);
    order(&s, 'f');
    assert_true(is_raw(&s));
    assert_int_equal(kill(s.job, SIGTERM), 0);
    expect_end(&s, 128 + SIGTERM);
}

static void in_the_background_it_runs_without_the_terminal(void **state)
{
    (void)state;
    struct seat s = SIT_BEHIND("run", "--", "sh", "-c", "echo ready; read line; exit 5");
    screen_expect(s.master, "ready");
    screen_type(s.master, "for the shell\n");
    usleep(300000);
    assert_false(is_raw(&s));
    assert_int_equal(kill(s.job, SIGTERM), 0);
    expect_end(&s, 128 + SIGTERM);
}

/* Nobody could continue it: an orphaned group is not stopped. */
static void without_a_shell_it_does_not_stop(void **state)
{
    int master;
    (void)state;
    ctl_need_containers();
    const char *program = ctl_program("scratchctl");
    pid_t pid = forkpty(&master, NULL, NULL, NULL);
    if (pid == 0) {
        execl(program, program, "run", "--", "sh", "-c", "echo ready; cat; exit 6", (char *)NULL);
        _exit(99);
    }
    screen_expect(master, "ready");
    screen_type(master, "x\n");
    screen_expect(master, "x\r\nx\r\n");
    screen_type(master, "\x1a");
    usleep(300000);
    screen_type(master, "y\n");
    screen_expect(master, "y\r\n");
    screen_expect(master, "y\r\n");
    screen_type(master, "\x04");
    assert_int_equal(ctl_wait(pid), 6);
    close(master);
}

/* ---- streams that are none ------------------------------------------------------------------ */

static void keys_cannot_come_from_a_pipe(void **state)
{
    (void)state;
    struct ctl c = CTL("run", "-it", "--", "true");
    assert_int_equal(c.status, 125);
    assert_non_null(strstr(c.err, "standard input, which is not a terminal"));
    c = CTL("run", "-it", "--dry-run", "--", "true");
    assert_int_equal(c.status, 125);
}

static void a_terminal_can_be_asked_for_without_one(void **state)
{
    (void)state;
    ctl_need_containers();
    struct ctl c = CTL("run", "-t", "--", "sh", "-c", "tty; seq 1 3000; exit 9");
    assert_int_equal(c.status, 9);
    assert_non_null(strstr(c.out, "/dev/pts/0\r\n1\r\n2\r\n"));
    assert_non_null(strstr(c.out, "\r\n2999\r\n3000\r\n"));
}

static void streams_are_passed_on_as_they_are_without_a_terminal(void **state)
{
    (void)state;
    ctl_need_containers();
    struct ctl c = ctl_run("input\n", (const char *const[]){"run", "--", "cat", NULL});
    assert_string_equal(c.out, "input\n");
    c = ctl_run("input\n", (const char *const[]){"run", "-i", "--", "cat", NULL});
    assert_string_equal(c.out, "input\n");
}

/* As it would at a shell. */
static void a_reader_that_goes_away_ends_the_command(void **state)
{
    int out;
    char text[4];
    (void)state;
    ctl_need_containers();
    pid_t pid = CTL_START(&out, "run", "-t", "--", "yes");
    assert_int_equal(read(out, text, 3), 3);
    close(out);
    assert_int_equal(ctl_wait(pid), 128 + SIGPIPE);
}

static void the_plan_shows_the_terminal(void **state)
{
    (void)state;
    struct ctl c = CTL("run", "-t", "--dry-run", "--", "true");
    assert_int_equal(c.status, 0);
    assert_non_null(strstr(c.out, "open a terminal, which is /dev/console too"));
    assert_non_null(strstr(c.out, "begin a session at the terminal"));
    assert_non_null(strstr(c.out, "be a process group in the terminal's foreground"));
    c = CTL("run", "--dry-run", "--", "true");
    assert_null(strstr(c.out, "terminal"));
}

TEST_MAIN(a_terminal_is_given_at_a_terminal, none_is_given_when_told_so,
          modes_are_put_back_whatever_the_status, modes_are_put_back_after_signals,
          a_new_size_reaches_the_command, control_c_and_control_d_reach_the_command,
          a_hangup_ends_it, all_output_comes_out, the_last_words_come_out_after_the_end,
          a_screen_that_nobody_reads_holds_no_signal_up,
          control_z_stops_the_job_and_fg_continues_it,
          a_stop_signal_to_scratchctl_stops_the_command,
          what_was_written_before_a_stop_is_shown_before_it,
          bg_lets_it_go_on_and_leaves_the_terminal_alone, bg_stops_what_wants_the_terminal,
          in_the_background_it_runs_without_the_terminal, without_a_shell_it_does_not_stop,
          keys_cannot_come_from_a_pipe, a_terminal_can_be_asked_for_without_one,
          streams_are_passed_on_as_they_are_without_a_terminal,
          a_reader_that_goes_away_ends_the_command, the_plan_shows_the_terminal)
