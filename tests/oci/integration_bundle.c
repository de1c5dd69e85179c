/* SPDX-License-Identifier: MIT */
/*
 * Bundles of the OCI runtime specification: what each key does, as it is seen from inside.
 */
#include "process/seccomp_cache.h"
#include "support/apart.h"
#include "support/bundle.h"
#include "support/rootfs.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- process -------------------------------------------------------------------------------- */

static void the_process_is_as_it_says(void **state){static const struct {struct bundle_parts parts;
const char *expected;
}
rows[] = {
    {{.command = "echo $$ $PATH $HOME"}, "1 /bin /\n"},
    {{.command = "umask", .process = ",\"user\":{\"umask\":63}"}, "0077\n"},
    {{.command = "umask"}, "0022\n"},
    {{.command = "cut -d' ' -f5,6 /proc/1/stat"}, "1 1\n"}, /* process group and session */
    {{.command = "ulimit -n; ulimit -Hn",
      .process = ",\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":100,\"hard\":200}]"},
     "100\n200\n"},
    {{.command = "grep NoNewPrivs /proc/self/status", .process = ",\"noNewPrivileges\":true"},
     "NoNewPrivs:\t1\n"},
    {{.command = "cat /proc/self/oom_score_adj", .process = ",\"oomScoreAdj\":500"}, "500\n"},
    {{.command = "grep Cap[EBPIA] /proc/self/status | cut -c8- | tr -s '\\\\n' ' '",
      .process = ",\"capabilities\":{\"bounding\":[\"CAP_KILL\",\"CAP_CHOWN\"],"
                 "\"permitted\":[\"CAP_KILL\"],\"effective\":[\"CAP_KILL\"],"
                 "\"inheritable\":[\"CAP_KILL\"],\"ambient\":[]}"},
     "\t0000000000000020 \t0000000000000021 \t0000000000000021 \t0000000000000021 "
     "\t0000000000000000 "},
    {{.command = "cut -d' ' -f19 /proc/self/stat",
      .process = ",\"scheduler\":{\"policy\":\"SCHED_BATCH\",\"nice\":7}"},
     "7\n"},
    {{.command = "uname -m", .section = ",\"personality\":{\"domain\":\"LINUX32\"}"},
#if defined(__x86_64__)
     "i686\n"},
#else
     "armv8l\n"},
#endif
    {{.command = "hostname; cat /proc/sys/kernel/domainname",
      .more = ",\"hostname\":\"inside\",\"domainname\":\"some.where\""},
     "inside\nsome.where\n"},
    {{.command = "cat /proc/sys/kernel/shmmni",
      .section = ",\"sysctl\":{\"kernel.shmmni\":\"99\"}"},
     "99\n"},
};
(void)state;
for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    bundle_expect(&rows[i].parts, rows[i].expected);
}

static void other_users_have_the_sets_they_are_given(void **state)
{
    const struct bundle_parts p = {
        .command = "id -u; id -G; grep Cap[EPA] /proc/self/status | cut -c8-",
        .process = ",\"user\":{\"uid\":5,\"gid\":6,\"additionalGids\":[7,8]},"
                   "\"capabilities\":{\"bounding\":[\"CAP_KILL\"],\"permitted\":[\"CAP_KILL\"],"
                   "\"effective\":[\"CAP_KILL\"],\"inheritable\":[\"CAP_KILL\"],"
                   "\"ambient\":[\"CAP_KILL\"]}"};
    (void)state;
    if (!test_privileged())
        TEST_SKIP("one id alone is mapped");
    bundle_expect(&p, "5\n6 7 8\n\t0000000000000020\n\t0000000000000020\n\t0000000000000020\n");
}

static void what_cannot_be_ambient_is_a_warning(void **state)
{
    const struct bundle_parts p = {
        .command = "true",
        .process = ",\"capabilities\":{\"permitted\":[\"CAP_KILL\",\"CAP_CHOWN\"],"
                   "\"inheritable\":[\"CAP_KILL\"],\"ambient\":[\"CAP_KILL\",\"CAP_CHOWN\"]}"};
    struct scratch_error err = {0}, warning;
    scratch_oci_bundle *bundle;
    (void)state;
    TEST_OK(bundle_load(&p, &bundle, &err), &err);
    assert_int_equal(scratch_oci_warning(bundle, 0, &warning), 0);
    assert_non_null(strstr(warning.cause, "can't raise ambient capability CAP_CHOWN: "));
    assert_int_not_equal(scratch_oci_warning(bundle, 1, &warning), 0);
    scratch_oci_free(bundle);
}

