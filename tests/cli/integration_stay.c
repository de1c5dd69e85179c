/* SPDX-License-Identifier: MIT */
/*
 * A container's days from the command line: run -d, ps, logs, exec, pause, update, stop, wait, rm.
 */
#include "cli/ctl.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* A name that no other test has; an ordinary user's records are in a place of the test's own. */
static const char *name(void)
{
    static char text[32];
    snprintf(text, sizeof text, "stay-%d", (int)getpid());
    if (geteuid() != 0) {
        assert_int_equal(chmod(test_directory(), 0700), 0);
        assert_int_equal(setenv("XDG_RUNTIME_DIR", test_directory(), 1), 0);
    }
    ctl_need_containers();
    return text;
}

static void is_ok(struct ctl ctl)
{
    if (ctl.status != 0)
        fail_msg("status %d: %s", ctl.status, ctl.err);
}

static void has(struct ctl ctl, const char *words)
{
    is_ok(ctl);
    if (!strstr(ctl.out, words))
        fail_msg("'%s' is not in '%s'", words, ctl.out);
}

/* How often a text has some words. */
static int count(const char *text, const char *words)
{
    int n = 0;
    while ((text = strstr(text, words))) {
        text += strlen(words);
        n++;
    }
    return n;
}

static void one_is_left_alone(void **state)
{
    (void)state;
    const char *id = name();
    char line[64];
    snprintf(line, sizeof line, "%s\n", id);
    ctl_outputs(CTL("run", "-d", "--name", id, "--", "sh", "-c",
                    "echo hello; echo world >&2; trap 'echo bye; exit 4' TERM; "
                    "while :; do sleep 0.05; done"),
                line);
    has(CTL("ps"), id);
    assert_int_equal(count(CTL("ps").out, "COMMAND"), 1);
    assert_int_equal(count(CTL("list").out, "BUNDLE"), 1);
    has(CTL("ps", "--json"), "\"running\"");
    has(CTL("inspect", id), "\"id\"");
    struct ctl log;
    do
        log = CTL("logs", id);
    while (log.status == 0 && !strstr(log.out, "world"));
    ctl_outputs(log, "hello\nworld\n");
    ctl_outputs(CTL("exec", id, "--", "echo", "inside"), "inside\n");
    assert_int_equal(CTL("exec", id, "--", "sh", "-c", "exit 9").status, 9);
    ctl_refused(CTL("rm", id), "it is running");
    ctl_refused(CTL("run", "-d", "--name", id, "--", "true"), "there is a container of that name");
    ctl_outputs(CTL("stop", "-t", "60", id), line);
    ctl_outputs(CTL("wait", id), "4\n");
    ctl_outputs(CTL("logs", "-f", id), "hello\nworld\nbye\n");
    has(CTL("ps", "-a"), "stopped (4)");
    assert_null(strstr(CTL("ps", "-q").out, id));
    ctl_outputs(CTL("rm", id), line);
    ctl_refused(CTL("rm", id), "does not exist");
    ctl_outputs(CTL("rm", "-f", id), "");
}

/* The newline at the end of a file is none of a line more; and the last line may have none. */
static void the_last_lines_of_a_log_are_asked_for(void **state)
{
    static const char script[] = "seq 1 30000; printf end", tail[] = "29999\n30000\nend";
    (void)state;
    const char *id = name();
    is_ok(CTL("run", "-d", "--name", id, "--", "sh", "-c", script));
    ctl_outputs(CTL("wait", id), "0\n");
    ctl_outputs(CTL("logs", "--tail", "3", id), tail);
    ctl_outputs(CTL("logs", "-n1", id), "end");
    ctl_outputs(CTL("logs", "-f", "--tail", "0", id), "");
    struct ctl whole = CTL("logs", "-n", "40000", id);
    assert_int_equal(strncmp(whole.out, "1\n2\n", 4), 0);
    whole = CTL("logs", "--tail=all", id);
    assert_int_equal(strncmp(whole.out, "1\n2\n", 4), 0);
    struct ctl far = CTL("logs", "-n", "20001", id); /* more than is read at once */
    assert_int_equal(strncmp(far.out, "10001\n", 6), 0);
    ctl_refused(CTL("logs", "--tail", "x", id), "not a whole number");
    is_ok(CTL("rm", id));
}

