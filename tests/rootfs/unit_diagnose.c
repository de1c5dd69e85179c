/* SPDX-License-Identifier: MIT */
/*
 * Why an overlay would be refused: each cause, with its sentence.
 */
#include "support/rootfs.h"
#include "support/test.h"
#include "rootfs/mounts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *base, *lower, *upper, *work;

static void begin(void)
{
    base = test_directory();
    lower = test_make_directory(base, "lower");
    upper = test_make_directory(base, "upper");
    work = test_make_directory(base, "w");
}

static int check(const char *const *lowers, size_t count, const char *up, const char *wo,
                 struct scratch_error *err)
{
    struct scratch_rootfs_options o = SCRATCH_ROOTFS_OPTIONS_INIT;
    o.lowers = lowers;
    o.lower_count = count;
    o.upper = up;
    o.work = wo;
    return scratch_overlay_check(&o, err);
}

/* In the sentence, %s stands for the directory that all layers are in. */
static void expect(const char *const *lowers, size_t count, const char *up, const char *wo,
                   int errnum, const char *format)
{
    struct scratch_error err;
    char line[SCRATCH_ERROR_LINE], sentence[2 * SCRATCH_ERROR_LINE];
    assert_int_equal(check(lowers, count, up, wo, &err), -errnum);
    scratch_error_format(&err, line, sizeof line);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(sentence, sizeof sentence, format, base, base);
#pragma GCC diagnostic pop
    assert_string_equal(line, sentence);
}

static void good_layers_are_found_good(void **state)
{
    struct scratch_error err;
    (void)state;
    begin();
    const char *const lowers[] = {lower, test_make_directory(base, "second")};
    TEST_OK(check(lowers, 1, NULL, NULL, &err), &err);
    TEST_OK(check(lowers, 2, upper, work, &err), &err);
    /* The kernel takes an upper inside a lower. */
    const char *inside = test_make_directory(lower, "inside");
    TEST_OK(check(lowers, 2, inside, work, &err), &err);
}

static void too_few_and_too_many_are_refused(void **state)
{
    const char *many[501];
    (void)state;
    begin();
    for (int i = 0; i < 501; i++)
        many[i] = lower;
    expect(NULL, 0, NULL, NULL, EINVAL,
           "overlay: EINVAL: Invalid argument (name at least one lower directory)");
    expect(many, 501, NULL, NULL, E2BIG,
           "overlay: E2BIG: more than 500 lower directories (merge some of them)");
    expect(many, 1, upper, NULL, EINVAL,
           "overlay '%s/upper': EINVAL: Invalid argument (upper and work go together: both, or "
           "none for a throw-away layer)");
}

static void missing_layers_are_named(void **state)
{
    (void)state;
    begin();
    const char *const missing[] = {lower, "/nonexistent/lower"};
    const char *const file[] = {test_make_file(base, "file", "")};
    expect(missing, 2, NULL, NULL, ENOENT,
           "overlay '/nonexistent/lower': ENOENT: the lower directory cannot be used (see that "
           "the directory exists)");
    expect(file, 1, NULL, NULL, ENOTDIR,
           "overlay '%s/file': ENOTDIR: the lower directory cannot be used (it is not a "
           "directory: unpack an archive into one first)");
    expect(&lower, 1, "/nonexistent/upper", work, ENOENT,
           "overlay '/nonexistent/upper': ENOENT: the upper directory cannot be used (see that "
           "the directory exists)");
    expect(&lower, 1, upper, "/nonexistent/work", ENOENT,
           "overlay '/nonexistent/work': ENOENT: the work directory cannot be used (see that the "
           "directory exists)");
}

static void layers_that_are_one_another_are_refused(void **state)
{
    (void)state;
    begin();
    const char *const twice[] = {lower, lower};
    const char *const nested[] = {lower, test_make_directory(lower, "nested")};
    const char *const in_upper[] = {test_make_directory(upper, "lower")};
    expect(twice, 2, NULL, NULL, ELOOP,
           "overlay '%s/lower': ELOOP: this directory is given twice (layers are "
           "separate directories)");
    expect(nested, 2, NULL, NULL, ELOOP,
           "overlay '%s/lower/nested': ELOOP: it is inside '%s/lower' (layers are separate "
           "directories)");
    expect(in_upper, 1, upper, work, ELOOP,
           "overlay '%s/upper/lower': ELOOP: it is inside '%s/upper' (layers are separate "
           "directories)");
    expect(&lower, 1, upper, upper, EINVAL,
           "overlay '%s/upper': EINVAL: this directory is given twice (layers are "
           "separate directories)");
    expect(&lower, 1, upper, test_make_directory(upper, "work"), EINVAL,
           "overlay '%s/upper/work': EINVAL: it is inside '%s/upper' (layers are separate "
           "directories)");
    expect(&lower, 1, test_make_directory(work, "upper"), work, EINVAL,
           "overlay '%s/w/upper': EINVAL: it is inside '%s/w' (layers are separate "
           "directories)");
}

static void a_work_directory_elsewhere_is_refused(void **state)
{
    struct stat here, there;
    (void)state;
    begin();
    if (stat(base, &here) < 0 || stat("/dev/shm", &there) < 0 || here.st_dev == there.st_dev)
        TEST_SKIP("/dev/shm is not another file system");
    expect(&lower, 1, upper, "/dev/shm", EINVAL,
           "overlay '/dev/shm': EINVAL: the work directory is on another file system than the "
           "upper one (make it beside the upper directory)");
}

static void file_systems_that_cannot_be_layers_are_named(void **state)
{
    static const char *const proc[] = {"/proc/self"};
    (void)state;
    begin();
    expect(proc, 1, NULL, NULL, EINVAL,
           "overlay '/proc/self': EINVAL: it is on proc, which cannot be a lower layer (use a "
           "directory on ext4, XFS, Btrfs or tmpfs)");
    expect(&lower, 1, "/sys/kernel", "/sys/kernel", EINVAL,
           "overlay '/sys/kernel': EINVAL: it is on sysfs, which cannot be an upper layer (use a "
           "directory on ext4, XFS, Btrfs or tmpfs)");
}

static void the_host_s_mount_points_are_known(void **state)
{
    struct mount_points points;
    (void)state;
    assert_int_equal(mount_points_read(&points), 0);
    assert_int_equal(points.count, test_residue().mounts);
    assert_true(mount_points_on(&points, "/"));
    assert_true(mount_points_on(&points, "/proc"));
    assert_true(mount_points_below(&points, "/"));
    assert_false(mount_points_below(&points, "/pro"));
    assert_false(mount_points_on(&points, "/nonexistent"));
    mount_points_free(&points);
}

TEST_MAIN(good_layers_are_found_good, too_few_and_too_many_are_refused, missing_layers_are_named,
          layers_that_are_one_another_are_refused, a_work_directory_elsewhere_is_refused,
          file_systems_that_cannot_be_layers_are_named, the_host_s_mount_points_are_known)
