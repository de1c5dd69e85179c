/* SPDX-License-Identifier: MIT */
/*
 * The systemd driver: the group is a scope, systemd knows its limits, and lets it be.
 */
#include "cgroup/group.h"
#include "container/kept.h"

#include <scratch/container.h>
#include <scratch/figures.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

/* The caller's systemd, or why there is none. */
static bool systemd_is_here(void)
{
    char path[PATH_MAX];
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    snprintf(path, sizeof path, "%s/systemd/private",
             geteuid() == 0 ? "/run"
             : runtime      ? runtime
                            : "");
    return controller_version("memory") == 2 && access(path, F_OK) == 0;
}

#define NEEDS_SYSTEMD()                                                                            \
    do {                                                                                           \
        if (!systemd_is_here())                                                                    \
            TEST_SKIP("no systemd runs here, on cgroup v2, for this user");                        \
    } while (0)

/* systemd may still have the scope of the test before, and then there is no other of its name. */
static void scope_begin(struct limited *l, const char *script)
{
    static int scopes;
    limited_begin(l, script);
    snprintf(l->id, sizeof l->id, "test-%d-%d", (int)getpid(), ++scopes);
    if (geteuid() != 0)
        l->minimal.namespaces.create |= SCRATCH_NS_USER;
    l->cgroup.driver = SCRATCH_CGROUP_SYSTEMD;
    l->cgroup.memory_max = 64 << 20;
    l->cgroup.pids_max = 20;
    l->cgroup.cpu_quota = 25000;
}