static void they_are_found_by_their_labels(void **state)
{
    char line[48], other[48], other_line[64];
    (void)state;
    const char *id = name();
    snprintf(line, sizeof line, "%s\n", id);
    snprintf(other, sizeof other, "%s-b", id);
    snprintf(other_line, sizeof other_line, "%s\n", other);
    is_ok(CTL("run", "-d", "--name", id, "-l", "app=none", "--label", "app=x=y", "-l", id, "--",
              "sleep", "600"));
    is_ok(CTL("run", "-d", "--name", other, "--annotation", "app=b", "--label", id, "--", "true"));
    has(CTL("inspect", id), "\"annotations\":{\"app\":\"x=y\",\"stay");
    ctl_outputs(CTL("wait", other), "0\n");
#define PS(...) CTL("ps", "-q", "--filter", __VA_ARGS__)
    char label[64], named[64];
    snprintf(label, sizeof label, "label=%s", id);
    snprintf(named, sizeof named, "name=%s", id);
    ctl_outputs(PS(label), line); /* the other has ended */
    ctl_outputs(PS(label, "--filter", "label=app=x=y"), line);
    ctl_outputs(PS(label, "--filter", "label=app=x"), "");
    ctl_outputs(PS(label, "-a", "--filter", "label=app=b"), other_line);
    ctl_outputs(PS(label, "--filter", "status=exited"), other_line);
    ctl_outputs(PS(named, "--filter", "status=running"), line);
    ctl_outputs(PS(named, "--filter", "id=nobody"), "");
    ctl_refused(PS("label"), "it has no value");
    ctl_refused(PS("status=up"), "there is no such status");
    ctl_refused(PS("colour=red"), "there is no such filter");
    ctl_refused(CTL("run", "-l", "=x", "--", "true"), "the name is empty");
    is_ok(CTL("rm", "-f", id, other));
}

/* Not twice, where a static program cannot read the record of the second. */
static void what_is_being_created_is_listed_too(void **state)
{
    (void)state;
    const char *id = name();
    char records[300], path[400];
    snprintf(records, sizeof records, "%s/being", test_directory());
    snprintf(path, sizeof path, "%s/a", records);
    is_ok(CTL("--root", records, "run", "-d", "--name", id, "--", "sleep", "600"));
    assert_int_equal(mkdir(path, 0700), 0);
    int starter = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(flock(starter, LOCK_EX), 0);
    struct ctl ctl = CTL("--root", records, "ps");
    has(ctl, "creating");
    has(ctl, id);
    assert_int_equal(count(ctl.out, "creating"), 1);
    assert_int_equal(count(ctl.out, "COMMAND"), 1);
    close(starter);
    is_ok(CTL("--root", records, "rm", "-f", id));
    assert_int_equal(rmdir(records), 0); /* what nobody creates any more was swept */
}

/* Its init cannot say how it has ended; but then that is how. */
static void one_that_is_killed_is_known_to_be(void **state)
{
    (void)state;
    const char *id = name();
    char other[48];
    snprintf(other, sizeof other, "%s-b", id);
    is_ok(CTL("run", "-d", "--name", id, "--", "sleep", "600"));
    is_ok(CTL("run", "-d", "--name", other, "--", "sleep", "600"));
    is_ok(CTL("stop", "-t", "0", id));
    ctl_outputs(CTL("wait", id), "137\n");
    is_ok(CTL("kill", "-s", "KILL", other));
    ctl_outputs(CTL("wait", other), "137\n");
    is_ok(CTL("rm", other, id));
}

/* One that nobody has named can be called by the beginning of its id, and one that has a name not.
 */
static void its_id_may_be_cut_short(void **state)
{
    (void)state;
    const char *id = name();
    is_ok(CTL("run", "-d", "--name", id, "--", "sleep", "600"));
    struct ctl made_up = CTL("run", "-d", "--", "sleep", "600");
    is_ok(made_up);
    assert_int_equal(strlen(made_up.out), 17);
    char full[32], cut[13];
    snprintf(full, sizeof full, "%s", made_up.out);
    snprintf(cut, sizeof cut, "%.12s", made_up.out);
    ctl_outputs(CTL("rm", "-f", cut), full);
    snprintf(cut, sizeof cut, "%.6s", id);
    ctl_outputs(CTL("rm", "-f", cut), "");
    has(CTL("ps"), id);
    is_ok(CTL("rm", "-f", id));
}

