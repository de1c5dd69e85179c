/* SPDX-License-Identifier: MIT */
/*
 * Namespaces that a bundle names by their paths: linux.namespaces[].path.
 */
#include "support/bundle.h"
#include "support/rootfs.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Someone whose namespaces can be joined. */
struct holder {
    pid_t pid;
    int told[2]; /* it waits for the end of this */
};

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

/* What is written is heard: the holder is in its namespaces, or there are none. */
static bool hold(struct holder *h, int types)
{
    int ready[2];
    char yes = 0;
    assert_int_equal(pipe2(h->told, O_CLOEXEC), 0);
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    h->pid = fork();
    assert_true(h->pid >= 0);
    if (h->pid == 0) {
        close(h->told[1]);
        yes = unshare(types) == 0;
        if (yes && types & CLONE_NEWNS)
            yes = mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
        if (write(ready[1], &yes, 1) == 1 && read(h->told[0], &yes, 1) == 0)
            _exit(0);
        _exit(1);
    }
    close(h->told[0]);
    close(ready[1]);
    assert_int_equal(read(ready[0], &yes, 1), 1);
    close(ready[0]);
    return yes;
}

static void let_go(struct holder *h)
{
    close(h->told[1]);
    assert_int_equal(waitpid(h->pid, NULL, 0), h->pid);
}

/* "user:[4026531837]" */
static void read_namespace(pid_t pid, const char *name, char text[64])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, name);
    ssize_t n = readlink(path, text, 62);
    assert_true(n > 0);
    memcpy(text + n, "\n", 2);
}

static void need(bool privileged, struct holder *h, int types)
{
    if (privileged && !test_privileged())
        TEST_SKIP("it needs root");
    if (hold(h, types))
        return;
    let_go(h);
    TEST_SKIP("these namespaces cannot be made here");
}

/* ---- user ----------------------------------------------------------------------------------- */

static void map(const struct holder *h, const char *lines)
{
    static const char *const files[] = {"uid_map", "gid_map"};
    char path[64];
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "/proc/%d/%s", (int)h->pid, files[i]);
        write_file(path, lines);
    }
}

static void a_user_namespace_owns_what_is_made_new(void **state)
{
    char namespaces[256], own[64], expected[256];
    struct holder h;
    (void)state;
    need(true, &h, CLONE_NEWUSER);
    map(&h, "0 100000 65536");
    read_namespace(h.pid, "user", own);
    snprintf(namespaces, sizeof namespaces,
             "{\"type\":\"user\",\"path\":\"/proc/%d/ns/user\"},{\"type\":\"pid\"},"
             "{\"type\":\"mount\"},{\"type\":\"uts\"},{\"type\":\"ipc\"},{\"type\":\"network\"}",
             (int)h.pid);
    snprintf(expected, sizeof expected, "%s 0 100000 65536\n1 5 6\ninside\n", own);
    const struct bundle_parts p = {.command =
                                       "readlink /proc/self/ns/user; tr -s ' ' </proc/self/uid_map;"
                                       "echo $$ $(id -u) $(id -g); hostname",
                                   .process = ",\"user\":{\"uid\":5,\"gid\":6}",
                                   .namespaces = namespaces,
                                   .more = ",\"hostname\":\"inside\""};
    bundle_expect(&p, expected);
    let_go(&h);
}

/* Its root has power over the namespaces that are new, and none over the host's. */
static void its_root_is_no_root_of_the_host(void **state)
{
    char namespaces[256];
    struct holder h;
    (void)state;
    need(true, &h, CLONE_NEWUSER);
    map(&h, "0 100000 65536");
    snprintf(namespaces, sizeof namespaces,
             "{\"type\":\"user\",\"path\":\"/proc/%d/ns/user\"},{\"type\":\"mount\"},"
             "{\"type\":\"pid\"},{\"type\":\"uts\"}",
             (int)h.pid);
    const struct bundle_parts p = {
        .command =
            "hostname mine && hostname; mkdir /tmp/m; mount -t tmpfs none /tmp/m && echo yes;"
            "echo x >/proc/sys/vm/swappiness",
        .process = ",\"capabilities\":{\"bounding\":[\"CAP_SYS_ADMIN\"],"
                   "\"permitted\":[\"CAP_SYS_ADMIN\"],\"effective\":[\"CAP_SYS_ADMIN\"]}",
        .mounts = ",{\"destination\":\"/tmp\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"}",
        .namespaces = namespaces};
    struct scratch_error err = {0};
    scratch_oci_bundle *bundle;
    int status;
    TEST_OK(bundle_load(&p, &bundle, &err), &err);
    char *out = test_output(scratch_oci_spec(bundle), NULL, &status, &err);
    assert_int_equal(status, 1);
    assert_string_equal(out, "mine\nyes\n");
    free(out);
    scratch_oci_free(bundle);
    let_go(&h);
}

