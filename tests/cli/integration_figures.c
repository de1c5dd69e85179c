/* SPDX-License-Identifier: MIT */
/*
 * stats, update and events say what the kernel's own files say. What is told is held against a look
 * at the file before and one after it.
 */
#include "cgroup/layout.h"
#include "cli/ctl.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RUNNING(...) CTL("run", "-d", "--name", name(), __VA_ARGS__)

static const char *name(void)
{
    static char text[32];
    snprintf(text, sizeof text, "figures-%d", (int)getpid());
    return text;
}

static void is_ok(struct ctl ctl)
{
    if (ctl.status != 0)
        fail_msg("status %d: %s", ctl.status, ctl.err);
}

#define NEEDS_GROUPS()                                                                             \
    do {                                                                                           \
        if (geteuid() != 0 || !test_privileged())                                                  \
            TEST_SKIP("an ordinary user has no control group here");                               \
        ctl_need_containers();                                                                     \
        CTL("rm", "-f", name()); /* what a test that failed has left */                            \
    } while (0)

/* ---- the kernel's files ---------------------------------------------------------------------- */

struct kernels {
    const char *figure, *controller;
    const char *file[2]; /* of version 1 and 2 */
    const char *key[2];  /* of a line in it; NULL: it is the number */
    uint64_t slack;      /* what it may change by itself, and charges in batches */
};

static const struct kernels files[] = {
    {"memory_current",
     "memory",
     {"memory.usage_in_bytes", "memory.current"},
     {NULL, NULL},
     1 << 20},
    {"memory_limit", "memory", {"memory.limit_in_bytes", "memory.max"}, {NULL, NULL}, 0},
    {"memory_peak", "memory", {"memory.max_usage_in_bytes", "memory.peak"}, {NULL, NULL}, 0},
    {"memory_anon", "memory", {"memory.stat", "memory.stat"}, {"total_rss", "anon"}, 1 << 20},
    {"cpu_usage", "cpuacct", {"cpuacct.usage", "cpu.stat"}, {NULL, "usage_usec"}, 0},
    {"cpu_periods", "cpu", {"cpu.stat", "cpu.stat"}, {"nr_periods", "nr_periods"}, 0},
    {"pids_current", "pids", {"pids.current", "pids.current"}, {NULL, NULL}, 0},
    {"pids_limit", "pids", {"pids.max", "pids.max"}, {NULL, NULL}, 0},
};

static FILE *open_kernels(const struct kernels *k, const char *hierarchy_of, int *version)
{
    struct cgroup_hierarchy hierarchy;
    char path[PATH_MAX + 128];
    if (layout_find(hierarchy_of, &hierarchy) < 0)
        return NULL;
    *version = hierarchy.version - 1;
    snprintf(path, sizeof path, "%s/libscratch-%s/%s", hierarchy.mount, name(), k->file[*version]);
    return fopen(path, "re");
}

/* A number of the container's group; false: this kernel, or this hierarchy, has it not. */
static bool read_kernels(const struct kernels *k, uint64_t *value)
{
    int version = 0;
    char key[64], line[256];
    FILE *in = open_kernels(k, k->controller, &version);
    if (!in)
        in = open_kernels(k, "unified", &version); /* which counts without a controller */
    bool found = false;
    while (in && !found && fgets(line, sizeof line, in))
        found = k->key[version] ? sscanf(line, "%63s %" SCNu64, key, value) == 2 &&
                                      strcmp(key, k->key[version]) == 0
                                : sscanf(line, "%" SCNu64, value) == 1;
    if (in)
        fclose(in);
    if (found && strcmp(k->file[version], "cpuacct.usage") == 0)
        *value /= 1000; /* nanoseconds */
    return found;
}

/* A number of what stats --json says. */
static uint64_t told(const char *json, const char *figure)
{
    char key[64];
    uint64_t value = 0;
    snprintf(key, sizeof key, "\"%s\":", figure);
    const char *at = strstr(json, key);
    if (!at || sscanf(at + strlen(key), "%" SCNu64, &value) != 1)
        fail_msg("%s is not in %s", figure, json);
    return value;
}

static void stats_agree_with_the_kernels_files(void **state)
{
    (void)state;
    NEEDS_GROUPS();
    is_ok(RUNNING("-m", "64m", "--pids-limit", "20", "--cpus", "0.5", "--", "sh", "-c",
                  "head -c 8000000 /dev/zero | tail -c 8000000 | sleep 600"));
    uint64_t before = 0, after;
    for (int i = 0; i < 3000 && (!read_kernels(&files[0], &before) || before < 8000000); i++)
        usleep(10000);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const struct kernels *k = &files[i];
        if (!read_kernels(k, &before)) {
            printf("%s not here\n", k->figure);
            continue;
        }
        struct ctl ctl = CTL("stats", "--no-stream", "--json", name());
        is_ok(ctl);
        uint64_t said = told(ctl.out, k->figure);
        assert_true(read_kernels(k, &after));
        printf("%-16s told %10" PRIu64 "  the kernel's, before and after: %" PRIu64 ", %" PRIu64
               "\n",
               k->figure, said, before, after);
        assert_true(said + k->slack >= (before < after ? before : after));
        assert_true(said <= (before < after ? after : before) + k->slack);
    }
    is_ok(CTL("rm", "-f", name()));
}