/* Which `ps` lists, and so `rm -f` shall not do nothing about it and be silent. */
static void one_of_another_directory_is_not_absent(void **state)
{
    (void)state;
    const char *id = name();
    char records[300];
    snprintf(records, sizeof records, "%s/elsewhere", test_directory());
    is_ok(CTL("--root", records, "run", "-d", "--name", id, "--", "sleep", "600"));
    ctl_refused(CTL("rm", "-f", id), "another directory has one: --root");
    has(CTL("ps"), id);
    ctl_outputs(CTL("--root", test_directory(), "rm", "-f", id), ""); /* where it is said to be */
    is_ok(CTL("--root", records, "rm", "-f", id));
    ctl_outputs(CTL("rm", "-f", id), "");
}

/* Its other end is scratch-init's. */
static void one_that_is_left_alone_can_have_a_terminal(void **state)
{
    (void)state;
    const char *id = name();
    is_ok(CTL("run", "-dit", "--name", id, "--", "sh", "-c",
              "stty size; tty >&2; trap 'echo bye; exit 6' TERM; while :; do sleep 0.05; done"));
    has(CTL("inspect", id), "\"terminal\":true");
    struct ctl log;
    do
        log = CTL("logs", id);
    while (log.status == 0 && !strstr(log.out, "/dev/pts/0"));
    has(log, "24 80\r\n");
    ctl_outputs(CTL("exec", id, "--", "sh", "-c", "test -t 0 || echo none"), "none\n");
    is_ok(CTL("stop", "-t", "60", id));
    ctl_outputs(CTL("wait", id), "6\n");
    has(CTL("logs", id), "bye\r\n"); /* the last it has written is there, too */
    is_ok(CTL("rm", id));
    ctl_refused(CTL("run", "-dt", "--init=no", "--", "true"), "scratch-init does not stay");
}

/* A pipe's end would be its terminal's hangup, maybe before the command has read a line. */
static void keys_come_from_a_terminal_alone(void **state)
{
    (void)state;
    const char *id = name();
    is_ok(CTL("run", "-d", "--name", id, "--", "sleep", "600"));
    ctl_refused(CTL("exec", "-it", id, "--", "true"), "not a terminal (leave out -i");
    ctl_outputs(CTL("exec", "-t", id, "--", "tty"), "/dev/pts/0\r\n");
    ctl_refused(CTL("exec", "-dt", id, "--", "true"), "(leave out -t, or -d)");
    is_ok(CTL("rm", "-f", id));
}

static void where_there_are_none_none_are_listed(void **state)
{
    (void)state;
    name();
    ctl_outputs(CTL("--root", "/nonexistent/records", "ps", "-q"), "");
    ctl_outputs(CTL("--root", "/nonexistent/records", "ps", "--json"), "[]\n");
    ctl_refused(CTL("--root", "/dev/null", "ps", "--json"), "'/dev/null': ENOTDIR");
    ctl_refused(CTL("logs", "nosuch"), "(see which there are: scratchctl ps -a)");
}

static void stop_asks_as_it_was_told_to(void **state)
{
    (void)state;
    const char *id = name();
    int out;
    is_ok(CTL("run", "-d", "--stop-signal", "SIGUSR1", "--name", id, "--", "sh", "-c",
              "trap 'exit 8' USR1; echo up; while :; do sleep 0.05; done"));
    pid_t log = CTL_START(&out, "logs", "-f", id);
    ctl_expect(out, "up");
    is_ok(CTL("stop", "-t", "60", id));
    ctl_outputs(CTL("wait", id), "8\n");
    assert_int_equal(ctl_wait(log), 0);
    close(out);
    is_ok(CTL("rm", id));
    ctl_refused(CTL("run", "-d", "--stop-signal", "NO", "--", "true"), "there is no such signal");
}

