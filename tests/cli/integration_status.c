/* SPDX-License-Identifier: MIT */
/*
 * What scratchctl says when something is wrong, and its exit status.
 */
#include "cli/ctl.h"
#include "support/rootfs.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Failed by itself: with a line that has these words, and another that says where to look. */
static void refuses(struct ctl ctl, const char *words, const char *help)
{
    if ((ctl.status != 125 && ctl.status != 1) || !strstr(ctl.err, words))
        fail_msg("%d: %s", ctl.status, ctl.err);
    assert_string_equal(ctl.out, "");
    assert_int_equal(strncmp(ctl.err, "scratchctl: ", 12), 0);
    const char *second = strchr(ctl.err, '\n') + 1;
    assert_string_equal(second, help);
}

#define TRY_RUN "Try 'scratchctl run --help'.\n"
#define TRY     "Try 'scratchctl --help'.\n"

static void the_status_is_the_commands(void **state)
{
    (void)state;
    ctl_need_containers();
    assert_int_equal(CTL("run", "--", "true").status, 0);
    assert_int_equal(CTL("run", "--", "false").status, 1);
    assert_int_equal(CTL("run", "--", "sh", "-c", "exit 42").status, 42);
    assert_int_equal(CTL("run", "--", "sh", "-c", "kill -KILL $$").status, 137);
    assert_int_equal(CTL("run", "--", "sh", "-c", "kill -TERM $$").status, 143);
    assert_int_equal(CTL("run", "--init=no", "--", "sh", "-c", "exit 3").status, 3);
}

static void a_command_that_is_not_there_is_127(void **state)
{
    (void)state;
    ctl_need_containers();
    struct ctl ctl = CTL("run", "--", "libscratch-no-such-command");
    assert_int_equal(ctl.status, 127);
    assert_non_null(strstr(ctl.err, "libscratch-no-such-command"));
    assert_null(strstr(ctl.err, "--help"));
    assert_int_equal(CTL("run", "--", "/no/such/command").status, 127);
    assert_int_equal(CTL("run", "--init=no", "--", "/no/such/command").status, 127);
}

static void a_command_that_cannot_be_executed_is_126(void **state)
{
    (void)state;
    ctl_need_containers();
    struct ctl ctl = CTL("run", "--", "/etc/passwd");
    assert_int_equal(ctl.status, 126);
    assert_non_null(strstr(ctl.err, "/etc/passwd"));
    assert_int_equal(CTL("run", "--", "/usr").status, 126);

    const char *root = test_rootfs_new();
    assert_int_equal(chmod(test_make_file(root, "text", "hello\n"), 0755), 0);
    assert_int_equal(CTL("run", root, "--", "/text").status, 126);
}

static void what_the_library_refuses_is_125(void **state)
{
    (void)state;
    struct ctl ctl = CTL("run", "/no/such/root", "--", "true");
    assert_int_equal(ctl.status, 125);
    assert_non_null(strstr(ctl.err, "/no/such/root"));
    assert_non_null(strstr(ctl.err, "ENOENT"));
    assert_int_equal(CTL("run", "-w", "relative", "--", "true").status, 125);
    assert_int_equal(CTL("run", "--net", "/no/such/namespace", "--", "true").status, 125);
}

