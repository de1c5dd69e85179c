/* SPDX-License-Identifier: MIT */
/*
 * A container's own terminal, through the library.
 */
#include "support/rootfs.h"
#include "terminal/screen.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

/* ---- starting ------------------------------------------------------------------------------- */

struct parts {
    struct scratch_spec spec;
    struct scratch_rootfs_options rootfs;
    struct scratch_process_options process;
    struct scratch_terminal_options terminal;
    const char *shell[4];
};

static void prepare(struct parts *p, const char *script)
{
    *p = (struct parts){.spec = SCRATCH_SPEC_INIT,
                        .rootfs = SCRATCH_ROOTFS_OPTIONS_INIT,
                        .process = SCRATCH_PROCESS_OPTIONS_INIT,
                        .terminal = SCRATCH_TERMINAL_OPTIONS_INIT,
                        .shell = {"/bin/sh", "-c", script, NULL}};
    p->spec.rootfs = &p->rootfs;
    p->spec.process = &p->process;
    p->spec.terminal = &p->terminal;
    p->process.argv = p->shell;
}

static int try_start(const struct parts *p, const struct scratch_start_options *options,
                     scratch_container **container, struct scratch_error *err)
{
    scratch_plan *plan;
    TEST_OK(scratch_plan_compile(&p->spec, &plan, err), err);
    int rc = scratch_plan_start(plan, options, container, err);
    scratch_plan_free(plan);
    return rc;
}

static scratch_container *start(const struct parts *p)
{
    struct scratch_error err;
    scratch_container *container;
    TEST_OK(try_start(p, NULL, &container, &err), &err);
    return container;
}

static scratch_container *start_script(const char *script)
{
    struct parts p;
    prepare(&p, script);
    return start(&p);
}

static int end(scratch_container *container)
{
    struct scratch_error err;
    int status = scratch_container_wait(container, &err);
    scratch_container_free(container);
    return status;
}

/* The exit status of a script, whose output is not looked at. */
static int run(const struct parts *p)
{
    char last[SCREEN_LAST];
    scratch_container *c = start(p);
    screen_drain(scratch_container_terminal(c), last);
    return end(c);
}

static int run_script(const char *script)
{
    struct parts p;
    prepare(&p, script);
    return run(&p);
}

static bool readable(int fd, int milliseconds)
{
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    return poll(&entry, 1, milliseconds) == 1;
}

/* ---- what it is ----------------------------------------------------------------------------- */

static void it_is_the_three_streams_the_console_and_dev_tty(void **state)
{
    (void)state;
    assert_int_equal(run_script("test -t 0 && test -t 1 && test -t 2"), 0);
    assert_int_equal(run_script("test \"$(tty)\" = /dev/pts/0"), 0);
    scratch_container *c = start_script("echo one >/dev/console; echo two >/dev/tty");
    screen_expect(scratch_container_terminal(c), "one\r\n");
    screen_expect(scratch_container_terminal(c), "two\r\n");
    assert_int_equal(end(c), 0);
}

static void nothing_else_is_open_inside(void **state)
{
    struct parts p;
    (void)state;
    for (int init = 0; init < 2; init++) {
        prepare(&p, "set -- /proc/self/fd/*; exit $#"); /* the directory itself is one */
        p.process.init = init;
        assert_int_equal(run(&p), 4);
    }
}

static void each_start_has_its_own(void **state)
{
    struct parts p;
    struct scratch_error err;
    scratch_plan *plan;
    scratch_container *c[2];
    (void)state;
    prepare(&p, "read line; echo \"got $line\"");
    TEST_OK(scratch_plan_compile(&p.spec, &plan, &err), &err);
    for (int i = 0; i < 2; i++)
        TEST_OK(scratch_plan_start(plan, NULL, &c[i], &err), &err);
    screen_type(scratch_container_terminal(c[0]), "first\n");
    screen_type(scratch_container_terminal(c[1]), "second\n");
    screen_expect(scratch_container_terminal(c[0]), "got first");
    screen_expect(scratch_container_terminal(c[1]), "got second");
    for (int i = 0; i < 2; i++)
        assert_int_equal(end(c[i]), 0);
    scratch_plan_free(plan);
}

static void it_belongs_to_the_commands_user(void **state)
{
    struct parts p;
    (void)state;
    if (!test_privileged())
        TEST_SKIP("an ordinary user has one id");
    prepare(&p, "test \"$(stat -c %u \"$(tty)\")\" = 65534 && : >\"$(tty)\"");
    p.process.uid = p.process.gid = 65534;
    assert_int_equal(run(&p), 0);
}

