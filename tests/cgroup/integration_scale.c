/* SPDX-License-Identifier: MIT */
/*
 * Many containers with limits, many at a time, half of which are killed together with their
 * starters: one sweep leaves no group. TEST_SCALE=1000 says how many; a few are enough to see that
 * it works.
 */
#include "cgroup/group.h"

#include <scratch/figures.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define AT_ONCE_MAX 50

static char parent_group[64];

/* A starter: it says that its container runs, and then ends it, or waits to be killed. */
static void start_one(int number, bool doomed, int tell)
{
    struct limited l;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    limited_begin(&l, "exec sleep 60");
    snprintf(l.id, sizeof l.id, "scale-%d-%d", (int)getppid(), number);
    l.minimal.process.die_with_parent = true;
    l.cgroup.pids_max = 20;
    l.cgroup.memory_max = 16 << 20;
    l.cgroup.managed = number % 4 == 0;
    l.cgroup.parent = number % 2 ? parent_group : NULL;
    scratch_container *c = limited_start(&l);
    if (write(tell, "x", 1) != 1)
        _exit(1);
    while (doomed)
        pause();
    scratch_container_signal(c, SIGKILL, NULL);
    _exit(minimal_end(c) != 128 + SIGKILL);
}

static int run_batch(int first, int count)
{
    pid_t pid[AT_ONCE_MAX];
    int ends[2], failures = 0;
    char byte;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    for (int i = 0; i < count; i++) {
        pid[i] = fork();
        assert_true(pid[i] >= 0);
        if (pid[i] == 0)
            start_one(first + i, i % 2, ends[1]);
    }
    close(ends[1]);
    for (int i = 0; i < count; i++)
        failures += read(ends[0], &byte, 1) != 1;
    close(ends[0]);
    for (int i = 0; i < count; i++) {
        int status;
        if (i % 2)
            kill(pid[i], SIGKILL);
        assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
        failures += i % 2 ? !WIFSIGNALED(status) : status != 0;
    }
    return failures;
}

struct groups {
    int count, running;
};

static int count_group(const char *path, bool container, void *argument)
{
    struct groups *g = argument;
    char mine[64];
    scratch_cgroup *group;
    size_t processes = 0;
    snprintf(mine, sizeof mine, "libscratch-scale-%d-", (int)getpid());
    if (!container || !strstr(path, mine))
        return 0;
    g->count++;
    if (scratch_cgroup_open(path, &group, NULL) < 0)
        return 0;
    scratch_cgroup_processes(group, NULL, &processes, NULL);
    g->running += processes > 0;
    scratch_cgroup_free(group);
    return 0;
}

static struct groups groups_left(void)
{
    struct groups g = {0};
    scratch_cgroup_walk(NULL, count_group, &g, NULL);
    return g;
}

static void one_sweep_leaves_no_group(void **state)
{
    const char *scale = getenv("TEST_SCALE");
    int total = scale ? atoi(scale) : 40, at_once = total < 200 ? 10 : AT_ONCE_MAX, failures = 0;
    struct scratch_error err;
    scratch_cgroup *above;
    (void)state;
    NEEDS_ROOT();
    snprintf(parent_group, sizeof parent_group, "test-scale-%d", (int)getpid());
    TEST_OK(scratch_cgroup_create(parent_group, NULL, &above, &err), &err);
    for (int first = 0; first < total; first += at_once)
        failures += run_batch(first, at_once < total - first ? at_once : total - first);
    assert_int_equal(failures, 0);
    struct groups left = groups_left();
    for (int i = 0; i < 3000 && left.running > 0; i++) { /* the killed are still on their way */
        usleep(10000);
        left = groups_left();
    }
    usleep(100000);
    assert_int_equal(left.running, 0);
    assert_true(left.count > 0);
    int removed = scratch_sweep(&err);
    printf("%d containers, %d at a time: %d groups were left, %d directories swept, ", total,
           at_once, left.count, removed);
    left = groups_left();
    printf("%d are left\n", left.count);
    assert_int_equal(left.count, 0);
    TEST_OK(scratch_cgroup_remove(above, &err), &err);
    scratch_cgroup_free(above);
}

TEST_MAIN(one_sweep_leaves_no_group)
