/* SPDX-License-Identifier: MIT */
/*
 * A program in a group that it was given stands aside, and has containers with limits beside it: as
 * root in a group that is made for it, as an ordinary user in one that was delegated.
 */
#include "cgroup/group.h"
#include "support/child.h"

static char given[64]; /* the group that root is to be in; "": the one that it is in */

/* The own group of v2, below the root. */
static const char *own_group(void)
{
    static char line[PATH_MAX];
    FILE *in = fopen("/proc/self/cgroup", "re");
    while (in && fgets(line, sizeof line, in))
        if (strncmp(line, "0::/", 4) == 0)
            break;
    if (in)
        fclose(in);
    line[strcspn(line, "\n")] = '\0';
    return strncmp(line, "0::/", 4) == 0 ? line + 4 : "";
}

static int start_beside(const char *parent, struct scratch_error *err)
{
    struct limited l;
    scratch_container *c;
    scratch_plan *plan;
    limited_begin(&l, "exit 7");
    if (geteuid() != 0)
        l.minimal.namespaces.create |= SCRATCH_NS_USER;
    l.cgroup.parent = parent;
    l.cgroup.pids_max = 20;
    l.cgroup.memory_max = 32 << 20;
    int rc = scratch_plan_compile(&l.minimal.spec, &plan, err);
    if (rc == 0)
        rc = scratch_plan_start(plan, &l.start, &c, err);
    scratch_plan_free(plan);
    return rc < 0 ? rc : minimal_end(c);
}

static void stand_aside(void)
{
    struct scratch_error err;
    scratch_cgroup *group;
    char parent[PATH_MAX], before[PATH_MAX], expected[PATH_MAX + 16];
    if (*given) {
        EXPECT_OK(scratch_cgroup_open(given, &group, &err));
        EXPECT_OK(scratch_cgroup_join_self(group, &err));
        scratch_cgroup_free(group);
    }
    snprintf(before, sizeof before, "%s", own_group());
    if (controller_version("memory") == 2) /* the group has processes: it hands nothing down */
        EXPECT(start_beside(before, &err) == -EBUSY);
    EXPECT_OK(scratch_cgroup_leaf_self("aside", parent, sizeof parent, &err));
    EXPECT(strcmp(parent, before) == 0);
    snprintf(expected, sizeof expected, "%s/aside", before);
    EXPECT(strcmp(own_group(), expected) == 0);
    if (geteuid() == 0 || controller_version("memory") == 2) {
        int rc = start_beside(parent, &err);
        EXPECT_OK(rc);
        EXPECT(rc == 7);
    }
}

static void who_stands_aside_has_containers_with_limits_beside(void **state)
{
    struct scratch_error err;
    scratch_cgroup *group = NULL;
    char path[PATH_MAX];
    (void)state;
    if (controller_version("unified") != 2)
        TEST_SKIP("there is no cgroup v2 here");
    if (geteuid() == 0) {
        snprintf(given, sizeof given, "test-leaf-%d", (int)getpid());
        TEST_OK(scratch_cgroup_create(given, NULL, &group, &err), &err);
    } else if (!group_path(path, "unified", own_group(), "cgroup.procs") ||
               access(path, W_OK) < 0 || !*own_group()) {
        TEST_SKIP("no group was delegated to this user");
    }
    TEST_IN_CHILD(stand_aside);
    if (!group)
        return;
    TEST_OK(scratch_cgroup_remove(group, &err), &err);
    scratch_cgroup_free(group);
}

static void bad_leaves_are_refused(void **state)
{
    static const char *const names[] = {NULL, "", ".", "..", ".x", "a/b"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(scratch_cgroup_leaf_self(names[i], NULL, 0, NULL), -EINVAL);
}

TEST_MAIN(who_stands_aside_has_containers_with_limits_beside, bad_leaves_are_refused)