static void erasing_takes_back_a_character_of_utf8(void **state)
{
    (void)state;
    assert_int_equal(run_script("stty -a | grep -q ' iutf8'"), 0);
}

static void without_one_there_is_neither_master_nor_console(void **state)
{
    struct parts p;
    (void)state;
    prepare(&p, "test ! -e /dev/console");
    p.spec.terminal = NULL;
    scratch_container *c = start(&p);
    assert_int_equal(scratch_container_terminal(c), -1);
    assert_int_equal(scratch_container_stop_fd(c), -1);
    assert_int_equal(scratch_container_stopped(c), 0);
    assert_int_equal(end(c), 0);
}

static void the_hosts_own_dev_will_do(void **state)
{
    struct parts p;
    (void)state;
    prepare(&p, "test -t 0 && test -t 1 && echo there");
    p.rootfs.kind = SCRATCH_ROOTFS_UNCHANGED;
    scratch_container *c = start(&p);
    screen_expect(scratch_container_terminal(c), "there\r\n");
    assert_int_equal(end(c), 0);
}

/* CVE-2025-52565: a console that is a link does not lead to what the link names. */
static void a_link_in_place_of_the_console_is_not_followed(void **state)
{
    struct scratch_mount mounts[] = {{NULL, "/dev", NULL, "bind"},
                                     {"devpts", "/dev/pts", "devpts", "newinstance,ptmxmode=0666"}};
    char link[256];
    struct parts p;
    (void)state;
    mounts[0].source = test_directory();
    test_make_directory(mounts[0].source, "pts");
    test_make_file(mounts[0].source, "target", "kept");
    snprintf(link, sizeof link, "%s/console", mounts[0].source);
    assert_int_equal(symlink("/dev/target", link), 0);
    prepare(&p, "test -f /dev/target && read line </dev/target; test \"$line\" = kept && exit 8");
    p.spec.mounts = mounts;
    p.spec.mount_count = 2;
    p.rootfs.mask_paths = false; /* which takes /dev/null */
    assert_int_equal(run(&p), 8);
}

/* ---- size ----------------------------------------------------------------------------------- */

static void its_size_is_the_specs_or_the_starts(void **state)
{
    static const struct winsize window = {44, 155, 0, 0};
    struct parts p;
    struct scratch_error err;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    scratch_container *c;
    (void)state;
    prepare(&p, "stty size");
    p.terminal.rows = 33;
    p.terminal.columns = 111;
    c = start(&p);
    screen_expect(scratch_container_terminal(c), "33 111\r\n");
    assert_int_equal(end(c), 0);
    options.window = &window;
    TEST_OK(try_start(&p, &options, &c, &err), &err);
    screen_expect(scratch_container_terminal(c), "44 155\r\n");
    assert_int_equal(end(c), 0);
}

static void a_new_size_is_told(void **state)
{
    struct winsize size = {12, 34, 0, 0};
    struct scratch_error err;
    int master, terminal;
    (void)state;
    scratch_container *c =
        start_script("trap 'stty size; exit 3' WINCH; echo ready; while :; do sleep 0.05; done");
    assert_int_equal(openpty(&master, &terminal, NULL, NULL, &size), 0);
    screen_expect(scratch_container_terminal(c), "ready");
    TEST_OK(scratch_terminal_copy_size(terminal, scratch_container_terminal(c), &err), &err);
    screen_expect(scratch_container_terminal(c), "12 34\r\n");
    assert_int_equal(end(c), 3);
    close(master);
    close(terminal);
}

/* ---- keys ----------------------------------------------------------------------------------- */

static void control_c_interrupts(void **state)
{
    (void)state;
    scratch_container *c = start_script("cat; echo not reached");
    screen_type(scratch_container_terminal(c), "x\n");
    screen_expect(scratch_container_terminal(c), "x\r\nx\r\n"); /* cat is there */
    screen_type(scratch_container_terminal(c), "\x03");
    assert_int_equal(end(c), 128 + SIGINT);
}

static void control_d_is_the_end_of_input(void **state)
{
    (void)state;
    scratch_container *c = start_script("cat; exit 5");
    screen_type(scratch_container_terminal(c), "line\n");
    screen_expect(scratch_container_terminal(c), "line\r\nline\r\n"); /* echoed, and by cat */
    screen_type(scratch_container_terminal(c), "\x04");
    assert_int_equal(end(c), 5);
}