static void clocks_are_not_set_in_it(void **state)
{
    const struct bundle_parts p = {
        .command = "true",
        .namespaces = "{\"type\":\"user\",\"path\":\"/proc/self/ns/user\"},{\"type\":\"time\"},"
                      "{\"type\":\"mount\"}",
        .section = ",\"timeOffsets\":{\"boottime\":{\"secs\":5}}"};
    (void)state;
    if (!test_privileged())
        TEST_SKIP("an ordinary user's bundle has a user namespace of its own here");
    bundle_expect_error(&p, EINVAL, "they are set before a user namespace is joined");
}

/* ---- mount ---------------------------------------------------------------------------------- */

static void a_mount_namespace_gets_the_root(void **state)
{
    char namespaces[256], own[64];
    struct holder h;
    (void)state;
    need(true, &h, CLONE_NEWNS);
    read_namespace(h.pid, "mnt", own);
    snprintf(namespaces, sizeof namespaces,
             "{\"type\":\"mount\",\"path\":\"/proc/%d/ns/mnt\"},{\"type\":\"pid\"}", (int)h.pid);
    const struct bundle_parts p = {.command = "readlink /proc/self/ns/mnt; ls -d /bin/busybox",
                                   .namespaces = namespaces};
    char expected[128];
    snprintf(expected, sizeof expected, "%s/bin/busybox\n", own);
    bundle_expect(&p, expected);
    let_go(&h);
}

static void the_callers_own_does_not(void **state)
{
    const struct bundle_parts p = {
        .command = "true",
        .namespaces = "{\"type\":\"mount\",\"path\":\"/proc/self/ns/mnt\"},{\"type\":\"pid\"}"};
    (void)state;
    bundle_expect_error(&p, EINVAL, "it is the caller's own mount namespace");
}

/* It has none of its own: what is mounted for it is in nobody's. */
static void one_that_is_not_asked_for_is_not_made(void **state)
{
    char own[64], expected[256];
    const struct bundle_parts p = {
        .command = "readlink /proc/self/ns/mnt; wc -l </proc/self/mountinfo; ls -d /data/below;"
                   "cat /hidden/secret 2>/dev/null || echo hidden; ls -d /proc/1/root/../bin",
        .mounts = ",{\"destination\":\"/data\",\"type\":\"tmpfs\"},"
                  "{\"destination\":\"/data/below\",\"type\":\"tmpfs\"}",
        .section = ",\"maskedPaths\":[\"/hidden\"]",
        .namespaces = "{\"type\":\"pid\"}",
        .more = ",\"hooks\":{\"createContainer\":[{\"path\":\"/bin/true\"}],"
                "\"startContainer\":[{\"path\":\"/bin/sh\",\"args\":[\"sh\",\"-c\","
                "\"[ -d /data/below ]\"]}]}"};
    (void)state;
    if (!test_privileged())
        TEST_SKIP("it needs root");
    if (!test_has_call(SYS_open_tree))
        TEST_SKIP("open_tree(2) is not here");
    test_make_file(test_make_directory(bundle_root(), "hidden"), "secret", "");
    read_namespace(getpid(), "mnt", own);
    snprintf(expected, sizeof expected, "%s0\n/data/below\nhidden\n/proc/1/root/../bin\n", own);
    struct test_residue before = test_residue();
    bundle_expect(&p, expected);
    assert_int_equal(test_settled(before).mounts, before.mounts);
}

static void some_bundles_need_their_own(void **state)
{
    static const struct bundle_parts user = {
        .command = "true",
        .namespaces = "{\"type\":\"pid\"},{\"type\":\"user\"}",
        .section = ",\"uidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":1}],"
                   "\"gidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":1}]"};
    static const struct bundle_parts shared = {.command = "true",
                                               .namespaces = "{\"type\":\"pid\"}",
                                               .section = ",\"rootfsPropagation\":\"rshared\""};
    (void)state;
    if (!test_privileged())
        TEST_SKIP("an ordinary user's bundle has a user namespace besides here");
    bundle_expect_error(&user, EINVAL, "give the container a mount namespace of its own");
    bundle_expect_error(&shared, EINVAL, "shares its mounts with nobody");
}

/* ---- time ----------------------------------------------------------------------------------- */

static void a_time_namespace_brings_its_clocks(void **state)
{
    char namespaces[256], path[64];
    struct holder h;
    (void)state;
    need(true, &h, CLONE_NEWTIME);
    snprintf(path, sizeof path, "/proc/%d/timens_offsets", (int)h.pid);
    write_file(path, "boottime 100000000 0");
    snprintf(namespaces, sizeof namespaces,
             "{\"type\":\"time\",\"path\":\"/proc/%d/ns/time_for_children\"},{\"type\":\"pid\"},"
             "{\"type\":\"mount\"}",
             (int)h.pid);
    const struct bundle_parts p = {.command =
                                       "[ $(cut -d. -f1 /proc/uptime) -gt 100000000 ] && echo yes",
                                   .namespaces = namespaces};
    bundle_expect(&p, "yes\n");
    let_go(&h);
}

TEST_MAIN(a_user_namespace_owns_what_is_made_new, its_root_is_no_root_of_the_host,
          clocks_are_not_set_in_it, a_mount_namespace_gets_the_root, the_callers_own_does_not,
          one_that_is_not_asked_for_is_not_made, some_bundles_need_their_own,
          a_time_namespace_brings_its_clocks)
