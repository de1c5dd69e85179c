/* SPDX-License-Identifier: MIT */
/*
 * Calls that are newer than all that a profile names.
 */
#include "base/json_read.h"
#include "process/seccomp.h"
#include "support/test.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* No kernel has it, nor will one have it soon. */
#define NEWER 4000

/* What a call is told under this filter, by the status of a process; -1: it was killed. */
static int told(const struct seccomp_program *program, long call)
{
    const struct sock_fprog filter = {(unsigned short)program->count, program->filter};
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0)
            _exit(255);
        int error = syscall(call) < 0 ? errno : 0;
        syscall(SYS_exit_group, error);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int tell(const char *defaults, long call)
{
    char text[512];
    struct scratch_error err = {0};
    struct seccomp_program program;
    struct json_in profile;
    snprintf(text, sizeof text,
             "{%s,\"syscalls\":[{\"names\":[\"exit_group\",\"statx\",\"no_such_call\"],"
             "\"action\":\"SCMP_ACT_ALLOW\"}]}",
             defaults);
    TEST_OK(json_read(text, strlen(text), "profile", &profile, &err), &err);
    int rc = seccomp_from_json(&profile, 0, &program, &err);
    if (rc == -ENOSYS)
        TEST_SKIP("libseccomp is not installed");
    TEST_OK(rc, &err);
    int answer = told(&program, call);
    free(program.filter);
    json_read_end(&profile);
    return answer;
}

static void they_are_unknown(void **state)
{
    (void)state;
    assert_int_equal(tell("\"defaultAction\":\"SCMP_ACT_ERRNO\"", NEWER), ENOSYS);
    assert_int_equal(tell("\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":6", NEWER),
                     ENOSYS);
    assert_int_equal(tell("\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\"", NEWER), ENOSYS);
}

static void older_ones_are_refused_as_it_says(void **state)
{
    (void)state;
    assert_int_equal(tell("\"defaultAction\":\"SCMP_ACT_ERRNO\"", SYS_getppid), EPERM);
    assert_int_equal(
        tell("\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":6", SYS_getppid), 6);
    assert_int_equal(tell("\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\"", SYS_getppid), -1);
}

/* The kernel's own answer is not to be had from a filter that lets all through. */
static void what_is_allowed_is_asked_of_the_kernel(void **state)
{
    (void)state;
    assert_int_equal(tell("\"defaultAction\":\"SCMP_ACT_ALLOW\"", SYS_getppid), 0);
    assert_int_equal(tell("\"defaultAction\":\"SCMP_ACT_ALLOW\"", NEWER), ENOSYS);
}

TEST_MAIN(they_are_unknown, older_ones_are_refused_as_it_says,
          what_is_allowed_is_asked_of_the_kernel)
