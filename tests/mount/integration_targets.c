/* SPDX-License-Identifier: MIT */
/*
 * Where mounts come to be: on what links lead to, on files, on what is missing; never outside.
 */
#include "support/apart.h"
#include "support/rootfs.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static char *run(const char *root, bool throw_away, const struct scratch_mount *mount,
                 const char *script, int *status, struct scratch_error *err)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    process.argv = argv;
    rootfs.kind = root ? SCRATCH_ROOTFS_DIRECTORY : SCRATCH_ROOTFS_HOST;
    rootfs.path = root;
    rootfs.throw_away = throw_away;
    spec.rootfs = &rootfs;
    spec.process = &process;
    spec.mounts = mount;
    spec.mount_count = 1;
    return test_output(&spec, NULL, status, err);
}

static void expect(const char *root, const struct scratch_mount *mount, const char *script,
                   const char *expected)
{
    struct scratch_error err;
    int status;
    char *output = run(root, true, mount, script, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(output, expected);
    free(output);
}

static void expect_refused(const char *root, const struct scratch_mount *mount, int errnum,
                           const char *cause)
{
    struct scratch_error err;
    int status;
    free(run(root, true, mount, "echo ran", &status, &err));
    assert_int_equal(status, -errnum);
    assert_string_equal(err.cause, cause);
}

static void make_link(const char *root, const char *name, const char *text)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", root, name);
    assert_int_equal(symlink(text, path), 0);
}

static void a_link_leads_to_the_target(void **state)
{
    const char *root = test_rootfs_new(), *volume = test_directory();
    const char *file = test_make_file(volume, "file", "volume\n");
    const struct scratch_mount directory = {volume, "/one", NULL, "bind"};
    const struct scratch_mount over_file = {file, "/name", NULL, "bind"};
    (void)state;
    make_link(root, "one", "two");
    make_link(root, "two", "/etc/data");
    test_make_directory(root, "etc/data");
    test_make_file(root, "etc/name", "root\n");
    make_link(root, "name", "etc/name");
    expect(root, &directory, "cat /etc/data/file", "volume\n");
    expect(root, &over_file, "cat /etc/name", "volume\n");
}

/* /etc/resolv.conf is such a link in many roots. */
static void what_a_link_leads_to_is_made(void **state)
{
    const char *root = test_rootfs_new(), *volume = test_directory();
    const char *file = test_make_file(volume, "file", "volume\n");
    const struct scratch_mount mount = {file, "/etc/resolv.conf", NULL, "bind,ro"};
    (void)state;
    make_link(root, "etc/resolv.conf", "../../../run/resolve/stub.conf");
    expect(root, &mount, "cat /etc/resolv.conf /run/resolve/stub.conf", "volume\nvolume\n");
}

static void files_and_directories_do_not_cover_each_other(void **state)
{
    const char *root = test_rootfs_new(), *volume = test_directory();
    const char *file = test_make_file(volume, "file", "volume\n");
    const struct scratch_mount on_file = {volume, "/etc/file", NULL, "rbind"};
    const struct scratch_mount on_directory = {file, "/etc", NULL, "bind"};
    const struct scratch_mount tmpfs = {"tmpfs", "/etc/file", "tmpfs", "tmpcopyup"};
    const struct scratch_mount below = {"tmpfs", "/etc/file/deeper", "tmpfs", NULL};
    (void)state;
    test_make_file(root, "etc/file", "root\n");
    expect_refused(root, &on_file, ENOTDIR,
                   "'/etc/file' is a file in the root, and a directory does not go on it");
    expect_refused(root, &on_directory, ENOTDIR,
                   "'/etc' is a directory in the root, and a file does not go on it");
    expect_refused(root, &tmpfs, ENOTDIR,
                   "'/etc/file' is a file in the root, and a directory does not go on it");
    expect_refused(root, &below, ENOTDIR, "something in '/etc/file/deeper' is not a directory");
}

/* What lies over the root is not seen by those who have entered below it. */
static void the_root_itself_is_not_covered(void **state)
{
    const char *root = test_rootfs_new(), *volume = test_directory();
    const struct scratch_mount by_link = {volume, "/data", NULL, "bind"};
    const struct scratch_mount by_dots = {"tmpfs", "/etc/..", "tmpfs", NULL};
    (void)state;
    make_link(root, "data", "/");
    expect_refused(root, &by_link, EBUSY,
                   "'/data' leads to the root itself, which is not mounted over");
    expect_refused(root, &by_dots, EBUSY,
                   "'/etc/..' leads to the root itself, which is not mounted over");
}

/* ---- a race --------------------------------------------------------------------------------- */

struct swapping {
    int root;
    atomic_bool stop;
    unsigned long times;
};

/* /data is a directory, and a link out of the root, by turns (CVE-2021-30465). */
static void *swap(void *argument)
{
    struct swapping *s = argument;
    for (; !s->stop; s->times++)
        renameat2(s->root, "data", s->root, "link", 1 << 1 /* RENAME_EXCHANGE */);
    return NULL;
}