static void the_working_directory_is_made(void **state)
{
    struct scratch_error err = {0};
    scratch_oci_bundle *bundle;
    int status;
    const struct bundle_parts p = {.command = "pwd"};
    (void)state;
    TEST_OK(bundle_load(&p, &bundle, &err), &err);
    struct scratch_spec spec = *scratch_oci_spec(bundle);
    struct scratch_process_options process = *spec.process;
    process.cwd = "/not/yet/there";
    spec.process = &process;
    char *out = test_output(&spec, NULL, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(out, "/not/yet/there\n");
    free(out);
    scratch_oci_free(bundle);
}

/* ---- mounts and devices ---------------------------------------------------------------------- */

static void dev_has_what_it_must(void **state)
{
    const struct bundle_parts p = {
        .command = "cd /dev; ls -1 | tr '\\\\n' ' '; for l in ptmx fd stdin; do readlink $l; done"};
    (void)state;
    bundle_expect(&p, "fd full null ptmx pts random stderr stdin stdout tty urandom zero "
                      "pts/ptmx\n/proc/self/fd\n/proc/self/fd/0\n");
}

static void a_device_is_made_by_its_number(void **state)
{
    const struct bundle_parts p = {
        .command = "stat -c '%F %t %T %a %u' /dev/deep/one; stat -c '%F' /dev/pipe;"
                   "stat -c '%F %t %T' /dev/two",
        .section = ",\"devices\":[{\"type\":\"c\",\"path\":\"/dev/deep/one\",\"major\":1,"
                   "\"minor\":7,\"fileMode\":384,\"uid\":3},"
                   "{\"type\":\"b\",\"path\":\"/dev/two/\",\"major\":9,\"minor\":300},"
                   "{\"type\":\"p\",\"path\":\"/dev/pipe\"}]"};
    (void)state;
    if (!test_privileged())
        TEST_SKIP("nodes cannot be made in a user namespace");
    bundle_expect(&p, "character special file 1 7 600 3\nfifo\nblock special file 9 12c\n");
}

/* Nobody can make one there: the caller does, and it has an owner inside. */
static void a_device_is_made_for_a_user_namespace(void **state)
{
    static const struct bundle_parts p = {
        .command = "stat -c '%F %t %T %a %u %g' /dev/deep/one; head -c 1 /dev/deep/one | wc -c;"
                   "chmod 0 /dev/deep/one 2>/dev/null || echo no",
        .namespaces = "{\"type\":\"user\"},{\"type\":\"mount\"},{\"type\":\"pid\"}",
        .section = ",\"uidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":100}],"
                   "\"gidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":100}],"
                   "\"devices\":[{\"type\":\"c\",\"path\":\"/dev/deep/one\",\"major\":1,"
                   "\"minor\":5,\"fileMode\":420,\"uid\":3,\"gid\":4}]"};
    (void)state;
    if (!test_privileged())
        TEST_SKIP("it needs root");
    if (!test_has_call(SYS_open_tree))
        TEST_SKIP("the newer mount calls are refused");
    bundle_expect(&p, "character special file 1 5 644 3 4\n1\nno\n");
}

static void groups_are_kept_as_asked(void **state)
{
    static const gid_t groups[] = {7, 8};
    static const struct bundle_parts p = {
        .command = "id -G", .more = ",\"annotations\":{\"run.oci.keep_original_groups\":\"1\"}"};
    static const struct bundle_parts mapped = {
        .command = "id -G",
        .more = ",\"annotations\":{\"run.oci.keep_original_groups\":\"1\"}",
        .namespaces = "{\"type\":\"user\"},{\"type\":\"mount\"},{\"type\":\"pid\"}",
        .section = ",\"uidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":100}],"
                   "\"gidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":100}]"};
    gid_t before[256];
    int count = getgroups(256, before);
    (void)state;
    if (!test_privileged())
        TEST_SKIP("an ordinary user cannot have other groups than it has");
    assert_true(count >= 0);
    assert_int_equal(setgroups(2, groups), 0);
    bundle_expect(&p, "0 7 8\n");
    bundle_expect(&mapped, "0 7 8\n");
    assert_int_equal(setgroups((size_t)count, before), 0);
}

static void attributes_are_of_the_mount_alone(void **state)
{
    const struct bundle_parts top = {
        .command = "touch /data/x 2>/dev/null || echo no; touch /data/below/x && echo yes",
        .mounts = ",{\"destination\":\"/data\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"},"
                  "{\"destination\":\"/data/below\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"},"
                  "{\"destination\":\"/data\",\"options\":[\"remount\",\"ro\"]}"};
    (void)state;
    bundle_expect(&top, "no\nyes\n");
}