static void one_that_ends_by_itself_can_be_removed_with_that(void **state)
{
    (void)state;
    const char *id = name();
    is_ok(CTL("run", "-d", "--rm", "--name", id, "--", "sleep", "600"));
    is_ok(CTL("stop", "-t", "0", id));
    is_ok(CTL("run", "-d", "--rm", "--name", id, "--", "sleep", "600")); /* its name is free */
    is_ok(CTL("rm", "-f", id));
    ctl_refused(CTL("inspect", id), "does not exist");
}

static void one_in_the_foreground_is_seen_too(void **state)
{
    (void)state;
    const char *id = name();
    int out;
    pid_t pid = CTL_START(&out, "run", "--name", id, "--", "sh", "-c", "echo up; sleep 600");
    ctl_expect(out, "up");
    has(CTL("ps"), id);
    is_ok(CTL("stop", "-t", "0", id));
    assert_int_equal(ctl_wait(pid), 137);
    close(out);
    ctl_refused(CTL("inspect", id), "does not exist");
}

static void exec_is_whom_it_is_told_to_be(void **state)
{
    (void)state;
    const char *id = name();
    is_ok(CTL("run", "-d", "--name", id, "-e", "A=1", "-w", "/usr", "--", "sleep", "600"));
    ctl_outputs(CTL("exec", id, "--", "sh", "-c", "echo $A; pwd; id -u"), "1\n/usr\n0\n");
    ctl_outputs(CTL("exec", "-e", "B=2", "-w", "/tmp", id, "--", "sh", "-c", "echo $A $B; pwd"),
                "1 2\n/tmp\n");
    if (geteuid() == 0)
        ctl_outputs(CTL("exec", "-u", "1:2", id, "--", "sh", "-c", "id -u; id -g"), "1\n2\n");
    is_ok(CTL("rm", "-f", id));
}

/* Row 18 of SECURITY.md: what is no id is never taken for 0 (CVE-2026-30892). */
static void exec_as_nobody_known_is_refused(void **state)
{
    static const char *const users[] = {"",   "-1", "1x",         "0x1",
                                        " 0", "1:", "4294967295", "4294967296"};
    (void)state;
    const char *id = name();
    is_ok(CTL("run", "-d", "--name", id, "--", "sleep", "600"));
    for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
        struct ctl ctl = CTL("exec", "-u", users[i], id, "--", "id", "-u");
        if (ctl.status == 0 || *ctl.out)
            fail_msg("'%s' is taken for %s", users[i], ctl.out);
    }
    is_ok(CTL("rm", "-f", id));
}

static void it_is_paused_and_limited(void **state)
{
    (void)state;
    const char *id = name();
    if (!test_privileged() || geteuid() != 0)
        TEST_SKIP("an ordinary user has no control group here");
    is_ok(CTL("run", "-d", "--name", id, "-m", "64m", "--", "sleep", "600"));
    struct ctl paused = CTL("pause", id);
    if (paused.status != 0 && strstr(paused.err, "ENOTSUP")) {
        is_ok(CTL("rm", "-f", id));
        TEST_SKIP("no hierarchy can freeze");
    }
    is_ok(paused);
    has(CTL("ps"), "paused");
    assert_non_null(strstr(CTL("exec", id, "--", "true").err, "it is paused"));
    is_ok(CTL("resume", id));
    has(CTL("ps"), "running");
    is_ok(CTL("update", "-m", "96m", id));
    is_ok(CTL("pause", id));
    is_ok(CTL("stop", "-t", "0", id)); /* what is frozen can be ended */
    is_ok(CTL("rm", id));
}

TEST_MAIN(one_is_left_alone, the_last_lines_of_a_log_are_asked_for, they_are_found_by_their_labels,
          what_is_being_created_is_listed_too, one_that_is_killed_is_known_to_be,
          its_id_may_be_cut_short, one_of_another_directory_is_not_absent,
          one_that_is_left_alone_can_have_a_terminal, keys_come_from_a_terminal_alone,
          where_there_are_none_none_are_listed, stop_asks_as_it_was_told_to,
          one_that_ends_by_itself_can_be_removed_with_that, one_in_the_foreground_is_seen_too,
          exec_is_whom_it_is_told_to_be, exec_as_nobody_known_is_refused, it_is_paused_and_limited)
