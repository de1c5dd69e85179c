/* SPDX-License-Identifier: MIT */
/*
 * A clone that fails late: the kernel has written the number of a pidfd by then.
 */
#include "base/clone.h"
#include "cgroup/layout.h"
#include "support/test.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void end(void *unused)
{
    (void)unused;
    sys_exit(0);
}

/* A group of v2 that is gone, but for the fd. */
static int removed_group(void)
{
    struct cgroup_hierarchy hierarchy;
    char path[300];
    if (layout_find("unified", &hierarchy) < 0)
        return -ENOENT;
    snprintf(path, sizeof path, "%s/test-clone-%d", hierarchy.mount, (int)getpid());
    if (mkdir(path, 0755) < 0)
        return -errno;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    rmdir(path);
    return fd;
}

static void a_clone_that_fails_leaves_no_number_behind(void **state)
{
    int group = removed_group(), pidfd = -1;
    struct clone_args arguments = {
        .flags = CLONE_PIDFD | CLONE_INTO_CGROUP,
        .pidfd = (uint64_t)(uintptr_t)&pidfd,
        .exit_signal = SIGCHLD,
        .cgroup = (uint64_t)group,
    };
    (void)state;
    if (group < 0)
        TEST_SKIP("no group of cgroup v2 can be made here");
    int pid = clone_call(&arguments, end, NULL);
    close(group);
    if (pid >= 0) {
        waitpid(pid, NULL, 0);
        close(pidfd);
        TEST_SKIP("clone3(2) is refused, and clone(2) knows no group");
    }
    assert_true(pid < 0);
    assert_int_equal(pidfd, -1);
}

TEST_MAIN(a_clone_that_fails_leaves_no_number_behind)