static void stats_are_a_table_that_lives(void **state)
{
    int out, seen = 0;
    char text[4096];
    (void)state;
    NEEDS_GROUPS();
    is_ok(RUNNING("-m", "64m", "--", "sleep", "600"));
    struct ctl ctl = CTL("stats", "--no-stream", name());
    is_ok(ctl);
    assert_non_null(strstr(ctl.out, name()));
    assert_non_null(strstr(ctl.out, "64 MiB"));
    pid_t pid = CTL_START(&out, "stats", name());
    while (seen < 3) { /* a table each second */
        ssize_t n = read(out, text, sizeof text - 1);
        assert_true(n > 0);
        text[n] = '\0';
        for (const char *at = text; (at = strstr(at, name())); at++)
            seen++;
    }
    kill(pid, SIGTERM);
    ctl_wait(pid);
    close(out);
    is_ok(CTL("rm", "-f", name()));
}

/* ---- update ---------------------------------------------------------------------------------- */

static void updates_are_in_the_kernels_files(void **state)
{
    static const struct kernels limits[] = {
        {"memory_limit", "memory", {"memory.limit_in_bytes", "memory.max"}, {NULL, NULL}, 0},
        {"pids_limit", "pids", {"pids.max", "pids.max"}, {NULL, NULL}, 0},
    };
    uint64_t memory = 0, pids = 0;
    (void)state;
    NEEDS_GROUPS();
    is_ok(RUNNING("-m", "64m", "--pids-limit", "20", "--", "sleep", "600"));
    is_ok(CTL("update", "-m", "96m", "--pids-limit", "31", name()));
    assert_true(read_kernels(&limits[0], &memory) && read_kernels(&limits[1], &pids));
    assert_int_equal(memory, 96 << 20);
    assert_int_equal(pids, 31);
    struct ctl ctl = CTL("stats", "--no-stream", "--json", name());
    assert_int_equal(told(ctl.out, "memory_limit"), 96 << 20);
    assert_int_equal(told(ctl.out, "pids_limit"), 31);
    is_ok(CTL("rm", "-f", name()));
}

/* ---- events ---------------------------------------------------------------------------------- */

/* Read until these words have come, or the end. */
static bool says(int out, const char *words)
{
    char text[8192];
    size_t length = 0;
    ssize_t n;
    text[0] = '\0';
    while (!strstr(text, words) && length + 1 < sizeof text &&
           (n = read(out, text + length, sizeof text - 1 - length)) > 0) {
        length += (size_t)n;
        text[length] = '\0';
    }
    return strstr(text, words);
}

/* What is killed there is not its first process. It is told to begin when it is listened to. */
static void out_of_memory_is_an_event(void **state)
{
    int out;
    (void)state;
    NEEDS_GROUPS();
    is_ok(RUNNING("-m", "16m", "--", "sh", "-c", "while :; do sleep 1; tail /dev/zero; done"));
    pid_t pid = CTL_START(&out, "events", "--json", name());
    assert_true(says(out, "\"event\":\"memory-kill\""));
    kill(pid, SIGTERM);
    ctl_wait(pid);
    close(out);
    struct ctl ctl = CTL("stats", "--no-stream", "--json", name());
    assert_true(told(ctl.out, "memory_kills") >= 1);
    is_ok(CTL("rm", "-f", name()));
}

static void one_that_died_of_its_limit_says_so(void **state)
{
    (void)state;
    NEEDS_GROUPS();
    struct ctl ctl = CTL("run", "-m", "16m", "--", "tail", "/dev/zero");
    assert_int_equal(ctl.status, 128 + SIGKILL);
    if (!strstr(ctl.err, "killed: out of memory, limit 16 MiB"))
        fail_msg("it says: %s", ctl.err);
    if (strstr(ctl.err, "process")) /* where the kernel's log can be read */
        assert_non_null(strstr(ctl.err, "(tail, process "));
    printf("%s", ctl.err);
}

static void says_words(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("it says: %s", text);
}

/* Each command that looks at it later, before its group is gone and after. */
static void one_that_nobody_waited_for_says_so_later(void **state)
{
    (void)state;
    NEEDS_GROUPS();
    is_ok(RUNNING("-m", "16m", "--", "tail", "/dev/zero"));
    for (int i = 0; i < 2; i++) {
        struct ctl ctl = CTL("wait", name());
        assert_string_equal(ctl.out, "137\n");
        says_words(ctl.err, "out of memory, limit 16 MiB");
        ctl = CTL("ps", "-a");
        says_words(ctl.out, "stopped (137), killed: out of memory, limit 16 MiB");
        ctl = CTL("ps", "-a", "--json");
        says_words(ctl.out, "\"oom_killed\":true,\"oom\":{\"kills\":1,\"limit\":16777216");
        ctl = CTL("inspect", name());
        says_words(ctl.out, "\"oom_killed\":true");
        scratch_sweep(NULL);
    }
    is_ok(CTL("rm", name()));
}

static void a_command_in_a_container_says_so(void **state)
{
    (void)state;
    NEEDS_GROUPS();
    is_ok(RUNNING("-m", "16m", "--", "sleep", "600"));
    struct ctl ctl = CTL("exec", name(), "tail", "/dev/zero");
    assert_int_equal(ctl.status, 128 + SIGKILL);
    says_words(ctl.err, "killed: out of memory, limit 16 MiB");
    ctl = CTL("exec", name(), "false");
    assert_string_equal(ctl.err, "");
    ctl = CTL("inspect", name());
    says_words(ctl.out, "\"oom_killed\":false"); /* it runs */
    is_ok(CTL("rm", "-f", name()));
}

TEST_MAIN(stats_agree_with_the_kernels_files, stats_are_a_table_that_lives,
          updates_are_in_the_kernels_files, out_of_memory_is_an_event,
          one_that_died_of_its_limit_says_so, one_that_nobody_waited_for_says_so_later,
          a_command_in_a_container_says_so)
