/* SPDX-License-Identifier: MIT */
/*
 * scratchctl run --userns, --uidmap and -u.
 */
#include "cli/ctl.h"
#include "support/ranges.h"
#include "support/rootfs.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAP "sed 's/  */ /g' /proc/self/uid_map"

static void says(struct ctl ctl, const char *expected)
{
    if (ctl.status != 0)
        fail_msg("status %d: %s", ctl.status, ctl.err);
    assert_string_equal(ctl.out, expected);
}

static void auto_keeps_owners(void **state)
{
    char path[4096];
    struct stat st;
    const char *root = test_rootfs_new();
    (void)state;
    test_need_idmaps();
    ctl_need_containers();
    struct ctl ctl = CTL("run", "--userns=auto", root, "--", "sh", "-c",
                         "touch /tmp/a; stat -c %u /tmp/a /bin/sh");
    if (!test_privileged()) {
        assert_int_equal(ctl.status, 125);
        assert_non_null(strstr(ctl.err, "not root"));
        return;
    }
    says(ctl, "0\n0\n");
    snprintf(path, sizeof path, "%s/tmp/a", root);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_uid, 0);
}

static void two_at_once_have_different_ids(void **state)
{
    int out[2];
    pid_t pid[2];
    char text[2][64] = {"", ""};
    (void)state;
    test_need_idmaps();
    if (!test_privileged())
        TEST_SKIP("--userns=auto is for root");
    const char *const arguments[] = {
        "run", "--userns=auto",       "--volatile", test_rootfs(), "--", "sh",
        "-c",  MAP "; exec sleep 60", NULL};
    for (int i = 0; i < 2; i++)
        pid[i] = ctl_start(&out[i], arguments);
    for (int i = 0; i < 2; i++)
        for (size_t at = 0; !strchr(text[i], '\n'); at = strlen(text[i])) /* it comes in pieces */
            assert_true(read(out[i], text[i] + at, sizeof text[i] - 1 - at) > 0);
    assert_string_not_equal(text[0], text[1]);
    for (int i = 0; i < 2; i++) {
        kill(pid[i], SIGTERM);
        ctl_wait(pid[i]);
        close(out[i]);
    }
}

static void a_range_may_be_a_small_one(void **state)
{
    (void)state;
    test_need_idmaps();
    ctl_refused(CTL("run", "--userns=auto:size=0", "--", "true"), "'0': not from 1");
    ctl_refused(CTL("run", "--userns=auto:size=65537", "--", "true"), "65536");
    ctl_refused(CTL("run", "--userns=auto:uidmapping=0:1:2", "--", "true"), "auto:size=N");
    if (!test_privileged())
        TEST_SKIP("--userns=auto is for root");
    for (int size = 1; size <= 2000; size += 1999) {
        char option[64], expected[16];
        snprintf(option, sizeof option, "--userns=auto:size=%d", size);
        snprintf(expected, sizeof expected, "%d\n", size);
        says(CTL("run", option, "--volatile", test_rootfs(), "--", "sh", "-c",
                 "while read -r inside outside count; do echo $count; done </proc/self/uid_map"),
             expected);
    }
}

static void maps_can_be_given(void **state)
{
    (void)state;
    ctl_need_containers();
    if (!test_privileged())
        TEST_SKIP("other ids than one's own are root's to map");
    says(CTL("run", "--uidmap", "0:200000:10", "--uidmap=100:300000", "--", "sh", "-c",
             MAP "; sed 's/  */ /g' /proc/self/gid_map"),
         " 0 200000 10\n 100 300000 1\n 0 200000 10\n 100 300000 1\n");
    says(CTL("run", "--uidmap", "0:200000:10", "--gidmap", "0:400000:20", "--", "sh", "-c",
             "sed 's/  */ /g' /proc/self/gid_map"),
         " 0 400000 20\n");
}

static void keep_id_keeps_the_number(void **state)
{
    char expected[64];
    (void)state;
    ctl_need_containers();
    snprintf(expected, sizeof expected, "%u:%u\n", (unsigned)geteuid(), (unsigned)getegid());
    says(CTL("run", "--userns=keep-id", "--", "sh", "-c", "echo $(id -u):$(id -g)"), expected);
}

static void names_are_those_of_the_root(void **state)
{
    char path[4096];
    const char *root = test_rootfs_new();
    (void)state;
    ctl_need_containers();
    if (!test_privileged())
        TEST_SKIP("an ordinary user's user namespace has one id");
    snprintf(path, sizeof path, "%s/etc/passwd", root);
    unlink(path);
    test_make_file(root, "etc/passwd", "someone:x:123:124::/home/some:/bin/sh\n");
    says(CTL("run", "-u", "someone", root, "--", "sh", "-c", "echo $(id -u) $(id -g) $HOME"),
         "123 124 /home/some\n");
    says(CTL("run", "-u", "someone", "-e", "A=b", root, "--", "sh", "-c", "echo $HOME $A"),
         "/home/some b\n");
    says(CTL("run", "-u", "someone", "-e", "HOME=/x", root, "--", "sh", "-c", "echo $HOME"),
         "/x\n");
    says(CTL("run", "-e", "A=b", root, "--", "sh", "-c", "echo $HOME $A"), "/root b\n");
    struct ctl ctl = CTL("run", "-u", "daemon", root, "--", "true");
    assert_int_equal(ctl.status, 125);
    assert_non_null(strstr(ctl.err, "/etc/passwd"));
}

/* In the namespace where the user has ranges. */
static void run_with_ranges(void)
{
    struct ctl ctl = CTL("run", "--volatile", test_rootfs(), "--", "sh", "-c",
                         "touch /a && chown 42 /a && stat -c %u /a");
    TEST_EXPECT(ctl.status == 0 && strcmp(ctl.out, "42\n") == 0);
    ctl = CTL("run", "--dry-run", "--", "true");
    TEST_EXPECT(ctl.status == 0 && strstr(ctl.out, "newuidmap PID 0 65533 1 1 300000 65536"));
}

static void an_ordinary_user_can_change_owners(void **state)
{
    char program[4096];
    (void)state;
    if (access("/usr/bin/newuidmap", X_OK) < 0)
        TEST_SKIP("newuidmap (uidmap) is not installed");
    if (test_privileged() && access(ctl_program("scratchctl"), X_OK) == 0) {
        snprintf(program, sizeof program,
                 "setpriv --reuid=65533 --clear-groups --regid=65533 test -x %s",
                 ctl_program("scratchctl"));
        if (system(program) != 0)
            TEST_SKIP("scratchctl lies where an ordinary user cannot run it");
    }
    test_rootfs();
    test_with_ranges(RANGES_USER ":300000:65536\n", run_with_ranges);
}

TEST_MAIN(auto_keeps_owners, two_at_once_have_different_ids, a_range_may_be_a_small_one,
          maps_can_be_given, keep_id_keeps_the_number, names_are_those_of_the_root,
          an_ordinary_user_can_change_owners)
