/* SPDX-License-Identifier: MIT */
/*
 * Overlays in the caller's own mount namespace, and what is said when the kernel refuses one.
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
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *base, *lower, *upper, *work, *target;

static void begin(void)
{
    base = test_directory();
    lower = test_make_directory(base, "lower");
    upper = test_make_directory(base, "upper");
    work = test_make_directory(base, "work");
    target = test_make_directory(base, "target");
    test_make_file(lower, "below", "from below");
}

static struct scratch_rootfs_options layers(const char *up, const char *wo)
{
    struct scratch_rootfs_options o = SCRATCH_ROOTFS_OPTIONS_INIT;
    o.lowers = &lower;
    o.lower_count = 1;
    o.upper = up;
    o.work = wo;
    return o;
}

static const char *in(const char *directory, const char *name)
{
    static char path[2][4096];
    static unsigned turn;
    char *p = path[turn++ % 2];
    snprintf(p, sizeof path[0], "%s/%s", directory, name);
    return p;
}

static bool mount_at_target(const struct scratch_rootfs_options *o)
{
    struct scratch_error err;
    char line[SCRATCH_ERROR_LINE];
    int rc = scratch_overlay_mount(o, target, &err);
    if (rc < 0) {
        scratch_error_format(&err, line, sizeof line);
        fprintf(stderr, "%s\n", line);
    }
    return rc == 0;
}

static bool touch(const char *path)
{
    return close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644)) == 0;
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* ---- mounting ------------------------------------------------------------------------------- */

static void mount_with_upper(void)
{
    struct scratch_rootfs_options o = layers(upper, work);
    TEST_EXPECT(mount_at_target(&o));
    TEST_EXPECT(exists(in(target, "below")));
    TEST_EXPECT(touch(in(target, "written")));
    TEST_EXPECT(exists(in(upper, "written")));
    TEST_EXPECT(!exists(in(lower, "written")));
    TEST_EXPECT(umount(target) == 0);
    TEST_EXPECT(!exists(in(target, "below")));
}

static void writes_go_to_the_upper_directory(void **state)
{
    (void)state;
    begin();
    test_apart(mount_with_upper);
}

static void mount_throw_away(void)
{
    struct scratch_rootfs_options o = layers(NULL, NULL);
    unsigned before = test_residue().mounts, fds = test_residue().fds;
    o.tmpfs_size = 1 << 20;
    TEST_EXPECT(chmod(lower, 0750) == 0);
    TEST_EXPECT(mount_at_target(&o));
    TEST_EXPECT(test_residue().mounts == before + 1);
    TEST_EXPECT(test_residue().fds == fds);
    TEST_EXPECT(touch(in(target, "written")));
    TEST_EXPECT(exists(in(target, "below")));
    struct stat st;
    TEST_EXPECT(stat(target, &st) == 0 && (st.st_mode & 07777) == 0750);
    TEST_EXPECT(umount(target) == 0);
    TEST_EXPECT(test_residue().mounts == before);
    TEST_EXPECT(!exists(in(target, "written")) && !exists(in(lower, "written")));
}

static void one_unmount_takes_back_a_throw_away_layer(void **state)
{
    (void)state;
    begin();
    test_apart(mount_throw_away);
}

