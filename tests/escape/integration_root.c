/* SPDX-License-Identifier: MIT */
/* Row 14 of SECURITY.md: out of the root file system. */
#include "escape.h"
#include "support/apart.h"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *root, *secret;

static void a_containers_root_cannot_be_left(void **state)
{
    struct escape e;
    (void)state;
    escape_begin(&e, escape_root(), "chroot", escape_secret(NULL), NULL);
    assert_int_equal(escape_run(&e), ATTACK_HELD);
}

/* The attack's status, in a root that was entered by one of the two calls. */
static int attack_in(int (*enter)(const char *path, struct scratch_error *err))
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        if (enter(root, NULL) == 0)
            execl("/attack", "/attack", "chroot", secret, NULL);
        _exit(ATTACK_NOT_TRIED);
    }
    TEST_EXPECT(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void attack_a_chroot(void)
{
    TEST_EXPECT(attack_in(scratch_rootfs_chroot_self) == ATTACK_OUT);
}

static void attack_a_pivoted_root(void)
{
    TEST_EXPECT(attack_in(scratch_rootfs_pivot_self) == ATTACK_HELD);
}

static void a_chroot_can_be_left(void **state)
{
    (void)state;
    root = escape_root();
    secret = escape_secret(NULL);
    test_apart(attack_a_chroot);
}

static void a_root_that_was_pivoted_to_cannot(void **state)
{
    (void)state;
    root = escape_root();
    secret = escape_secret(NULL);
    test_apart(attack_a_pivoted_root);
}

/* The host's is another tree, to which nothing leads. */
static void nor_one_that_is_mounted_nowhere(void **state)
{
    struct escape e;
    (void)state;
    if (!test_privileged() || !test_has_call(SYS_open_tree))
        TEST_SKIP("it needs root and open_tree(2)");
    escape_begin(&e, escape_root(), "chroot", escape_secret(NULL), NULL);
    e.rootfs.enter = SCRATCH_ROOTFS_UNMOUNTED;
    assert_int_equal(escape_run(&e), ATTACK_HELD);
}

TEST_MAIN(a_containers_root_cannot_be_left, nor_one_that_is_mounted_nowhere, a_chroot_can_be_left,
          a_root_that_was_pivoted_to_cannot)