/* The shell and its child are one group: both stop, and both go on. */
static void control_z_stops_the_command_until_it_is_continued(void **state)
{
    struct scratch_error err;
    (void)state;
    scratch_container *c = start_script("cat; exit 6");
    int master = scratch_container_terminal(c), stops = scratch_container_stop_fd(c);
    for (int turn = 0; turn < 2; turn++) {
        screen_type(master, "x\n");
        screen_expect(master, "x\r\nx\r\n");
        assert_false(readable(stops, 0));
        assert_int_equal(scratch_container_stopped(c), 0);
        screen_type(master, "\x1a");
        assert_true(readable(stops, SCREEN_WAIT_MS));
        assert_int_equal(scratch_container_stopped(c), SIGTSTP);
        assert_int_equal(scratch_container_stopped(c), 0);
        TEST_OK(scratch_container_signal(c, SIGCONT, &err), &err);
    }
    screen_type(master, "y\n");
    screen_expect(master, "y\r\ny\r\n");
    screen_type(master, "\x04");
    assert_int_equal(end(c), 6);
}

static void a_stop_from_outside_reaches_the_whole_group(void **state)
{
    (void)state;
    scratch_container *c = start_script("cat; exit 6");
    int master = scratch_container_terminal(c), stops = scratch_container_stop_fd(c);
    screen_type(master, "x\n");
    screen_expect(master, "x\r\nx\r\n"); /* cat is there: a process within vfork(2) does not stop */
    assert_int_equal(scratch_container_signal(c, SIGTSTP, NULL), 0);
    assert_true(readable(stops, SCREEN_WAIT_MS));
    assert_int_equal(scratch_container_stopped(c), SIGTSTP);
    screen_type(master, "held\n");
    screen_expect(master, "held\r\n"); /* echoed by the kernel; by cat it is not */
    assert_false(readable(master, 200));
    assert_int_equal(scratch_container_signal(c, SIGCONT, NULL), 0);
    screen_expect(master, "held\r\n");
    screen_type(master, "\x04");
    assert_int_equal(end(c), 6);
}

static void a_caller_that_does_not_listen_holds_nothing_up(void **state)
{
    (void)state;
    scratch_container *c = start_script("for i in $(seq 600); do kill -STOP $$; done; exit 7");
    for (int i = 0; i < SCREEN_WAIT_MS && !readable(scratch_container_pidfd(c), 1); i++)
        scratch_container_signal(c, SIGCONT, NULL);
    assert_true(readable(scratch_container_pidfd(c), 0));
    assert_int_equal(end(c), 7);
}

/* Freeing the handle closes the master. */
static void a_hangup_ends_the_command(void **state)
{
    (void)state;
    scratch_container *c = start_script("echo ready; exec sleep 600");
    int pidfd = fcntl(scratch_container_pidfd(c), F_DUPFD_CLOEXEC, 0);
    siginfo_t info;
    screen_expect(scratch_container_terminal(c), "ready");
    scratch_container_free(c);
    assert_int_equal(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED), 0);
    assert_int_equal(info.si_status, 128 + SIGHUP);
    close(pidfd);
}

/* ---- output --------------------------------------------------------------------------------- */

static void all_that_is_written_can_be_read(void **state)
{
    char last[SCREEN_LAST];
    (void)state;
    scratch_container *c = start_script("seq 1 20000");
    /* 9 of one digit, 90 of two, … and for each "\r\n". */
    size_t want = 9 + 2 * 90 + 3 * 900 + 4 * 9000 + 5 * 10001 + 2 * 20000;
    assert_int_equal(screen_drain(scratch_container_terminal(c), last), want);
    assert_string_equal(last + strlen(last) - 7, "20000\r\n");
    assert_int_equal(end(c), 0);
}

static void the_last_words_wait_to_be_read(void **state)
{
    char text[64] = "";
    (void)state;
    for (int init = 0; init < 2; init++) {
        struct parts p;
        prepare(&p, "echo last words");
        p.process.init = init;
        scratch_container *c = start(&p);
        assert_true(readable(scratch_container_pidfd(c), SCREEN_WAIT_MS));
        fcntl(scratch_container_terminal(c), F_SETFL, O_NONBLOCK);
        assert_int_equal(read(scratch_container_terminal(c), text, sizeof text), 12);
        assert_string_equal(text, "last words\r\n");
        assert_int_equal(read(scratch_container_terminal(c), text, sizeof text), -1);
        assert_int_equal(errno, EIO);
        assert_int_equal(end(c), 0);
    }
}

/* ---- what is refused ------------------------------------------------------------------------ */