static void mount_read_only(void)
{
    struct scratch_rootfs_options o = layers(NULL, NULL);
    o.read_only = true;
    TEST_EXPECT(mount_at_target(&o));
    TEST_EXPECT(exists(in(target, "below")));
    TEST_EXPECT(open(in(target, "x"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600) == -1);
    TEST_EXPECT(errno == EROFS);
    o = layers(upper, work);
    o.read_only = true;
    TEST_EXPECT(mount_at_target(&o));
    TEST_EXPECT(open(in(target, "x"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600) == -1);
    TEST_EXPECT(errno == EROFS);
}

static void an_overlay_can_be_read_only(void **state)
{
    (void)state;
    begin();
    test_apart(mount_read_only);
}

/* A thread that looks at the working directory all the time. */
static atomic_bool looking = true, moved;

static void *look(void *expected)
{
    char path[4096];
    while (looking)
        if (!getcwd(path, sizeof path) || strcmp(path, expected) != 0)
            moved = true;
    return NULL;
}

static void mount_beside_a_thread(void)
{
    struct scratch_rootfs_options o = layers(NULL, NULL);
    char path[4096];
    pthread_t thread;
    TEST_EXPECT(chdir(base) == 0 && getcwd(path, sizeof path));
    TEST_EXPECT(pthread_create(&thread, NULL, look, path) == 0);
    target = "target"; /* relative: it is the caller's */
    for (int i = 0; i < 50; i++)
        TEST_EXPECT(mount_at_target(&o) && umount("target") == 0);
    looking = false;
    pthread_join(thread, NULL);
    TEST_EXPECT(!moved);
}

static void the_caller_s_working_directory_stays(void **state)
{
    (void)state;
    begin();
    test_apart(mount_beside_a_thread);
}

/* ---- refusals ------------------------------------------------------------------------------- */

static void expect_refused(const struct scratch_rootfs_options *o, int errnum, const char *subject,
                           const char *cause)
{
    struct scratch_error err;
    unsigned before = test_residue().mounts, fds = test_residue().fds;
    int rc = scratch_overlay_mount(o, target, &err);
    if (rc == 0 || strcmp(err.subject, subject) != 0 || strcmp(err.cause, cause) != 0)
        fprintf(stderr, "%d: '%s': '%s'\n", rc, rc ? err.subject : "", rc ? err.cause : "");
    TEST_EXPECT(rc == -errnum);
    TEST_EXPECT(rc < 0 && strcmp(err.subject, subject) == 0 && strcmp(err.cause, cause) == 0);
    TEST_EXPECT(err.hint[0] != '\0');
    TEST_EXPECT(test_residue().mounts == before && test_residue().fds == fds);
}

static void refuse_overlays(void)
{
    struct scratch_rootfs_options o = layers(upper, upper);
    char cause[512];
    expect_refused(&o, EINVAL, upper, "this directory is given twice");

    const char *const nested[] = {lower, test_make_directory(lower, "nested")};
    o = layers(NULL, NULL);
    o.lowers = nested;
    o.lower_count = 2;
    snprintf(cause, sizeof cause, "it is inside '%s'", lower);
    expect_refused(&o, ELOOP, nested[1], cause);

    TEST_EXPECT(mount(work, work, NULL, MS_BIND, NULL) == 0);
    o = layers(upper, work);
    expect_refused(&o, EINVAL, work,
                   "the work directory is seen through another mount than the upper one");
    TEST_EXPECT(umount(work) == 0);

    const char *missing = "/nonexistent/lower";
    o.lowers = &missing;
    expect_refused(&o, ENOENT, missing, "the lower directory cannot be used");
}

static void a_refusal_says_why(void **state)
{
    (void)state;
    begin();
    test_apart(refuse_overlays);
}

static void refuse_file_systems(void)
{
    struct scratch_rootfs_options o = layers(NULL, NULL), stacked;
    TEST_EXPECT(mount_at_target(&o));
    const char *up = test_make_directory(target, "u"), *wo = test_make_directory(target, "w");
    const char *one = target;
    stacked = layers(up, wo);
    target = test_make_directory(base, "second");
    expect_refused(&stacked, EINVAL, up, "it is on an overlay, which cannot be an upper layer");

    stacked = layers(NULL, NULL); /* one over the first is still taken, a third is not */
    stacked.lowers = &one;
    TEST_EXPECT(mount_at_target(&stacked));
    const char *two = target;
    target = test_make_directory(base, "third");
    stacked.lowers = &two;
    expect_refused(&stacked, EINVAL, two,
                   "it is on an overlay over an overlay; a third is too many");

    const char *fixed = test_make_directory(base, "fixed");
    TEST_EXPECT(mount("tmpfs", fixed, "tmpfs", 0, NULL) == 0);
    up = test_make_directory(fixed, "u");
    wo = test_make_directory(fixed, "w");
    TEST_EXPECT(mount(NULL, fixed, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
    o = layers(up, wo);
    expect_refused(&o, EINVAL, up, "the upper directory is on a file system that is read-only");
}

static void a_file_system_that_does_not_fit_is_named(void **state)
{
    (void)state;
    begin();
    test_apart(refuse_file_systems);
}

static void refuse_open_files(void)
{
    static const char *lowers[200];
    struct scratch_rootfs_options o = layers(NULL, NULL);
    struct rlimit limit = {100, 100};
    struct scratch_error err;
    for (size_t i = 0; i < 200; i++) {
        char name[32];
        snprintf(name, sizeof name, "l%zu", i);
        lowers[i] = test_make_directory(base, name);
    }
    o.lowers = lowers;
    o.lower_count = 200;
    TEST_EXPECT(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    TEST_EXPECT(scratch_overlay_mount(&o, target, &err) == -EMFILE);
    TEST_EXPECT(strcmp(err.cause, "each layer takes an open file, and the limit is reached") == 0);
    TEST_EXPECT(strcmp(err.hint, "raise it: `ulimit -n 1024`") == 0);
}

static void too_low_a_limit_of_files_is_said(void **state)
{
    (void)state;
    begin();
    test_apart(refuse_open_files);
}

static void a_missing_target_is_named(void **state)
{
    struct scratch_error err;
    (void)state;
    begin();
    struct scratch_rootfs_options o = layers(NULL, NULL);
    assert_int_equal(scratch_overlay_mount(&o, "/nonexistent", &err), -ENOENT);
    assert_string_equal(err.subject, "/nonexistent");
    assert_int_equal(scratch_overlay_mount(&o, NULL, &err), -EFAULT);
    o.size = 1;
    assert_int_equal(scratch_overlay_mount(&o, target, &err), -EINVAL);
}

TEST_MAIN(writes_go_to_the_upper_directory, one_unmount_takes_back_a_throw_away_layer,
          an_overlay_can_be_read_only, the_caller_s_working_directory_stays, a_refusal_says_why,
          a_file_system_that_does_not_fit_is_named, too_low_a_limit_of_files_is_said,
          a_missing_target_is_named)
