/* SPDX-License-Identifier: MIT */
/*
 * Tests of what changes its caller for good: they call it in a child.
 *
 * cmocka's asserts would carry on with the parent's tests there; EXPECT says what was expected and
 * ends the child.
 */
#ifndef TEST_SUPPORT_CHILD_H
#define TEST_SUPPORT_CHILD_H

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"

#define EXPECT(condition)        child_expect((condition), #condition, __FILE__, __LINE__)
#define FAILS_WITH(call, number) ((errno = 0, (call)) < 0 && errno == (number))
#define EXPECT_OK(call)          child_expect_ok((call), #call, __FILE__, __LINE__, &err)

static inline void child_expect(bool condition, const char *text, const char *file, int line)
{
    if (condition)
        return;
    dprintf(2, "%s:%d: not so: %s (errno %d)\n", file, line, text, errno);
    _exit(1);
}

/* For a call of the library's that fills err. */
static inline void child_expect_ok(int rc, const char *text, const char *file, int line,
                                   const struct scratch_error *err)
{
    char sentence[SCRATCH_ERROR_LINE];
    if (rc >= 0)
        return;
    scratch_error_format(err, sentence, sizeof sentence);
    dprintf(2, "%s:%d: %s: %s\n", file, line, text, sentence);
    _exit(1);
}

/* Call a function in a child; the child's exit status. */
static inline int child_status(void (*function)(void))
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        function();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#define TEST_IN_CHILD(function) assert_int_equal(child_status(function), 0)

#endif