static void binds_are_read_only_as_asked(void **state)
{
    char mounts[1024];
    const char *source = test_make_directory(test_directory(), "source");
    const struct bundle_parts p = {.command = "touch /data/x 2>/dev/null || echo no; ls /data",
                                   .mounts = mounts};
    (void)state;
    test_make_file(source, "a-file", "");
    snprintf(mounts, sizeof mounts,
             ",{\"destination\":\"/data\",\"source\":\"%s\",\"options\":[\"rbind\",\"rro\"]}",
             source);
    bundle_expect(&p, "no\na-file\n");
    snprintf(mounts, sizeof mounts,
             ",{\"destination\":\"data\",\"type\":\"bind\",\"source\":\"%s\","
             "\"options\":[\"rbind\",\"ro\",\"rprivate\"]}",
             source);
    bundle_expect(&p, "no\na-file\n");
}

static void paths_are_masked_and_read_only(void **state)
{
    const struct bundle_parts p = {
        .command = "cat /proc/uptime; echo x >/proc/sys/kernel/hostname 2>/dev/null || echo no",
        .section = ",\"maskedPaths\":[\"/proc/uptime\",\"/nowhere\"],"
                   "\"readonlyPaths\":[\"/proc/sys\"]"};
    (void)state;
    bundle_expect(&p, "no\n");
}

static void the_root_is_read_only(void **state)
{
    const struct bundle_parts p = {.command = "touch /x 2>/dev/null || echo no",
                                   .root = ",\"readonly\":true"};
    (void)state;
    bundle_expect(&p, "no\n");
}

/* Entering a root takes the old one away: not from those whose mounts it shares. */
static void shared_mounts_stay_with_the_others(void)
{
    const struct bundle_parts p = {.command = "true",
                                   .section = ",\"rootfsPropagation\":\"shared\""};
    struct scratch_error err = {0};
    scratch_oci_bundle *bundle = NULL;
    char place[] = "/tmp/libscratch-test-XXXXXX", below[64], file[80];
    TEST_EXPECT(mkdtemp(place) != NULL);
    TEST_EXPECT(mount("tmpfs", place, "tmpfs", 0, NULL) == 0);
    TEST_EXPECT(mount(NULL, place, NULL, MS_SHARED, NULL) == 0);
    snprintf(below, sizeof below, "%s/below", place);
    snprintf(file, sizeof file, "%s/file", below);
    TEST_EXPECT(mkdir(below, 0700) == 0);
    TEST_EXPECT(mount("tmpfs", below, "tmpfs", 0, NULL) == 0);
    int fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    TEST_EXPECT(fd >= 0);
    close(fd);
    TEST_EXPECT(bundle_load(&p, &bundle, &err) == 0);
    TEST_EXPECT(bundle && scratch_run(scratch_oci_spec(bundle), NULL, &err) == 0);
    TEST_EXPECT(access(file, F_OK) == 0);
    scratch_oci_free(bundle);
    TEST_EXPECT(umount2(place, MNT_DETACH) == 0);
    TEST_EXPECT(rmdir(place) == 0);
}

static void a_shared_root_leaves_the_hosts_mounts(void **state)
{
    (void)state;
    test_apart(shared_mounts_stay_with_the_others);
}

static void a_filter_is_loaded(void **state)
{
    const struct bundle_parts p = {
        .command = "mkdir /x 2>&1; true",
        .section = ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":["
                   "{\"names\":[\"mkdir\",\"mkdirat\"],\"action\":\"SCMP_ACT_ERRNO\","
                   "\"errnoRet\":95}]}",
        .process = ",\"noNewPrivileges\":true"};
    struct scratch_error err = {0};
    scratch_oci_bundle *bundle;
    int status;
    (void)state;
    seccomp_cache_base = test_directory();
    TEST_OK(bundle_load(&p, &bundle, &err), &err);
    char *out = test_output(scratch_oci_spec(bundle), NULL, &status, &err);
    TEST_OK(status, &err);
    assert_non_null(strstr(out, "ot supported"));
    free(out);
    scratch_oci_free(bundle);
}

/* ---- hooks ---------------------------------------------------------------------------------- */

#define HOOK(point, script)                                                                        \
    "\"" point "\":[{\"path\":\"/bin/sh\",\"args\":[\"sh\",\"-c\",\"" script "\"],"                \
    "\"env\":[\"PATH=/bin:/usr/bin\",\"NAME=" point "\"]}]"
#define SAY "echo $NAME; grep -o status...creat[a-z]* | cut -c10-"

