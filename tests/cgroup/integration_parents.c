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

TEST_MAIN(the_groups_above_come_and_go)
