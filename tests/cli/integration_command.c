/* SPDX-License-Identifier: MIT */
/*
 * The options of `scratchctl run` that are about the command: what it sees of them.
 */
#include "base/privilege.h"
#include "cli/ctl.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file of the test's, with a text in it. */
static const char *write_file(const char *name, const char *text)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", test_directory(), name);
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
    return path;
}

/* A script in which "$0" is scratchctl. */
static struct ctl shell(const char *script)
{
    static char out[4096];
    char command[2048];
    snprintf(command, sizeof command, "sh -c '%s' %s 2>&1", script, ctl_program("scratchctl"));
    FILE *in = popen(command, "re");
    assert_non_null(in);
    size_t n = fread(out, 1, sizeof out - 1, in);
    out[n] = '\0';
    int status = pclose(in);
    return (struct ctl){status >> 8, out, out};
}

/* ---- environment and arguments --------------------------------------------------------------- */

static void variables_come_from_a_file(void **state)
{
    (void)state;
    ctl_need_containers();
    const char *path = write_file("env", "# two\nA=file one\nB=file\n");
    ctl_outputs(
        CTL("run", "-eB=option", "--env-file", path, "--", "sh", "-c", "echo \"$A,$B,$HOME\""),
        "file one,option,/root\n");
    ctl_refused(CTL("run", "--env-file", write_file("env", "ok=1\nno good=2\n"), "--", "true"),
                "/env:2'");
}

static void short_forms_are_dockers(void **state)
{
    (void)state;
    ctl_need_containers();
    ctl_outputs(CTL("run", "-eA=1", "--env=B=2", "-w/usr", "--", "sh", "-c", "echo $A$B $PWD"),
                "12 /usr\n");
}

static void an_entrypoint_takes_the_command_as_its_arguments(void **state)
{
    (void)state;
    ctl_need_containers();
    ctl_outputs(CTL("run", "--entrypoint", "echo", "--", "a", "b c"), "a b c\n");
    ctl_outputs(CTL("run", "--entrypoint", "echo", "--"), "\n");
}

static void rm_is_taken_for_granted(void **state)
{
    (void)state;
    ctl_need_containers();
    assert_int_equal(CTL("run", "--rm", "--", "true").status, 0);
    ctl_refused(CTL("run", "--rm=no", "--", "true"), "leave the option out");
}

static void a_name_is_the_containers_own(void **state)
{
    int out;
    (void)state;
    ctl_need_containers();
    char name[64];
    snprintf(name, sizeof name, "test.cli_%d", (int)getpid());
    if (geteuid() != 0) {
        assert_int_equal(unsetenv("XDG_RUNTIME_DIR"), 0);
        ctl_refused(CTL("run", "--name", name, "--", "true"), "XDG_RUNTIME_DIR");
        assert_int_equal(setenv("XDG_RUNTIME_DIR", test_directory(), 1), 0);
    }
    pid_t pid = CTL_START(&out, "run", "--name", name, "--", "sh", "-c", "echo ready; sleep 60");
    ctl_expect(out, "ready");
    ctl_refused(CTL("run", "--name", name, "--", "true"), "there is a container of that name");
    assert_int_equal(kill(pid, SIGTERM), 0);
    ctl_wait(pid);
    close(out);
    assert_int_equal(CTL("run", "--name", name, "--", "true").status, 0);
    ctl_refused(CTL("run", "--name", "-x", "--", "true"), "a letter or digit first");
    ctl_refused(CTL("run", "--name", "a/b", "--", "true"),
                "container id 'a/b': EINVAL: invalid character `/` in the ID");
}

/* ---- files ----------------------------------------------------------------------------------- */

static void open_files_are_handed_over(void **state)
{
    static const char *const init[] = {"yes", "no"};
    (void)state;
    ctl_need_containers();
    const char *path = write_file("file", "first\nsecond\n");
    for (int i = 0; i < 2; i++) {
        char script[1500];
        snprintf(
            script, sizeof script,
            "\"$0\" run --preserve-fds 2 --init=%s -- "
            "sh -c \"cat <&3; cat <&4; ls /proc/self/fd | wc -l\" 3<%s 4</etc/hostname 5</dev/null",
            init[i], path);
        struct ctl ctl = shell(script);
        assert_int_equal(strncmp(ctl.out, "first\nsecond\n", 13), 0);
        /* 0 to 4, and that of ls itself */
        assert_string_equal(strrchr(ctl.out, '\0') - 3, "\n6\n");
    }
}

static void a_file_that_is_not_open_is_named(void **state)
{
    (void)state;
    struct ctl ctl = shell("exec \"$0\" run --preserve-fds 2 -- true 3</dev/null 4<&-");
    ctl_refused(ctl, "file descriptor 4 is not open");
}

static void without_preserve_nothing_is_handed_over(void **state)
{
    (void)state;
    ctl_need_containers();
    /* Others give a large number, for all that there are. */
    struct ctl all = shell("exec \"$0\" run --preserve-fds 100 -- "
                           "test -e /proc/self/fd/3 3</dev/null 4<&-");
    assert_int_equal(all.status, 0);
    ctl_outputs(shell("\"$0\" run -- sh -c \"ls /proc/self/fd | wc -l\" 3</dev/null 4</dev/null"),
                "4\n");
}

