/* SPDX-License-Identifier: MIT */
/*
 * A container's group while it runs: its figures, and rows of what was set and what was measured.
 */
#ifndef TEST_CGROUP_PROOF_H
#define TEST_CGROUP_PROOF_H

#include "cgroup/group.h"

#include <inttypes.h>
#include <scratch/figures.h>
#include <signal.h>

static inline void row(const char *limit, uint64_t set, uint64_t measured, const char *unit)
{
    printf("%-16s set %12" PRIu64 "  measured %12" PRIu64 "  %s\n", limit, set, measured, unit);
}

static inline void row_lacking(const char *limit, const char *why)
{
    printf("%-16s not here: %s\n", limit, why);
}

static inline scratch_cgroup *open_group(const scratch_container *c)
{
    struct scratch_error err;
    scratch_cgroup *group;
    char path[PATH_MAX];
    assert_true(scratch_container_cgroup(c, path, sizeof path) > 0);
    TEST_OK(scratch_cgroup_open(path, &group, &err), &err);
    return group;
}

static inline struct scratch_cgroup_figures look(const scratch_cgroup *group)
{
    struct scratch_cgroup_figures f = {.size = sizeof f};
    struct scratch_error err;
    TEST_OK(scratch_cgroup_figures(group, &f, &err), &err);
    return f;
}

static inline void end(scratch_container *c, scratch_cgroup *group)
{
    scratch_cgroup_free(group);
    scratch_container_signal(c, SIGKILL, NULL);
    minimal_end(c);
}

#endif
