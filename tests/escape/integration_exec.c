/* SPDX-License-Identifier: MIT */
/* Rows 3 and 4 of SECURITY.md, of a process that joins a container. */
#include "escape.h"

#include <errno.h>
#include <fcntl.h>
#include <scratch/container.h>
#include <stdio.h>
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

TEST_MAIN(what_joins_cannot_be_reached_from_inside)
