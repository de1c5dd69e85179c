/* SPDX-License-Identifier: MIT */
/*
 * Containers below one group that nobody has made: it comes with the first and goes with the last,
 * and may do so between any two steps of another start.
 */
#include "cgroup/group.h"

#include <stdlib.h>
#include <sys/wait.h>

#define STARTERS 4
#define STARTS   25

static char parent[64];

static void start_some(int starter)
{
    struct limited l;
    char path[128];
    limited_begin(&l, ":");
    snprintf(l.id, sizeof l.id, "parents-%d-%d", (int)getppid(), starter);
    snprintf(path, sizeof path, "%s/below/%d", parent, starter);
    l.cgroup.path = path;
    l.cgroup.pids_max = 20;
    l.cgroup.managed = true;
    for (int i = 0; i < STARTS; i++)
        if (minimal_end(limited_start(&l)) != 0)
            _exit(1);
    _exit(0);
}

static void the_groups_above_come_and_go(void **state)
{
    pid_t pid[STARTERS];
    int failures = 0;
    (void)state;
    NEEDS_ROOT();
    /* Not "libscratch-…": that would be a sweep's. */
    snprintf(parent, sizeof parent, "test-parents-%d", (int)getpid());
    for (int i = 0; i < STARTERS; i++)
        if ((pid[i] = fork()) == 0)
            start_some(i);
    for (int i = 0; i < STARTERS; i++) {
        int status;
        waitpid(pid[i], &status, 0);
        failures += status != 0;
    }
    assert_int_equal(failures, 0);
    scratch_cgroup_delete(parent, NULL); /* what came back when all starters had seen it */
}

/* ---- at the same moment ---------------------------------------------------------------------- */

#define ROUNDS  20
#define AT_ONCE 8

static void start_one(int number, int gate)
{
    struct limited l;
    char path[128], byte;
    limited_begin(&l, ":");
    snprintf(l.id, sizeof l.id, "cpusets-%d-%d", (int)getppid(), number);
    snprintf(path, sizeof path, "%s/below/%d", parent, number);
    l.cgroup.path = path;
    l.cgroup.cpuset_mems = "0"; /* its processors are those of the groups above */
    if (read(gate, &byte, 1) != 0)
        _exit(2);
    _exit(minimal_end(limited_start(&l)) != 0);
}

static int start_at_once(void)
{
    pid_t pid[AT_ONCE];
    int gate[2], failures = 0;
    assert_int_equal(pipe2(gate, O_CLOEXEC), 0);
    for (int i = 0; i < AT_ONCE; i++) {
        if ((pid[i] = fork()) == 0) {
            close(gate[1]);
            start_one(i, gate[0]);
        }
    }
    close(gate[0]);
    close(gate[1]); /* that opens it */
    for (int i = 0; i < AT_ONCE; i++) {
        int status;
        waitpid(pid[i], &status, 0);
        failures += status != 0;
    }
    return failures;
}

/* A new cpuset of v1 is empty, and nothing below it can be filled: nobody may meet it so. */
static void cpusets_above_are_never_empty(void **state)
{
    int failures = 0;
    (void)state;
    NEEDS_ROOT();
    if (controller_version("cpuset") == 0)
        TEST_SKIP("there is no cpuset controller");
    for (int i = 0; i < ROUNDS; i++) {
        snprintf(parent, sizeof parent, "test-cpusets-%d-%d", (int)getpid(), i);
        failures += start_at_once();
        scratch_cgroup_delete(parent, NULL);
    }
    assert_int_equal(failures, 0);
}

TEST_MAIN(the_groups_above_come_and_go, cpusets_above_are_never_empty)
