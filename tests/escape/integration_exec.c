/* SPDX-License-Identifier: MIT */
/* Rows 3 and 4 of SECURITY.md, of a process that joins a container. */
#include "escape.h"
#include "state/record.h"

#include <errno.h>
#include <fcntl.h>
#include <scratch/container.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define TIMES 4 /* processes that join, one after the other: each rests for a moment */

static void join_once(scratch_container *container, const char *program)
{
    const char *const argv[] = {program, "directory", "/", NULL};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_exec_options options = SCRATCH_EXEC_OPTIONS_INIT;
    struct scratch_start_options start = SCRATCH_START_OPTIONS_INIT;
    struct scratch_error err;
    scratch_container *inner;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    process.argv = argv;
    options.process = &process;
    start.stdin_fd = start.stdout_fd = start.stderr_fd = null;
    int rc = scratch_container_exec(container, &options, &start, &inner, &err);
    close(null);
    if (rc == -ESRCH || rc == -ENOENT || rc == -ECANCELED)
        return; /* the attack is over */
    TEST_OK(rc, &err);
    scratch_container_wait(inner, NULL);
    scratch_container_free(inner);
}

/* An attacker that is pid 1, and has every capability but those that let it trace. */
static int attack(void)
{
    struct escape e;
    struct scratch_keep_options keep = SCRATCH_KEEP_OPTIONS_INIT;
    char ready[8], root[512];
    int ends[2];
    snprintf(root, sizeof root, "%s/records", test_directory());
    escape_begin(&e, escape_root(), "joiner", NULL);
    keep.root = root;
    keep.remove = true;
    e.spec.keep = &keep;
    e.process.init = false;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    e.start.stdout_fd = ends[1];
    scratch_container *container = escape_start(&e);
    close(ends[1]);
    assert_int_equal(read(ends[0], ready, sizeof ready), 6);
    for (int i = 0; i < TIMES; i++)
        join_once(container, e.process.argv[0]);
    escape_strengthen();
    close(ends[0]);
    return escape_end(container);
}

static void what_joins_cannot_be_reached_from_inside(void **state)
{
    (void)state;
    ESCAPE_WEAKEN(slow);
    assert_int_equal(attack(), ATTACK_HELD);
}

static void one_that_can_be_traced_is_reached(void **state)
{
    (void)state;
    ESCAPE_WEAKEN(traceable);
    assert_int_equal(attack(), ATTACK_OUT);
}

/*
 * A record that its owner has written: root is to be had to kill, or to enter, what it names, which
 * here is a process of root's.
 */
static void root_does_not_act_on_another_users_word(void **state)
{
    struct scratch_container_state s = SCRATCH_CONTAINER_STATE_INIT;
    struct scratch_exec_options options = SCRATCH_EXEC_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    const char *const argv[] = {"/bin/true", NULL};
    unsigned long long ticks;
    struct scratch_error err;
    scratch_container *c, *inner;
    char path[512];
    (void)state;
    if (!test_privileged() || geteuid() != 0)
        TEST_SKIP("it takes two users");
    snprintf(path, sizeof path, "%s/forged", test_directory());
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(record_start_time(getpid(), &ticks), 0);
    FILE *out = fopen(test_make_file(path, "state.json", ""), "w");
    fprintf(out, RECORD_HEAD_WRITE "\"created\":1}\n", RECORD_VERSION, getpid(), ticks, 0);
    fclose(out);
    assert_int_equal(chown(path, 1, 1), 0);
    *strrchr(path, '/') = '\0';
    TEST_OK(scratch_container_open(path, "forged", &c, &err), &err);
    TEST_OK(scratch_container_state(c, &s, &err), &err);
    assert_int_equal(s.status, SCRATCH_STATUS_RUNNING);
    process.argv = argv;
    options.process = &process;
    assert_int_equal(scratch_container_signal(c, SIGUSR1, &err), -EPERM); /* we would end */
    assert_int_equal(scratch_container_stop(c, 0, &err), -EPERM);
    assert_int_equal(scratch_container_kill_all(c, SIGKILL, &err), -EPERM);
    assert_int_equal(scratch_container_delete(c, true, &err), -EPERM);
    assert_int_equal(scratch_container_exec(c, &options, NULL, &inner, &err), -EPERM);
    assert_string_equal(err.cause, "it is another user's");
    scratch_container_free(c);
}

TEST_MAIN(what_joins_cannot_be_reached_from_inside, one_that_can_be_traced_is_reached,
          root_does_not_act_on_another_users_word)
