/* SPDX-License-Identifier: MIT */
/*
 * What others than the starter can know of a container's end by its memory limit; and that what is
 * done with one that has ended is not done to the next of its name.
 */
#include "cgroup/group.h"
#include "container/kept.h"

#include <signal.h>
#include <sys/wait.h>

#define LIMIT (16u << 20)

struct limited_kept {
    struct kept k;
    struct scratch_cgroup_options cgroup;
};

static void begin(struct limited_kept *l, const char *script)
{
    kept_shell(&l->k, script);
    l->k.m.process.init = true;
    l->cgroup = (struct scratch_cgroup_options)SCRATCH_CGROUP_OPTIONS_INIT;
    l->cgroup.memory_max = LIMIT;
    l->cgroup.memory_swap = controller_version("memory") == 2 ? 0 : SCRATCH_LIMIT_NONE;
    l->k.m.spec.cgroup = &l->cgroup;
}

/* Nobody has it but its record. Its name is the test's own: ids are those of groups, too. */
static const char *start_alone(const struct limited_kept *l)
{
    static char id[64];
    snprintf(id, sizeof id, "oom-%d", (int)getpid());
    scratch_container_free(kept_start(&l->k, id));
    return id;
}

static void expect_oom(const char *id, uint64_t kills)
{
    scratch_container *c = kept_open(id);
    struct scratch_container_state state = kept_state(c);
    struct scratch_container_oom oom;
    assert_int_equal(scratch_container_oom(c, &oom), kills > 0);
    assert_int_equal(oom.kills, kills);
    assert_int_equal(state.oom.kills, kills);
    if (kills)
        assert_int_equal(state.oom.limit, LIMIT);
    if (state.oom.pid) /* the kernel's log may be read */
        assert_string_equal(state.oom.command, "tail");
    scratch_container_free(c);
}

static bool group_is_there(const char *id)
{
    char path[PATH_MAX], group[128];
    snprintf(group, sizeof group, "libscratch-%s", id);
    return group_path(path, "memory", group, "") && access(path, F_OK) == 0;
}

/* Others may sweep at the same time. */
static void sweep_group(const char *id)
{
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    for (int i = 0; i < 1000 && group_is_there(id); i++) {
        scratch_sweep(NULL);
        usleep(10000);
    }
    assert_false(group_is_there(id));
}

static int wait_for(const char *id)
{
    struct scratch_error err;
    scratch_container *c = kept_open(id);
    int status = scratch_container_wait(c, &err);
    TEST_OK(status, &err);
    scratch_container_free(c);
    return status;
}

static void delete_it(const char *id)
{
    kept_end(kept_open(id));
}

static void who_looks_later_is_told(void **state)
{
    struct limited_kept l;
    (void)state;
    NEEDS_ROOT();
    begin(&l, "exec tail /dev/zero");
    const char *id = start_alone(&l);
    assert_int_equal(wait_for(id), 128 + SIGKILL);
    expect_oom(id, 1);
    sweep_group(id); /* which knew it */
    expect_oom(id, 1);
    delete_it(id);
    assert_false(kept_is_there(id));
}

/* Its starter's wait takes the group away; the record says it then. */
static void a_waiting_starter_leaves_word(void **state)
{
    struct limited_kept l;
    struct scratch_error err;
    (void)state;
    NEEDS_ROOT();
    begin(&l, "exec tail /dev/zero");
    scratch_container *c = kept_start(&l.k, "oom-waited");
    assert_int_equal(scratch_container_wait(c, &err), 128 + SIGKILL);
    scratch_container_free(c);
    assert_false(group_is_there("oom-waited"));
    expect_oom("oom-waited", 1);
    delete_it("oom-waited");
}

static void another_end_is_none(void **state)
{
    struct limited_kept l;
    (void)state;
    NEEDS_ROOT();
    begin(&l, "exit 3");
    const char *id = start_alone(&l);
    assert_int_equal(wait_for(id), 3);
    expect_oom(id, 0);
    sweep_group(id);
    expect_oom(id, 0);
    delete_it(id);
}

/* Run in it; the number of kills that the process's handle knows. */
static uint64_t exec_in(scratch_container *c, const char *script, int status)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_exec_options options = SCRATCH_EXEC_OPTIONS_INIT;
    struct scratch_container_oom oom;
    struct scratch_error err;
    scratch_container *inner;
    process.argv = argv;
    options.process = &process;
    TEST_OK(scratch_container_exec(c, &options, NULL, &inner, &err), &err);
    assert_int_equal(scratch_container_wait(inner, &err), status);
    scratch_container_oom(inner, &oom);
    scratch_container_free(inner);
    return oom.kills;
}

static void a_process_more_knows_of_its_own_time_alone(void **state)
{
    struct limited_kept l;
    (void)state;
    NEEDS_ROOT();
    begin(&l, "sleep 600");
    const char *id = start_alone(&l);
    scratch_container *c = kept_open(id);
    assert_int_equal(exec_in(c, "exit 3", 3), 0);
    assert_int_equal(exec_in(c, "exec tail /dev/zero", 128 + SIGKILL), 1);
    assert_int_equal(exec_in(c, "kill -9 $$", 128 + SIGKILL), 0);
    kept_end(c);
}

/* Its group is known by a path, which is another container's by now. */
static void the_next_of_its_name_is_left_alone(void **state)
{
    struct limited_kept l;
    char others[320];
    struct scratch_error err;
    scratch_container *first, *next;
    size_t count = 0;
    (void)state;
    NEEDS_ROOT();
    begin(&l, "exit 0");
    const char *id = start_alone(&l);
    assert_int_equal(wait_for(id), 0);
    sweep_group(id);
    snprintf(others, sizeof others, "%s/others", test_directory());
    begin(&l, "sleep 600");
    l.k.keep.root = others;
    TEST_OK(kept_try(&l.k, id, &next, &err), &err);
    first = kept_open(id);
    TEST_OK(scratch_container_processes(first, NULL, &count, &err), &err);
    assert_int_equal(count, 0);
    assert_int_equal(scratch_container_kill_all(first, SIGKILL, &err), -ESRCH);
    assert_int_equal(scratch_container_resume(first, &err), -ESRCH);
    kept_end(first);
    assert_int_equal(kept_state(next).status, SCRATCH_STATUS_RUNNING);
    assert_true(group_is_there(id));
    kept_end(next);
    assert_false(group_is_there(id));
}

/* It takes the first one's group away, which is left over, and what that knew is not lost. */
static void the_next_of_its_name_leaves_word(void **state)
{
    struct limited_kept l;
    char others[320];
    struct scratch_error err;
    scratch_container *next;
    (void)state;
    NEEDS_ROOT();
    begin(&l, "exec tail /dev/zero");
    const char *id = start_alone(&l);
    assert_int_equal(wait_for(id), 128 + SIGKILL);
    snprintf(others, sizeof others, "%s/others", test_directory());
    begin(&l, "sleep 600");
    l.k.keep.root = others;
    TEST_OK(kept_try(&l.k, id, &next, &err), &err);
    expect_oom(id, 1);
    delete_it(id);
    kept_end(next);
}

TEST_MAIN(who_looks_later_is_told, the_next_of_its_name_leaves_word, a_waiting_starter_leaves_word,
          another_end_is_none, a_process_more_knows_of_its_own_time_alone,
          the_next_of_its_name_is_left_alone)
