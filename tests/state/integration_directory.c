/* SPDX-License-Identifier: MIT */
/*
 * Where what others may meet is kept: a directory of this user's alone.
 */
#include "state/directory.h"
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void the_directory_must_be_ones_own(void **state)
{
    char path[STATE_PATH], link[STATE_PATH];
    struct stat st;
    (void)state;
    const char *base = test_directory();
    snprintf(path, sizeof path, "%s/state", base);
    int fd = state_open(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    fd = state_open(path);
    assert_true(fd >= 0);
    close(fd);
    snprintf(link, sizeof link, "%s/link", base);
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(state_open(link), -ENOTDIR);
    assert_int_equal(chmod(path, 0701), 0);
    assert_int_equal(state_open(path), -EPERM);
    assert_int_equal(chmod(path, 0700), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 1, 1), 0);
        assert_int_equal(state_open(path), -EPERM);
    }
}

static void a_user_needs_a_place_for_it(void **state)
{
    struct scratch_error err;
    char path[STATE_PATH];
    (void)state;
    if (geteuid() == 0)
        TEST_SKIP("root has /run");
    assert_int_equal(setenv("XDG_RUNTIME_DIR", "relative", 1), 0);
    assert_int_equal(state_path(path, "test", &err), -EINVAL);
    assert_int_equal(unsetenv("XDG_RUNTIME_DIR"), 0);
    assert_int_equal(state_path(path, "test", &err), -EINVAL);
    assert_string_equal(err.cause, "it is not set");
}

TEST_MAIN(the_directory_must_be_ones_own, a_user_needs_a_place_for_it)