/* ---- the process ----------------------------------------------------------------------------- */

static void the_umask_is_the_commands(void **state)
{
    (void)state;
    ctl_need_containers();
    ctl_outputs(CTL("run", "--umask", "0027", "--", "sh", "-c", "umask"), "0027\n");
    ctl_outputs(CTL("run", "--", "sh", "-c", "umask"), "0022\n");
}

static void limits_of_processes_are_set(void **state)
{
    (void)state;
    ctl_need_containers();
    ctl_outputs(CTL("run", "--ulimit", "nofile=100:200", "--ulimit=core=0", "--", "sh", "-c",
                    "ulimit -Sn; ulimit -Hn; ulimit -c"),
                "100\n200\n0\n");
}

static void groups_are_added(void **state)
{
    (void)state;
    ctl_need_containers();
    if (!test_privileged()) {
        ctl_refused(CTL("run", "--group-add", "20", "--", "id"),
                    "the user namespace has one group");
        return;
    }
    ctl_outputs(CTL("run", "--group-add", "20", "--group-add", "33", "-u1000", "--", "id", "-G"),
                "1000 20 33\n");
}

static void the_out_of_memory_score_is_adjusted(void **state)
{
    (void)state;
    ctl_need_containers();
    ctl_outputs(CTL("run", "--oom-score-adj", "700", "--", "cat", "/proc/self/oom_score_adj"),
                "700\n");
    if (privilege_has(CAP_SYS_RESOURCE))
        ctl_outputs(CTL("run", "--oom-score-adj=-700", "--", "cat", "/proc/self/oom_score_adj"),
                    "-700\n");
    else
        ctl_refused(CTL("run", "--oom-score-adj=-700", "--", "true"), "only CAP_SYS_RESOURCE");
    ctl_refused(CTL("run", "--oom-score-adj=-1001", "--", "true"), "not a whole number from -1000");
}

static void what_runs_too_long_is_killed(void **state)
{
    (void)state;
    ctl_need_containers();
    struct ctl ctl = CTL("run", "--timeout", "1", "--", "sleep", "60");
    assert_int_equal(ctl.status, 137);
    assert_non_null(strstr(ctl.err, "it still ran after 1 second"));
    ctl = CTL("run", "--timeout", "60", "--", "sh", "-c", "exit 3");
    assert_int_equal(ctl.status, 3);
    assert_string_equal(ctl.err, "");
}

/* ---- all of the machine ---------------------------------------------------------------------- */

static void privileged_holds_nothing_back(void **state)
{
    static const char script[] =
        "grep -E 'NoNewPrivs|Seccomp:' /proc/self/status; mount -t tmpfs x /mnt && echo mounted; "
        "test -c /proc/keys || echo shown; test -c /dev/kmsg && echo devices; "
        "mkdir /sys/fs/cgroup/x 2>/dev/null; grep -q 'sysfs.*rw' /proc/mounts && echo writable";
    (void)state;
    ctl_need_containers();
    if (access("/dev/kmsg", F_OK) < 0)
        TEST_SKIP("this is a container already, and has few devices");
    if (test_filtered())
        TEST_SKIP("a system call filter holds the tests themselves");
    struct ctl ctl = CTL("run", "--", "sh", "-c", script);
    assert_string_equal(ctl.out, "NoNewPrivs:\t1\nSeccomp:\t2\n");
    ctl = CTL("run", "--privileged", "--", "sh", "-c", script);
    assert_int_equal(strncmp(ctl.out, "NoNewPrivs:\t0\nSeccomp:\t0\nmounted\n", 32), 0);
    assert_non_null(strstr(ctl.out, "shown\ndevices\nwritable\n"));
}

static void the_hosts_devices_are_the_same(void **state)
{
    static const char script[] = "stat -c '%n %t:%T %a %F' /dev/kmsg /dev/null /dev/tty";
    char outside[512];
    (void)state;
    ctl_need_containers();
    FILE *in = popen(script, "re");
    size_t n = fread(outside, 1, sizeof outside - 1, in);
    outside[n] = '\0';
    if (pclose(in) != 0)
        TEST_SKIP("there is no /dev/kmsg here");
    ctl_outputs(CTL("run", "--privileged", "--", "sh", "-c", script), outside);
}

TEST_MAIN(variables_come_from_a_file, short_forms_are_dockers,
          an_entrypoint_takes_the_command_as_its_arguments, rm_is_taken_for_granted,
          a_name_is_the_containers_own, open_files_are_handed_over,
          a_file_that_is_not_open_is_named, without_preserve_nothing_is_handed_over,
          the_umask_is_the_commands, limits_of_processes_are_set, groups_are_added,
          the_out_of_memory_score_is_adjusted, what_runs_too_long_is_killed,
          privileged_holds_nothing_back, the_hosts_devices_are_the_same)
