/* SPDX-License-Identifier: MIT */
/*
 * clone3(2), and clone(2) in its place: what both have in common.
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

/* ---- one that fails late: the kernel has written the number of a pidfd by then ----------------
 */

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

/* ---- one that shares memory with the caller ---------------------------------------------------
 */

struct handlers {
    uintptr_t caught, ignored;
};

static uintptr_t handler_of(int signal)
{
    struct {
        uintptr_t handler;
        unsigned long flags;
        void *restorer;
        uint64_t mask;
    } action = {1, 0, NULL, 0};
    sys_sigaction(signal, NULL, &action);
    return action.handler;
}

static void look(void *argument)
{
    struct handlers *seen = argument;
    seen->caught = handler_of(SIGUSR1);
    seen->ignored = handler_of(SIGUSR2);
    sys_exit(0);
}

static void handle(int signal)
{
    (void)signal;
}

static void no_handler_is_left_in_its_child(void **state)
{
    char stack[8192] __attribute__((aligned(16)));
    struct handlers seen = {1, 0};
    struct clone_args arguments = {
        .flags = CLONE_VM | CLONE_VFORK | CLONE_CLEAR_SIGHAND,
        .exit_signal = SIGCHLD,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = sizeof stack,
    };
    (void)state;
    signal(SIGUSR1, handle);
    signal(SIGUSR2, SIG_IGN);
    int pid = clone_call(&arguments, look, &seen);
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(seen.caught, (uintptr_t)SIG_DFL);
    assert_int_equal(seen.ignored, (uintptr_t)SIG_IGN);
    assert_int_equal(handler_of(SIGUSR1), (uintptr_t)handle);
}

TEST_MAIN(a_clone_that_fails_leaves_no_number_behind, no_handler_is_left_in_its_child)