static void streams_are_refused_beside_a_terminal(void **state)
{
    struct parts p;
    struct scratch_error err;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    scratch_container *c;
    (void)state;
    prepare(&p, "exit 0");
    options.stdout_fd = 1;
    assert_int_equal(try_start(&p, &options, &c, &err), -EINVAL);
    assert_string_equal(err.what, "standard streams");
}

static void a_size_is_refused_without_a_terminal(void **state)
{
    static const struct winsize window = {1, 1, 0, 0};
    struct parts p;
    struct scratch_error err;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    scratch_container *c;
    (void)state;
    prepare(&p, "exit 0");
    p.spec.terminal = NULL;
    options.window = &window;
    assert_int_equal(try_start(&p, &options, &c, &err), -EINVAL);
    assert_string_equal(err.what, "window size");
}

static void scratch_run_has_nobody_to_read_it(void **state)
{
    struct parts p;
    struct scratch_error err;
    (void)state;
    prepare(&p, "exit 0");
    assert_int_equal(scratch_run(&p.spec, NULL, &err), -EINVAL);
    assert_string_equal(err.what, "terminal");
}

static void assert_fails(const struct parts *p, int errnum, const char *part)
{
    struct scratch_error err;
    scratch_container *c;
    char line[SCRATCH_ERROR_LINE];
    assert_int_equal(try_start(p, NULL, &c, &err), -errnum);
    scratch_error_format(&err, line, sizeof line);
    if (!strstr(line, part))
        fail_msg("%s", line);
}

static void it_needs_devpts(void **state)
{
    static const struct scratch_mount over = {"tmpfs", "/dev/pts", "tmpfs", NULL};
    struct parts p;
    (void)state;
    prepare(&p, "exit 0");
    p.spec.mounts = &over;
    p.spec.mount_count = 1;
    assert_fails(&p, ENOTTY, "/dev/pts in the container is not devpts");
}

/* ---- the caller's terminal ------------------------------------------------------------------ */

static void raw_mode_can_be_left_again(void **state)
{
    struct termios first = {0}, before = {0}, raw, after = {0};
    struct scratch_error err;
    int master, terminal;
    (void)state;
    assert_int_equal(openpty(&master, &terminal, NULL, NULL, NULL), 0);
    assert_int_equal(tcgetattr(terminal, &first), 0);
    TEST_OK(scratch_terminal_raw(terminal, &before, &err), &err);
    assert_int_equal(tcgetattr(terminal, &raw), 0);
    assert_int_equal(raw.c_lflag & (ICANON | ECHO | ISIG), 0);
    TEST_OK(scratch_terminal_restore(terminal, &before, &err), &err);
    assert_int_equal(tcgetattr(terminal, &after), 0);
    assert_memory_equal(&before, &first, sizeof first);
    assert_memory_equal(&after, &first, sizeof first);
    close(master);
    close(terminal);
}

static void what_is_no_terminal_is_refused(void **state)
{
    struct termios before;
    struct scratch_error err;
    int ends[2], master, terminal;
    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(openpty(&master, &terminal, NULL, NULL, NULL), 0);
    assert_int_equal(scratch_terminal_raw(ends[0], &before, &err), -ENOTTY);
    assert_string_equal(err.call, "tcgetattr(3)");
    assert_int_equal(scratch_terminal_copy_size(ends[0], terminal, &err), -ENOTTY);
    assert_string_equal(err.what, "read a terminal's size");
    assert_int_equal(scratch_terminal_copy_size(terminal, ends[1], &err), -ENOTTY);
    assert_string_equal(err.what, "set a terminal's size");
    close(ends[0]);
    close(ends[1]);
    close(master);
    close(terminal);
}

TEST_MAIN(it_is_the_three_streams_the_console_and_dev_tty, nothing_else_is_open_inside,
          each_start_has_its_own, it_belongs_to_the_commands_user,
          erasing_takes_back_a_character_of_utf8, without_one_there_is_neither_master_nor_console,
          the_hosts_own_dev_will_do, a_link_in_place_of_the_console_is_not_followed,
          its_size_is_the_specs_or_the_starts, a_new_size_is_told, control_c_interrupts,
          control_d_is_the_end_of_input, control_z_stops_the_command_until_it_is_continued,
          a_stop_from_outside_reaches_the_whole_group,
          a_caller_that_does_not_listen_holds_nothing_up, a_hangup_ends_the_command,
          all_that_is_written_can_be_read, the_last_words_wait_to_be_read,
          streams_are_refused_beside_a_terminal, a_size_is_refused_without_a_terminal,
          scratch_run_has_nobody_to_read_it, it_needs_devpts, raw_mode_can_be_left_again,
          what_is_no_terminal_is_refused)
