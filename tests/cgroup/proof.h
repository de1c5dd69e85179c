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
#include <stdlib.h>

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

/* The number that a small file begins with; 0: there is none. */
static inline unsigned long number_in(const char *path)
{
    char text[32] = "";
    FILE *in = fopen(path, "re");
    if (in && !fgets(text, sizeof text, in))
        text[0] = '\0';
    if (in)
        fclose(in);
    return strtoul(text, NULL, 10);
}

/* A word's number in a file of words and numbers of a container's group; 0: it is not there. */
static inline uint64_t keyed(const struct limited *l, const char *controller, const char *file,
                             const char *word)
{
    char path[PATH_MAX], group[128], key[64];
    unsigned long long number, found = 0;
    snprintf(group, sizeof group, "libscratch-%s", l->id);
    FILE *in = group_path(path, controller, group, file) ? fopen(path, "re") : NULL;
    while (in && fscanf(in, "%63s %llu", key, &number) == 2)
        if (strcmp(key, word) == 0)
            found = number;
    if (in)
        fclose(in);
    return found;
}

/* Start it, or say why the limit is not here: NULL. */
static inline scratch_container *start_limited(struct limited *l, const char *limit)
{
    struct scratch_error err;
    scratch_container *c = NULL;
    scratch_plan *plan = NULL;
    int rc = scratch_plan_compile(&l->minimal.spec, &plan, &err);
    if (rc == 0)
        rc = scratch_plan_start(plan, &l->start, &c, &err);
    scratch_plan_free(plan);
    if (rc == 0)
        return c;
    assert_true(rc == -ENOENT || rc == -ENOTSUP); /* no controller, or no such file */
    row_lacking(limit, "this kernel, or this hierarchy, has it not");
    return NULL;
}

/* One of two that want all of one processor. */
static inline void rival_begin(struct limited *l, int number)
{
    limited_begin(l, "while :; do :; done");
    snprintf(l->id, sizeof l->id, "test-%d-%d", (int)getpid(), number);
    l->cgroup.managed = true;
    l->cgroup.cpuset_cpus = "0";
}

/* What both have had of it since they had so much, by the time that they have had more. */
static inline void rivals_look(scratch_cgroup *const group[2], const uint64_t from[2],
                               uint64_t most, uint64_t used[2])
{
    for (int n = 0; n < 6000; n++) {
        usleep(20000);
        for (int i = 0; i < 2; i++)
            used[i] = look(group[i]).cpu_usage - from[i];
        if (used[0] + used[1] > most)
            break;
    }
}

/*
 * What they have had of three seconds of it, in microseconds; before that, the kernel has to learn
 * what they want.
 */
static inline void rivals_watch(scratch_cgroup *const group[2], uint64_t used[2])
{
    static const uint64_t none[2];
    uint64_t from[2];
    rivals_look(group, none, 1000000, from);
    rivals_look(group, from, 3000000, used);
}

static inline void end(scratch_container *c, scratch_cgroup *group)
{
    scratch_cgroup_free(group);
    scratch_container_signal(c, SIGKILL, NULL);
    minimal_end(c);
}

#endif