static void hooks_come_in_their_order(void **state)
{
    const struct bundle_parts p = {
        .command = "echo command",
        .more = ",\"hooks\":{" HOOK("startContainer", SAY) "," HOOK(
            "createContainer", SAY) "," HOOK("createRuntime", SAY) "," HOOK("prestart", SAY) "}"};
    struct scratch_error err = {0};
    scratch_oci_bundle *bundle;
    int status, pipes[2];
    char out[512] = "";
    (void)state;
    TEST_OK(bundle_load(&p, &bundle, &err), &err);
    /* Those outside write where the caller does. */
    assert_int_equal(pipe(pipes), 0);
    int own = dup(STDOUT_FILENO);
    dup2(pipes[1], STDOUT_FILENO);
    status = scratch_run(scratch_oci_spec(bundle), NULL, &err);
    dup2(own, STDOUT_FILENO);
    close(own);
    close(pipes[1]);
    for (size_t at = 0; at + 1 < sizeof out;) {
        ssize_t n = read(pipes[0], out + at, sizeof out - 1 - at);
        if (n <= 0)
            break;
        at += (size_t)n;
    }
    close(pipes[0]);
    TEST_OK(status, &err);
    assert_string_equal(out, "prestart\ncreated\ncreateRuntime\ncreating\ncreateContainer\n"
                             "creating\nstartContainer\ncreated\ncommand\n");
    scratch_oci_free(bundle);
}

static void a_hook_that_fails_ends_it(void **state)
{
    const struct bundle_parts failing = {
        .command = "true",
        .more = ",\"hooks\":{\"createRuntime\":[{\"path\":\"/bin/true\"},{\"path\":\"/bin/sh\","
                "\"args\":[\"sh\",\"-c\",\"exit 3\"]}]}"};
    const struct bundle_parts ended = {
        .command = "true", .more = ",\"hooks\":{" HOOK("startContainer", "kill -SYS $$") "}"};
    const struct bundle_parts slow = {
        .command = "true",
        .more = ",\"hooks\":{\"prestart\":[{\"path\":\"/bin/sleep\",\"args\":[\"sleep\",\"60\"],"
                "\"timeout\":1}]}"};
    const struct bundle_parts missing = {
        .command = "true", .more = ",\"hooks\":{\"prestart\":[{\"path\":\"/nowhere\"}]}"};
    (void)state;
    bundle_expect_error(&failing, ECANCELED, "run the createRuntime hook /bin/sh");
    bundle_expect_error(&failing, ECANCELED,
                        "error running createRuntime hook #1: it ended with status 3");
    bundle_expect_error(&ended, ECANCELED, "it ended with status 159 (signal: bad system call)");
    bundle_expect_error(&slow, ETIMEDOUT, "it was killed at the end of its time");
    bundle_expect_error(&missing, ENOENT, "run the prestart hook /nowhere");
}

static void hooks_afterwards_are_run_by_the_caller(void **state)
{
    static const char *const args[] = {"sh", "-c", "grep -q '\"status\":\"stopped\"'", NULL};
    static const struct scratch_hook hooks[] = {{"/bin/sh", args, NULL, 0},
                                                {"/bin/false", NULL, NULL, 0}};
    struct scratch_hook_options o = SCRATCH_HOOK_OPTIONS_INIT;
    struct scratch_error err = {0};
    (void)state;
    o.at[SCRATCH_HOOK_POSTSTOP].hook = hooks;
    o.at[SCRATCH_HOOK_POSTSTOP].count = 1;
    TEST_OK(scratch_hooks_run(&o, SCRATCH_HOOK_POSTSTOP, "x", "stopped", 0, &err), &err);
    o.at[SCRATCH_HOOK_POSTSTOP].count = 2;
    assert_int_equal(scratch_hooks_run(&o, SCRATCH_HOOK_POSTSTOP, "x", "stopped", 0, &err),
                     -ECANCELED);
    assert_string_equal(err.what, "run the poststop hook");
    assert_string_equal(err.subject, "/bin/false");
}

TEST_MAIN(the_process_is_as_it_says, other_users_have_the_sets_they_are_given,
          what_cannot_be_ambient_is_a_warning, the_working_directory_is_made, dev_has_what_it_must,
          a_device_is_made_by_its_number, a_device_is_made_for_a_user_namespace,
          groups_are_kept_as_asked, attributes_are_of_the_mount_alone, binds_are_read_only_as_asked,
          paths_are_masked_and_read_only, the_root_is_read_only,
          a_shared_root_leaves_the_hosts_mounts, a_filter_is_loaded, hooks_come_in_their_order,
          a_hook_that_fails_ends_it, hooks_afterwards_are_run_by_the_caller)
