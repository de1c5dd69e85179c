/* SPDX-License-Identifier: MIT */
/* Rows 12 and 13 of SECURITY.md: control groups. */
#include "escape.h"

#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void need_root(void)
{
    if (!test_privileged())
        TEST_SKIP("the host's control groups are root's: there is nothing to get at");
}

/* ---- 12: a writable tree (CVE-2023-25809) --------------------------------------------------- */

static void begin_writer(struct escape *e, char *name, size_t size)
{
    snprintf(name, size, "libscratch-escape-%d", (int)getpid());
    escape_begin(e, escape_root(), "cgroup", name, NULL);
}

static void the_hosts_groups_cannot_be_changed(void **state)
{
    struct escape e;
    char name[64];
    (void)state;
    begin_writer(&e, name, sizeof name);
    assert_int_equal(escape_run(&e), ATTACK_HELD);
}

static void on_a_writable_tree_they_could_be(void **state)
{
    struct escape e;
    char name[64];
    (void)state;
    need_root();
    begin_writer(&e, name, sizeof name);
    e.mounts[0] = (struct scratch_mount){"/sys/fs/cgroup", "/sys/fs/cgroup", NULL, "rbind"};
    e.spec.mount_count = 1;
    assert_int_equal(escape_run(&e), ATTACK_OUT);
}

/* ---- 13: a release agent (CVE-2022-0492) ---------------------------------------------------- */

/* A script in the root, which the host would run: it makes a file there. */
static void begin_agent(struct escape *e, char *program, size_t size)
{
    const char *root = escape_root();
    char script[1024];
    snprintf(script, sizeof script, "#!/bin/sh\n: >%s/mark\n", root);
    assert_int_equal(chmod(test_make_file(root, "agent", script), 0755), 0);
    snprintf(program, size, "%s/agent", root);
    escape_begin(e, root, "release-agent", program, "/mark", NULL);
}

static bool names_hierarchy(void)
{
    char line[256];
    bool found = false;
    FILE *in = fopen("/proc/self/cgroup", "re");
    assert_non_null(in);
    while (!found && fgets(line, sizeof line, in))
        found = strstr(line, "libscratch-escape");
    fclose(in);
    return found;
}

static bool goes_away(void)
{
    for (int tries = 0; tries < 500 && names_hierarchy(); tries++)
        usleep(10000);
    return !names_hierarchy();
}

/* The kernel keeps an unmounted hierarchy if a group of it was still being removed then. */
static void let_go_of_hierarchy(void)
{
    const char *place = test_directory();
    if (goes_away())
        return;
    assert_int_equal(mount("cgroup", place, "cgroup", 0, "none,name=libscratch-escape"), 0);
    assert_int_equal(umount(place), 0);
    assert_true(goes_away());
}

static void a_release_agent_cannot_be_set(void **state)
{
    struct escape e;
    char program[512];
    (void)state;
    begin_agent(&e, program, sizeof program);
    assert_int_equal(escape_run(&e), ATTACK_HELD);
}

static void with_all_capabilities_and_no_filter_it_could_be(void **state)
{
    struct escape e;
    char program[512];
    (void)state;
    need_root();
    if (access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0)
        TEST_SKIP("this machine has cgroup v2 alone, where there are no release agents");
    begin_agent(&e, program, sizeof program);
    e.process.capabilities = SCRATCH_CAP_ALL;
    e.process.seccomp = SCRATCH_SECCOMP_NONE;
    e.namespaces.create &= ~(uint64_t)SCRATCH_NS_CGROUP;
    int status = escape_run(&e);
    let_go_of_hierarchy();
    assert_int_equal(status, ATTACK_OUT);
}

TEST_MAIN(the_hosts_groups_cannot_be_changed, on_a_writable_tree_they_could_be,
          a_release_agent_cannot_be_set, with_all_capabilities_and_no_filter_it_could_be)
