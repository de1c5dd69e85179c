/* SPDX-License-Identifier: MIT */
#include "cli/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS_MAX 64
#define OUTPUT_MAX    65536

/* support/as_user puts copies beside the test, where the build tree cannot be looked into. */
const char *ctl_program(const char *name)
{
    static char paths[4][PATH_MAX];
    static size_t next;
    char relative[64], *found, *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", TEST_PROGRAMS, name);
    if (strcmp(name, "scratchctl") == 0)
        snprintf(path, sizeof paths[0], "%s", TEST_SCRATCHCTL);
    if (access(path, X_OK) == 0)
        return path;
    snprintf(relative, sizeof relative, "../%s", name);
    found = realpath(relative, path);
    assert_non_null(found);
    return found;
}

static int lowered_resource = -1;
static struct rlimit lowered;

static _Noreturn void execute(const char *program, int in, int out, int err,
                              const char *const *arguments)
{
    const char *argv[ARGUMENTS_MAX] = {"scratchctl"};
    for (size_t i = 0; arguments[i] && i + 2 < ARGUMENTS_MAX; i++)
        argv[i + 1] = arguments[i];
    dup2(in, 0);
    dup2(out, 1);
    dup2(err, 2);
    if (lowered_resource >= 0)
        setrlimit((unsigned)lowered_resource, &lowered);
    execv(ctl_program(program), (char *const *)argv);
    _exit(99);
}

int ctl_wait(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static const char *contents(int fd, char *text)
{
    ssize_t n = pread(fd, text, OUTPUT_MAX - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    close(fd);
    return text;
}

struct ctl ctl_run_program(const char *program, const char *input, const char *const *arguments)
{
    static char out[OUTPUT_MAX], err[OUTPUT_MAX];
    int fd[3];
    for (int i = 0; i < 3; i++)
        assert_true((fd[i] = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) >= 0);
    if (input)
        assert_int_equal(pwrite(fd[0], input, strlen(input), 0), strlen(input));
    pid_t pid = fork();
    if (pid == 0)
        execute(program, fd[0], fd[1], fd[2], arguments);
    struct ctl result = {.status = ctl_wait(pid)};
    close(fd[0]);
    result.out = contents(fd[1], out);
    result.err = contents(fd[2], err);
    return result;
}

struct ctl ctl_run(const char *input, const char *const *arguments)
{
    return ctl_run_program("scratchctl", input, arguments);
}

struct ctl ctl_run_limited(int resource, rlim_t limit, const char *const *arguments)
{
    assert_int_equal(getrlimit((unsigned)resource, &lowered), 0);
    lowered.rlim_cur = limit;
    lowered_resource = resource;
    struct ctl result = ctl_run(NULL, arguments);
    lowered_resource = -1;
    return result;
}

pid_t ctl_start(int *out, const char *const *arguments)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    pid_t pid = fork();
    if (pid == 0)
        execute("scratchctl", null, ends[1], 2, arguments);
    close(null);
    close(ends[1]);
    *out = ends[0];
    return pid;
}

void ctl_expect(int out, const char *line)
{
    char text[256];
    size_t size = 0;
    while (size == 0 || text[size - 1] != '\n') {
        struct pollfd fd = {.fd = out, .events = POLLIN};
        assert_int_equal(poll(&fd, 1, 60000), 1);
        assert_true(size < sizeof text - 1);
        assert_int_equal(read(out, text + size, 1), 1);
        size++;
    }
    text[size - 1] = '\0';
    assert_string_equal(text, line);
}

void ctl_outputs(struct ctl ctl, const char *expected)
{
    if (ctl.status != 0 || strcmp(ctl.out, expected) != 0)
        fail_msg("status %d, '%s', not '%s': %s", ctl.status, ctl.out, expected, ctl.err);
}

void ctl_refused(struct ctl ctl, const char *words)
{
    if ((ctl.status != 125 && ctl.status != 1) || !strstr(ctl.err, words))
        fail_msg("status %d, '%s' is not in: %s", ctl.status, words, ctl.err);
}

void ctl_need_containers(void)
{
    static int able = -1;
    if (able < 0) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(unshare((test_privileged() ? 0 : CLONE_NEWUSER) | CLONE_NEWNS) < 0 ? errno : 0);
        able = ctl_wait(pid);
    }
    if (able != 0)
        TEST_SKIP("no namespaces can be made here: %s", strerror(able));
}
