/* SPDX-License-Identifier: MIT */
/* Row 21 of SECURITY.md: the time between a mount and its being made read-only. */
#include "escape.h"
#include "support/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* In a mount namespace of the test's own: a tree that spreads to the container. */
static int attack_while(int (*mount_it)(const char *source, const char *target))
{
    static struct escape e;
    const char *shared = test_directory(), *source = test_directory();
    char target[512], ready[8];
    int ends[2], status = -1;
    test_make_file(source, "file", "");
    snprintf(target, sizeof target, "%s/place", shared);
    mkdir(target, 0755);
    if (!TEST_EXPECT(mount(shared, shared, NULL, MS_BIND, NULL) == 0 &&
                     mount(NULL, shared, NULL, MS_SHARED, NULL) == 0))
        return -1;
    escape_begin(&e, escape_root(), "window", "/tmp/place/file", NULL);
    e.mounts[0] = (struct scratch_mount){shared, "/tmp", NULL, "rbind,rslave"};
    e.spec.mount_count = 1;
    if (pipe2(ends, O_CLOEXEC) == 0) {
        e.start.stdout_fd = ends[1];
        scratch_container *container = escape_start(&e);
        TEST_EXPECT(read(ends[0], ready, sizeof ready) == 6);
        TEST_EXPECT(mount_it(source, target) == 0);
        status = escape_end(container);
        close(ends[0]);
        close(ends[1]);
    }
    umount2(target, MNT_DETACH);
    umount2(shared, MNT_DETACH);
    return status;
}

static int by_the_library(const char *source, const char *target)
{
    struct scratch_mount mount = {source, target, NULL, "bind,ro"};
    int root = open("/", O_PATH | O_CLOEXEC);
    int rc = scratch_mount_apply(root, &mount, NULL);
    close(root);
    return rc;
}

static int in_two_steps(const char *source, const char *target)
{
    int rc = mount(source, target, NULL, MS_BIND, NULL);
    return rc < 0 ? rc : mount(NULL, target, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL);
}

static void attack_the_library(void)
{
    TEST_EXPECT(attack_while(by_the_library) == ATTACK_HELD);
}

static void attack_two_steps(void)
{
    TEST_EXPECT(attack_while(in_two_steps) == ATTACK_OUT);
}

static void a_read_only_mount_is_so_before_anybody_sees_it(void **state)
{
    (void)state;
    test_apart(attack_the_library);
}

static void made_in_two_steps_it_could_be_written(void **state)
{
    (void)state;
    test_apart(attack_two_steps);
}

TEST_MAIN(a_read_only_mount_is_so_before_anybody_sees_it, made_in_two_steps_it_could_be_written)