static void bad_options_say_what_is_wrong(void **state)
{
    (void)state;
    refuses(CTL("run", "--no-such", "--", "true"), "--no-such", TRY_RUN);
    refuses(CTL("run", "--hostnam=x", "--", "true"), "did you mean --hostname?", TRY_RUN);
    refuses(CTL("run", "-Z", "--", "true"), "option -Z", TRY_RUN);
    refuses(CTL("run", "-m", "10Q", "--", "true"), "the units are b, k, m, g and t", TRY_RUN);
    refuses(CTL("run", "--cpus", "many", "--", "true"), "--cpus 'many'", TRY_RUN);
    refuses(CTL("run", "--pids-limit=0", "--", "true"), "-1 means no limit", TRY_RUN);
    refuses(CTL("run", "-u", "-1", "--", "true"), "USER:GROUP", TRY_RUN);
    refuses(CTL("run", "-v", "/tmp", "--", "true"), "SRC:DST", TRY_RUN);
    refuses(CTL("run", "--tmpfs", "tmp", "--", "true"), "absolute", TRY_RUN);
    refuses(CTL("run", "-e", "=x", "--", "true"), "NAME", TRY_RUN);
    refuses(CTL("run", "--net", "bridge", "--", "true"), "none, host", TRY_RUN);
    refuses(CTL("run", "--userns", "own", "--", "true"), "auto:size=N or keep-id", TRY_RUN);
    refuses(CTL("run", "--userns", "ns:/x", "--", "true"), "there already", TRY_RUN);
    refuses(CTL("run", "--uidmap", "0:1:2:3", "--", "true"), "CONTAINER:HOST:SIZE", TRY_RUN);
    refuses(CTL("run", "--cap-add", "fly", "--", "true"), "'fly'", TRY_RUN);
    refuses(CTL("run", "--security-opt", "seccomp=", "--", "true"),
            "seccomp=unconfined, seccomp=default", TRY_RUN);
    refuses(CTL("run", "--security-opt", "apparmor", "--", "true"), "apparmor=PROFILE", TRY_RUN);
    refuses(CTL("run", "--security-opt", "label=kind:x", "--", "true"), "label=", TRY_RUN);
    refuses(CTL("run", "--landlock", "/usr:rq", "--", "true"), "PATH:rwx", TRY_RUN);
    refuses(CTL("run", "--landlock", "bind=70000", "--", "true"), "bind=PORT", TRY_RUN);
    refuses(CTL("run", "--landlock", "usr", "--", "true"), "best-effort", TRY_RUN);
    refuses(CTL("run", "--security-opt", "seccomp", "--", "true"), "seccomp=default", TRY_RUN);
    refuses(CTL("run", "--security-opt", "no-new-privileges=x", "--", "true"), "=false", TRY_RUN);
    refuses(CTL("run", "--init=perhaps", "--", "true"), "yes or no", TRY_RUN);
    refuses(CTL("run", "--dry-run=xml", "--", "true"), "text or json", TRY_RUN);
}

static void what_is_typed_cannot_move_the_cursor(void **state)
{
    (void)state;
    refuses(CTL("run", "-m", "1\x1b[31m", "--", "true"), "'1\\x1b[31m'", TRY_RUN);
    refuses(CTL("run", "--\nscratchctl: fine", "--", "true"), "--\\nscratchctl", TRY_RUN);
}

static void options_that_contradict_each_other_are_refused(void **state)
{
    (void)state;
    refuses(CTL("run", "--upper", "/u", "--work", "/w", "--", "true"), "no layer below", TRY_RUN);
    refuses(CTL("run", "--upper", "/u", "--work", "/w", "--volatile", "/", "--", "true"),
            "--volatile", TRY_RUN);
    refuses(CTL("run", "--cap-add", "kill", "--cap-drop", "KILL", "--", "true"), "CAP_KILL",
            TRY_RUN);
}

static void a_missing_command_is_said(void **state)
{
    (void)state;
    refuses(CTL("run"), "-- COMMAND", TRY_RUN);
    refuses(CTL("run", "/", "ls"), "no '--'", TRY_RUN);
    refuses(CTL("run", "--"), "none behind '--'", TRY_RUN);
    refuses(CTL("run", "/", "/usr", "--", "ls"), "'/usr'", TRY_RUN);
    refuses(CTL("run", "--hostname", "--", "ls"), "needs a value", TRY_RUN);
    refuses(ctl_run(NULL, (const char *const[]){NULL}), "scratchctl run", TRY);
    refuses(CTL("rnu"), "did you mean run?", TRY);
    refuses(CTL("help", "rnu"), "did you mean run?", TRY);
    refuses(CTL("pull", "debian"), "unpack an image into one", TRY);
    refuses(CTL("top", "web"), "scratchctl ps ID", TRY);
    refuses(CTL("--bad"), "--bad", TRY);
}

static void a_misplaced_option_is_told_its_place(void **state)
{
    (void)state;
    refuses(CTL("run", "--root", "/x", "--", "true"),
            "it goes before the command: scratchctl --root DIR ...", TRY_RUN);
    refuses(CTL("run", "--debug", "--", "true"), "before the command: scratchctl --debug ...",
            TRY_RUN);
    refuses(CTL("--hostname", "x", "run"), "a command's options go behind its name", TRY);
    refuses(CTL("-d", "run"), "a command's options go behind its name", TRY);
}