static void a_target_that_is_swapped_stays_inside(void **state)
{
    const char *root = test_rootfs_new(), *outside = test_directory(), *volume = test_directory();
    const struct scratch_mount mount = {volume, "/data", NULL, "bind"};
    struct swapping s = {.times = 0};
    char text[4200], script[512];
    pthread_t thread;
    (void)state;
    snprintf(text, sizeof text, "mkdir -p %s%s", root, outside);
    assert_int_equal(system(text), 0);
    snprintf(text, sizeof text, "../../../../../../../..%s", outside);
    make_link(root, "link", text);
    test_make_directory(root, "data");
    s.root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(pthread_create(&thread, NULL, swap, &s), 0);
    /* A mount outside would be gone with the old root, or be seen without the root before it. */
    snprintf(script, sizeof script,
             "cut -d' ' -f5 /proc/self/mountinfo | grep -c -x -e /data -e /link -e %s", outside);
    for (int i = 0; i < 40; i++) {
        struct scratch_error err;
        int status;
        char *output = run(root, false, &mount, script, &status, &err);
        TEST_OK(status, &err);
        assert_string_equal(output, "1\n");
        free(output);
    }
    s.stop = true;
    pthread_join(thread, NULL);
    close(s.root);
    assert_true(s.times > 40);
}

/* ---- the host's tree ------------------------------------------------------------------------ */

static void volumes_go_into_the_hosts_tree(void **state)
{
    static const char *const targets[] = {"/new", "/opt", "/etc/new", "/tmp/new", "/run/new/deep"};
    const char *volume = test_directory();
    const char *file = test_make_file(volume, "file", "volume\n");
    (void)state;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        const struct scratch_mount directory = {volume, targets[i], NULL, "rbind"};
        char script[256];
        snprintf(script, sizeof script, "cat %s/file && touch %s/written", targets[i], targets[i]);
        expect(NULL, &directory, script, "volume\n");
        struct stat st;
        assert_int_equal(lstat(targets[i], &st) == 0, strcmp(targets[i], "/opt") == 0);
    }
    const struct scratch_mount mount = {file, "/etc/hostname", NULL, "bind,ro"};
    expect(NULL, &mount, "cat /etc/hostname", "volume\n");
}

static void an_ordinary_user_is_told_why_a_target_cannot_be_made(void **state)
{
    const struct scratch_mount mount = {"/tmp", "/usr/share/libscratch-test", NULL, "rbind"};
    (void)state;
    if (test_privileged())
        TEST_SKIP("root may make it");
    expect_refused(NULL, &mount, EACCES,
                   "'/usr/share/libscratch-test' is not there, and the directory belongs to a user "
                   "who is not in the container");
}

/* ---- what is locked ------------------------------------------------------------------------- */

static const char *locked, *locked_root; /* made before the child, removed after it */

/* In a user namespace of its own; 0, or what the start returned. */
static int run_nested(const char *options, const char *expected, struct scratch_error *err)
{
    static const char *const argv[] = {"sh", "-c",
                                       "grep ' /seen ' /proc/self/mountinfo | cut -d' ' -f6", NULL};
    const struct scratch_mount mount = {locked, "/seen", NULL, options};
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    int status;
    namespaces.create |= SCRATCH_NS_USER;
    process.argv = argv;
    rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    rootfs.path = locked_root;
    spec.namespaces = &namespaces;
    spec.rootfs = &rootfs;
    spec.process = &process;
    spec.mounts = &mount;
    spec.mount_count = 1;
    char *output = test_output(&spec, NULL, &status, err);
    if (status == 0)
        TEST_EXPECT(strcmp(output, expected) == 0);
    free(output);
    return status;
}

static void bind_what_is_locked(void)
{
    struct scratch_error err;
    TEST_EXPECT(
        mount("tmpfs", locked, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL) == 0);
    const char *all = "ro,nosuid,nodev,noexec,relatime\n";
    TEST_EXPECT(run_nested("rbind", all, &err) == 0);
    TEST_EXPECT(run_nested("rbind,rw,dev,suid,exec", all, &err) == 0);
    TEST_EXPECT(run_nested("bind,rslave,ro", all, &err) == 0);
    TEST_EXPECT(run_nested("rbind,noatime", all, &err) == -EPERM);
    TEST_EXPECT(strstr(err.hint, "leave out noatime") != NULL);
}

/* What restricts the host's mount is locked in a user namespace, and is neither lost nor fatal. */
static void locked_restrictions_are_kept(void **state)
{
    (void)state;
    locked = test_directory();
    locked_root = test_rootfs_new();
    test_make_directory(locked_root, "seen");
    test_make_directory(locked_root, "proc");
    test_make_directory(locked_root, "sys");
    test_make_directory(locked_root, "dev");
    test_apart(bind_what_is_locked);
}

TEST_MAIN(a_link_leads_to_the_target, what_a_link_leads_to_is_made,
          files_and_directories_do_not_cover_each_other, the_root_itself_is_not_covered,
          a_target_that_is_swapped_stays_inside, volumes_go_into_the_hosts_tree,
          an_ordinary_user_is_told_why_a_target_cannot_be_made, locked_restrictions_are_kept)
