/* SPDX-License-Identifier: MIT */
/*
 * Entering a root in the calling process.
 */
#include "support/apart.h"
#include "support/rootfs.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *root;

static bool is_root(const char *mark)
{
    char path[4096];
    return access(mark, F_OK) == 0 && getcwd(path, sizeof path) && strcmp(path, "/") == 0 &&
           access("/etc/passwd", F_OK) < 0;
}

static bool succeeded(int rc, const struct scratch_error *err)
{
    char line[SCRATCH_ERROR_LINE];
    if (rc == 0)
        return true;
    scratch_error_format(err, line, sizeof line);
    fprintf(stderr, "%s\n", line);
    return false;
}

static void pivot(void)
{
    struct scratch_error err;
    TEST_EXPECT(succeeded(scratch_rootfs_pivot_self(root, &err), &err));
    TEST_EXPECT(is_root("/mark"));
    /* Nothing but the new root is left: a proc mounted now tells. */
    TEST_EXPECT(mkdir("/proc", 0755) == 0);
    if (mount("proc", "/proc", "proc", 0, NULL) == 0)
        TEST_EXPECT(test_residue().mounts == 2);
    /* The way out of a chroot leads nowhere. */
    TEST_EXPECT(mkdir("/inner", 0755) == 0 && chroot("/inner") == 0);
    for (int i = 0; i < 64; i++)
        TEST_EXPECT(chdir("..") == 0);
    TEST_EXPECT(chroot(".") == 0 && is_root("/mark"));
}

static void begin(void)
{
    root = test_directory();
    test_make_file(root, "mark", "");
}

static void after_pivot_root_the_old_root_is_gone(void **state)
{
    (void)state;
    begin();
    test_apart(pivot);
}

static void enter_by_chroot(void)
{
    struct scratch_error err;
    int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    TEST_EXPECT(succeeded(scratch_rootfs_chroot_self(root, &err), &err));
    TEST_EXPECT(is_root("/mark"));
    TEST_EXPECT(fchdir(old) == 0 && chroot(".") == 0); /* and this is why it only teaches */
    TEST_EXPECT(!is_root("/mark"));
}

static void chroot_enters_and_can_be_left(void **state)
{
    (void)state;
    begin();
    test_apart(enter_by_chroot);
}

static void fail_to_enter(void)
{
    struct scratch_error err;
    char before[4096], after[4096];
    unsigned mounts = test_residue().mounts, fds = test_residue().fds;
    TEST_EXPECT(chdir(root) == 0 && getcwd(before, sizeof before));
    TEST_EXPECT(scratch_rootfs_pivot_self("/nonexistent", &err) == -ENOENT);
    TEST_EXPECT(strcmp(err.subject, "/nonexistent") == 0);
    TEST_EXPECT(scratch_rootfs_pivot_self(NULL, &err) == -EINVAL);
    TEST_EXPECT(scratch_rootfs_chroot_self("/nonexistent", &err) == -ENOENT);
    TEST_EXPECT(scratch_rootfs_chroot_self("mark", &err) == -ENOTDIR);

    TEST_EXPECT(mount(NULL, "/", NULL, MS_SHARED, NULL) == 0);
    TEST_EXPECT(scratch_rootfs_pivot_self(root, &err) == -EINVAL);
    TEST_EXPECT(strcmp(err.hint, "make it private first: mount --make-rprivate /") == 0);
    TEST_EXPECT(getcwd(after, sizeof after) && strcmp(before, after) == 0);
    TEST_EXPECT(test_residue().mounts == mounts && test_residue().fds == fds);
    TEST_EXPECT(access("/etc/passwd", F_OK) == 0);
}

static void a_failure_leaves_the_caller_where_it_was(void **state)
{
    (void)state;
    begin();
    test_apart(fail_to_enter);
}

TEST_MAIN(after_pivot_root_the_old_root_is_gone, chroot_enters_and_can_be_left,
          a_failure_leaves_the_caller_where_it_was)