/* Else it would be left out, and a limit with it. */
static void what_a_bundle_says_itself_is_refused(void **state)
{
    (void)state;
    refuses(CTL("run", "-m", "64m", "--bundle", "/x", "id"), "option --memory: without a command",
            TRY_RUN);
    refuses(CTL("run", "-d", "--name", "web", "/x"), "goes behind '--'", TRY_RUN);
}

/* Before anything is done: who looks there would find nothing. */
static void a_log_that_cannot_be_written_is_refused(void **state)
{
    (void)state;
    refuses(CTL("--log", "/nonexistent/log", "run", "--", "echo", "ran"), "'/nonexistent/log'",
            TRY);
    refuses(CTL("--log", "/", "run", "--", "echo", "ran"), "a file that can be written", TRY);
}

static void an_update_of_nothing_is_refused(void **state)
{
    (void)state;
    struct ctl ctl = CTL("update", "--error-format", "text", "x");
    assert_int_equal(ctl.status, 1);
    assert_non_null(strstr(ctl.err, "new limit: none is given (such as --memory 512m)"));
}

static void errors_can_be_json(void **state)
{
    (void)state;
    struct ctl ctl = CTL("--error-format=json", "run", "-m", "10Q", "--", "true");
    assert_int_equal(ctl.status, 125);
    assert_int_equal(ctl.err[0], '{');
    assert_non_null(strstr(ctl.err, "\"10Q\""));
    assert_string_equal(strchr(ctl.err, '\n'), "\n");
    ctl = CTL("run", "--error-format", "json", "/no/such/root", "--", "true");
    assert_int_equal(ctl.status, 125);
    assert_int_equal(ctl.err[0], '{');
    assert_non_null(strstr(ctl.err, "/no/such/root"));
}

static void help_is_printed(void **state)
{
    (void)state;
    struct ctl ctl = CTL("--help");
    assert_int_equal(ctl.status, 0);
    assert_non_null(strstr(ctl.out, "features"));
    ctl = CTL("run", "--help");
    assert_int_equal(ctl.status, 0);
    assert_non_null(strstr(ctl.out, "-m, --memory SIZE "));
    assert_non_null(strstr(ctl.out, "    --dry-run[=json] "));
    assert_string_equal(ctl.err, "");
    assert_int_equal(CTL("help").status, 0);
    assert_non_null(strstr(CTL("help", "run").out, "-m, --memory SIZE "));
    assert_non_null(strstr(CTL("features", "-h").out, "--json"));
    ctl = CTL("--version");
    assert_int_equal(ctl.status, 0);
    assert_string_equal(ctl.out, "scratchctl (libscratch) " SCRATCH_VERSION "\n");
}

static void output_that_cannot_be_written_is_said(void **state)
{
    (void)state;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(full, 1);
        dup2(open("/dev/null", O_WRONLY), 2);
        execl(ctl_program("scratchctl"), "scratchctl", "--help", (char *)NULL);
        _exit(99);
    }
    assert_int_equal(ctl_wait(pid), 125);
    close(full);
}

static void a_reader_may_leave_early(void **state)
{
    int out;
    (void)state;
    ctl_need_containers();
    pid_t pid = CTL_START(&out, "run", "--", "yes");
    ctl_expect(out, "y");
    close(out);
    assert_int_equal(ctl_wait(pid), 128 + SIGPIPE);
}

TEST_MAIN(the_status_is_the_commands, a_command_that_is_not_there_is_127,
          a_command_that_cannot_be_executed_is_126, what_the_library_refuses_is_125,
          bad_options_say_what_is_wrong, what_is_typed_cannot_move_the_cursor,
          options_that_contradict_each_other_are_refused, a_missing_command_is_said,
          a_misplaced_option_is_told_its_place, what_a_bundle_says_itself_is_refused,
          a_log_that_cannot_be_written_is_refused, an_update_of_nothing_is_refused,
          errors_can_be_json, help_is_printed, output_that_cannot_be_written_is_said,
          a_reader_may_leave_early)
