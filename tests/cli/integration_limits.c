/* SPDX-License-Identifier: MIT */
/*
 * Limits, as the kernel has them while the command runs.
 */
#include "cli/ctl.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void read_file(const char *path, char *text, size_t size)
{
    FILE *in = fopen(path, "re");
    size_t n = in ? fread(text, 1, size - 1, in) : 0;
    text[n] = '\0';
    if (in)
        fclose(in);
}

/* The group of a process for a controller: "/libscratch-…"; version is that of its hierarchy. */
static void find_group(int pid, const char *controller, char *group, size_t size, int *version)
{
    char path[64], text[8192];
    snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
    read_file(path, text, sizeof text);
    *group = '\0';
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        char *names = strchr(line, ':'), *place = names ? strchr(names + 1, ':') : NULL;
        if (!place)
            continue;
        *place++ = '\0';
        bool unified = !names[1];
        for (char *words = ++names, *word; (word = strsep(&words, ","));)
            if (strcmp(word, controller) == 0 || (unified && !*group)) {
                snprintf(group, size, "%s", place);
                *version = unified ? 2 : 1;
            }
    }
}

struct limit {
    const char *option, *value, *controller;
    const char *file[2], *limit[2]; /* in version 1 and 2 */
};

/* What the kernel has for it, and in which version's words; "" where there is no group of ours. */
static void read_limit(const struct limit *limit, int pid, char *text, size_t size, int *version)
{
    char group[512], path[1024];
    *version = 1;
    find_group(pid, limit->controller, group, sizeof group, version);
    if (*version == 1)
        snprintf(path, sizeof path, "/sys/fs/cgroup/%s%s/%s", limit->controller, group,
                 limit->file[0]);
    else
        snprintf(path, sizeof path, "/sys/fs/cgroup%s/%s", group, limit->file[1]);
    read_file(strncmp(group, "/libscratch-", 12) == 0 ? path : "", text, size);
    text[strcspn(text, "\n")] = '\0';
}

/* scratchctl's child is the first process of the container. */
static int first_process(int scratchctl)
{
    char path[64], text[64];
    int pid = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", scratchctl, scratchctl);
    read_file(path, text, sizeof text);
    assert_int_equal(sscanf(text, "%d", &pid), 1);
    return pid;
}

static void limits_are_set(void **state)
{
    static const struct limit limits[] = {
        {"-m", "64m", "memory", {"memory.limit_in_bytes", "memory.max"}, {"67108864", "67108864"}},
        {"--pids-limit", "17", "pids", {"pids.max", "pids.max"}, {"17", "17"}},
        {"--cpus", "0.5", "cpu", {"cpu.cfs_quota_us", "cpu.max"}, {"50000", "50000 100000"}},
        {"--cpuset-cpus", "0", "cpuset", {"cpuset.cpus", "cpuset.cpus"}, {"0", "0"}},
        {"--cpuset-mems", "0", "cpuset", {"cpuset.mems", "cpuset.mems"}, {"0", "0"}},
    };
    (void)state;
    ctl_need_containers();
    if (!test_privileged())
        TEST_SKIP("control groups are not this user's to make");
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        char text[256];
        int out, version;
        pid_t pid = CTL_START(&out, "run", limits[i].option, limits[i].value, "--", "sh", "-c",
                              "echo ready; sleep 60");
        ctl_expect(out, "ready");
        read_limit(&limits[i], first_process(pid), text, sizeof text, &version);
        assert_int_equal(kill(pid, SIGTERM), 0);
        ctl_wait(pid);
        close(out);
        if (strcmp(text, limits[i].limit[version - 1]) != 0)
            fail_msg("%s %s: it is '%s'", limits[i].option, limits[i].value, text);
    }
}

static void no_limit_is_needed(void **state)
{
    (void)state;
    ctl_need_containers();
    assert_int_equal(CTL("run", "--pids-limit", "-1", "--", "true").status, 0);
}

static void memory_is_limited(void **state)
{
    (void)state;
    ctl_need_containers();
    if (!test_privileged())
        TEST_SKIP("control groups are not this user's to make");
    /* tail keeps a line in memory for as long as it does not end. */
    struct ctl ctl = CTL("run", "-m", "16m", "--", "sh", "-c", "head -c 64m /dev/zero | tail -n 1");
    assert_int_not_equal(ctl.status, 0);
}

static void a_limit_that_is_too_small_to_start_with_is_said(void **state)
{
    (void)state;
    ctl_need_containers();
    if (!test_privileged())
        TEST_SKIP("control groups are not this user's to make");
    struct ctl ctl = CTL("run", "--init=no", "-m", "64k", "--", "true");
    assert_int_equal(ctl.status, 125);
    assert_non_null(strstr(ctl.err, "limit"));
}

static void what_a_killed_one_left_is_removed(void **state)
{
    int out, version = 0;
    char group[512] = "", path[1024];
    (void)state;
    ctl_need_containers();
    if (!test_privileged())
        TEST_SKIP("control groups are not this user's to make");
    pid_t pid = CTL_START(&out, "run", "--pids-limit", "9", "/", "--", "sh", "-c",
                          "echo up; exec sleep 60");
    ctl_expect(out, "up");
    find_group(first_process(pid), "pids", group, sizeof group, &version);
    snprintf(path, sizeof path, "/sys/fs/cgroup%s%s", version == 1 ? "/pids" : "", group);
    assert_int_equal(access(path, F_OK), 0);
    kill(pid, SIGKILL);
    ctl_wait(pid);
    close(out);
    for (int i = 0; i < 100 && access(path, F_OK) == 0; i++)
        assert_int_equal(CTL("run", "/", "--", "sleep", "0.1").status, 0);
    assert_int_equal(access(path, F_OK), -1);
}

/* Each hierarchy that limits are set in: on version 2 it is the same one. */
static const char *const places[] = {"/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids",
                                     "/sys/fs/cgroup/cpu", "/sys/fs/cgroup"};

static void make_parents(const char *name, bool make)
{
    char path[128];
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        bool unified = i == 3;
        if (unified != (access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0))
            continue;
        snprintf(path, sizeof path, "%s/%s", places[i], name);
        assert_int_equal(make ? mkdir(path, 0755) : rmdir(path), 0);
    }
}

static void a_group_is_made_below_another(void **state)
{
    char name[64], expected[96];
    (void)state;
    ctl_need_containers();
    if (!test_privileged())
        TEST_SKIP("control groups are not this user's to make");
    snprintf(name, sizeof name, "test-parent-%d", (int)getpid());
    snprintf(expected, sizeof expected, ":/%s/libscratch-", name);
    ctl_refused(CTL("run", "--cgroup-parent", name, "--", "true"), "does not exist");
    ctl_refused(CTL("run", "--cgroup-parent", "../x", "--", "true"), "without . or ..");
    make_parents(name, true);
    struct ctl ctl =
        CTL("run", "--cgroup-parent", name, "--cgroupns", "host", "--", "cat", "/proc/self/cgroup");
    int status = ctl.status;
    bool found = strstr(ctl.out, expected) != NULL;
    bool limited =
        CTL("run", "--cgroup-parent", name, "--pids-limit", "9", "--", "true").status == 0;
    make_parents(name, false); /* fails unless what was made in them is gone */
    assert_int_equal(status, 0);
    assert_true(found);
    assert_true(limited);
}

TEST_MAIN(limits_are_set, no_limit_is_needed, memory_is_limited,
          a_limit_that_is_too_small_to_start_with_is_said, what_a_killed_one_left_is_removed,
          a_group_is_made_below_another)