/* Run systemctl(1); its status, and the first line of what it says. */
static int systemctl(const char *const argv[], char *line, size_t size)
{
    int ends[2], status;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    close(ends[1]);
    ssize_t n = read(ends[0], line, size - 1);
    close(ends[0]);
    line[n > 0 ? n : 0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static const char *whose(void)
{
    return geteuid() == 0 ? "--system" : "--user";
}

/* A property of the container's unit. */
static const char *property(const struct limited *l, const char *name)
{
    static char line[256];
    char unit[96];
    snprintf(unit, sizeof unit, "libscratch-%s.scope", l->id);
    const char *const argv[] = {"systemctl", whose(), "show", "--value", "-p", name, unit, NULL};
    assert_int_equal(systemctl(argv, line, sizeof line), 0);
    return line;
}

static const char *read_group(const scratch_cgroup *group, const char *file)
{
    static char value[256];
    struct scratch_error err;
    TEST_OK(scratch_cgroup_read(group, file, value, sizeof value, &err), &err);
    return value;
}

static scratch_cgroup *open_scope(const scratch_container *c, const struct limited *l)
{
    struct scratch_error err;
    scratch_cgroup *group;
    char path[PATH_MAX], name[96];
    assert_true(scratch_container_cgroup(c, path, sizeof path) > 0);
    snprintf(name, sizeof name, "/libscratch-%s.scope", l->id);
    assert_non_null(strstr(path, name));
    TEST_OK(scratch_cgroup_open(path, &group, &err), &err);
    return group;
}

/* systemd removes it when it sees that it is empty. */
static bool is_gone(const char *path)
{
    scratch_cgroup *group = NULL;
    for (int i = 0; i < 3000; i++) {
        if (scratch_cgroup_open(path, &group, NULL) == -ENOENT)
            return true;
        scratch_cgroup_free(group);
        usleep(10000);
    }
    return false;
}

static void a_scope_has_the_limits_and_goes_with_its_container(void **state)
{
    struct limited l;
    (void)state;
    NEEDS_SYSTEMD();
    scope_begin(&l, "exec sleep 60");
    scratch_container *c = limited_start(&l);
    scratch_cgroup *group = open_scope(c, &l);
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", scratch_cgroup_path(group));
    assert_string_equal(property(&l, "MemoryMax"), "67108864");
    assert_string_equal(property(&l, "TasksMax"), "20");
    assert_string_equal(property(&l, "CPUQuotaPerSecUSec"), "250ms");
    assert_string_equal(property(&l, "Delegate"), "yes");
    assert_string_equal(read_group(group, "memory.max"), "67108864");
    assert_string_equal(read_group(group, "pids.max"), "20");
    assert_string_equal(read_group(group, "cpu.max"), "25000 100000");
    scratch_cgroup_free(group);
    scratch_container_signal(c, SIGKILL, NULL);
    assert_int_equal(minimal_end(c), 128 + SIGKILL);
    assert_true(is_gone(path));
}

static void systemd_does_not_undo_them(void **state)
{
    struct limited l;
    char said[64];
    (void)state;
    NEEDS_SYSTEMD();
    scope_begin(&l, "exec sleep 60");
    scratch_container *c = limited_start(&l);
    scratch_cgroup *group = open_scope(c, &l);
    const char *const reload[] = {"systemctl", whose(), "daemon-reload", NULL};
    assert_int_equal(systemctl(reload, said, sizeof said), 0);
    assert_string_equal(read_group(group, "memory.max"), "67108864");
    assert_string_equal(read_group(group, "pids.max"), "20");
    assert_string_equal(read_group(group, "cpu.max"), "25000 100000");
    scratch_cgroup_free(group);
    scratch_container_signal(c, SIGKILL, NULL);
    minimal_end(c);
}

/* Who starts it is a process of its own, which is killed: all that is left is the record. */
static void start_and_be_killed(struct limited *l, const char *root)
{
    struct scratch_keep_options keep = SCRATCH_KEEP_OPTIONS_INIT;
    keep.root = root;
    l->minimal.spec.keep = &keep;
    pid_t starter = fork();
    assert_true(starter >= 0);
    if (starter == 0) {
        limited_start(l);
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(starter, NULL, 0), starter);
}

static void its_record_names_it(void **state)
{
    struct limited l;
    struct scratch_error err;
    struct scratch_container_state s = SCRATCH_CONTAINER_STATE_INIT;
    struct scratch_cgroup_options other = SCRATCH_CGROUP_OPTIONS_INIT;
    scratch_container *c;
    char root[300], path[PATH_MAX];
    (void)state;
    NEEDS_SYSTEMD();
    scope_begin(&l, "exec sleep 60");
    snprintf(root, sizeof root, "%s/records", test_directory());
    start_and_be_killed(&l, root);
    TEST_OK(scratch_container_open(root, l.id, &c, &err), &err);
    TEST_OK(scratch_container_state(c, &s, &err), &err);
    assert_non_null(s.cgroups);
    assert_int_equal(access(s.cgroups[0], F_OK), 0);
    snprintf(path, sizeof path, "%s", s.cgroup);
    other.memory_max = 32 << 20;
    TEST_OK(scratch_container_update(c, &other, &err), &err);
    scratch_cgroup *group = open_scope(c, &l);
    assert_string_equal(read_group(group, "memory.max"), "33554432");
    scratch_cgroup_free(group);
    TEST_OK(scratch_container_pause(c, &err), &err);
    TEST_OK(scratch_container_state(c, &s, &err), &err);
    assert_int_equal(s.status, SCRATCH_STATUS_PAUSED);
    TEST_OK(scratch_container_delete(c, true, &err), &err);
    scratch_container_free(c);
    assert_true(is_gone(path));
}

struct search {
    char unit[96], path[PATH_MAX];
};

static int take_scope(const char *path, bool container, void *argument)
{
    struct search *s = argument;
    const char *last = strrchr(path, '/');
    if (!container || !last || strcmp(last + 1, s->unit) != 0)
        return 0;
    snprintf(s->path, sizeof s->path, "%s", path);
    return 1;
}

/*
 * At the first sight of the scope its starter is killed: whether or not there is a record by then.
 * Its name is free afterwards: the next test has it, too.
 */
static void killed_on_the_way_it_leaves_nothing(void **state)
{
    struct scratch_keep_options keep = SCRATCH_KEEP_OPTIONS_INIT;
    struct limited l;
    struct search s;
    char root[300], record[400];
    scratch_container *c;
    (void)state;
    NEEDS_SYSTEMD();
    scope_begin(&l, "exec sleep 60");
    snprintf(root, sizeof root, "%s/records", test_directory());
    snprintf(record, sizeof record, "%s/%s", root, l.id);
    snprintf(s.unit, sizeof s.unit, "libscratch-%s.scope", l.id);
    keep.root = root;
    l.minimal.spec.keep = &keep;
    pid_t starter = fork();
    assert_true(starter >= 0);
    if (starter == 0) {
        limited_start(&l);
        for (;;)
            pause();
    }
    for (int i = 0; i < 30000 && scratch_cgroup_walk(NULL, take_scope, &s, NULL) == 0; i++)
        usleep(1000);
    kill(starter, SIGKILL);
    assert_int_equal(waitpid(starter, NULL, 0), starter);
    if (scratch_container_open(root, l.id, &c, NULL) == 0) { /* it was ready */
        scratch_container_delete(c, true, NULL);
        scratch_container_free(c);
    }
    bool gone = false;
    for (int i = 0; i < 300 && !gone; i++) { /* systemd may be about to fill it */
        scratch_sweep(NULL);
        usleep(100000);
        gone = scratch_cgroup_walk(NULL, take_scope, &s, NULL) == 0;
    }
    assert_true(gone);
    assert_int_equal(access(record, F_OK), -1);
}

static void a_name_that_is_taken_is_refused_in_systemds_words(void **state)
{
    struct limited l;
    struct scratch_error err;
    scratch_container *again;
    char sentence[SCRATCH_ERROR_LINE];
    (void)state;
    NEEDS_SYSTEMD();
    scope_begin(&l, "exec sleep 60");
    scratch_container *c = limited_start(&l);
    scratch_plan *plan = minimal_compile(&l.minimal);
    assert_true(scratch_plan_start(plan, &l.start, &again, &err) < 0);
    scratch_plan_free(plan);
    scratch_error_format(&err, sentence, sizeof sentence);
    assert_non_null(strstr(sentence, "already"));
    scratch_container_signal(c, SIGKILL, NULL);
    minimal_end(c);
}

static void without_systemd_it_is_refused(void **state)
{
    struct limited l;
    struct scratch_error err;
    scratch_plan *plan;
    (void)state;
    if (systemd_is_here())
        TEST_SKIP("systemd is here");
    scope_begin(&l, "exit 0");
    assert_true(scratch_plan_compile(&l.minimal.spec, &plan, &err) < 0);
    assert_non_null(strstr(err.hint, "leave the systemd driver out"));
}

/* Nobody asks before systemd has removed the group. */
static void the_log_knows_of_a_scope_that_is_gone(void **state)
{
    struct scratch_cgroup_options cgroup = SCRATCH_CGROUP_OPTIONS_INIT;
    struct scratch_container_oom oom;
    struct kept k;
    char id[64], path[PATH_MAX];
    (void)state;
    NEEDS_SYSTEMD();
    if (geteuid() != 0)
        TEST_SKIP("the kernel's log is root's to read");
    snprintf(id, sizeof id, "test-%d-gone", (int)getpid());
    kept_shell(&k, "exec tail /dev/zero");
    cgroup.driver = SCRATCH_CGROUP_SYSTEMD;
    cgroup.memory_max = 16 << 20;
    cgroup.memory_swap = 0;
    k.m.spec.cgroup = &cgroup;
    scratch_container *container = kept_start(&k, id);
    snprintf(path, sizeof path, "/sys/fs/cgroup/system.slice/libscratch-%s.scope", id);
    pid_t pid = scratch_container_pid(container);
    scratch_container_free(container);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    for (int i = 0; i < 1000 && access(path, F_OK) == 0; i++)
        usleep(10000);
    assert_int_equal(access(path, F_OK), -1);
    container = kept_open(id);
    assert_int_equal(scratch_container_oom(container, &oom), 1);
    assert_int_equal(oom.kills, 1);
    assert_int_equal(oom.limit, 16 << 20);
    assert_string_equal(oom.command, "tail");
    kept_end(container);
}

TEST_MAIN(a_scope_has_the_limits_and_goes_with_its_container, systemd_does_not_undo_them,
          its_record_names_it, killed_on_the_way_it_leaves_nothing,
          a_name_that_is_taken_is_refused_in_systemds_words, without_systemd_it_is_refused,
          the_log_knows_of_a_scope_that_is_gone)
