/* SPDX-License-Identifier: MIT */
/*
 * How a container has ended, as others than its starter can know it.
 */
#include "cgroup/layout.h"
#include "container/kept.h"
#include "plan/container.h"
#include "state/record.h"

#include <errno.h>
#include <sys/wait.h>

static bool write_text(const char *path, const char *text)
{
    FILE *out = fopen(path, "we");
    bool written = out && fputs(text, out) >= 0;
    return out && fclose(out) == 0 && written;
}

/* One whose first process was killed, while nobody who could tell was there. */
static scratch_container *killed_alone(bool init)
{
    struct kept k;
    kept_shell(&k, "sleep 60");
    k.m.process.init = init;
    scratch_container *container = kept_start(&k, "killed");
    pid_t pid = scratch_container_pid(container);
    scratch_container_free(container);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return kept_open("killed");
}

/* What ends without a word from its init was killed. */
static void an_init_that_says_nothing_was_killed(void **state)
{
    struct scratch_error err;
    (void)state;
    scratch_container *container = killed_alone(true);
    assert_int_equal(kept_state(container).status, SCRATCH_STATUS_STOPPED);
    assert_int_equal(kept_state(container).exit_status, 128 + SIGKILL);
    assert_int_equal(scratch_container_wait(container, &err), 128 + SIGKILL);
    kept_end(container);
}

/* Without an init no number is made up. */
static void how_it_ended_may_be_unknown(void **state)
{
    struct scratch_error err;
    (void)state;
    scratch_container *container = killed_alone(false);
    assert_int_equal(kept_state(container).status, SCRATCH_STATUS_STOPPED);
    assert_int_equal(kept_state(container).exit_status, -1);
    assert_int_equal(scratch_container_wait(container, &err), -ENODATA);
    assert_non_null(strstr(err.cause, "it has no init"));
    kept_end(container);
}

/* Who deletes it may be faster than who waits for it: the status is the right one all the same. */
static void its_status_is_read_though_it_is_deleted(void **state)
{
    struct kept k;
    struct scratch_error err;
    (void)state;
    kept_shell(&k, "exit 7");
    k.m.process.init = true;
    scratch_container *own = kept_start(&k, "deleted");
    scratch_container *other = kept_open("deleted");
    int dir = other->record, file = record_open_exit(dir), status = 0;
    int64_t when;
    assert_int_equal(scratch_container_wait(own, &err), 7);
    TEST_OK(scratch_container_delete(own, false, &err), &err);
    assert_int_equal(record_open_exit(dir), -ENOENT);
    assert_true(record_read_exit(other->contents, file, &status, &when));
    assert_int_equal(status, 7);
    assert_false(record_read_exit(other->contents, -ENOENT, &status, &when));
    close(file);
    scratch_container_free(own);
    scratch_container_free(other);
}

/* It does not die there: it is taken out of a group that stays as those want it whose it is. */
static void what_others_have_frozen_is_ended(void **state)
{
    struct kept k;
    struct scratch_error err;
    struct cgroup_hierarchy freezer;
    char group[320], file[360], pid[16], text[16] = "";
    (void)state;
    if (layout_find("freezer", &freezer) < 0 || freezer.version != 1 || geteuid() != 0)
        TEST_SKIP("it takes root, and v1's freezer");
    snprintf(group, sizeof group, "%s/test-%d", freezer.mount, (int)getpid());
    if (mkdir(group, 0755) < 0)
        TEST_SKIP("the freezer is not to be written");
    kept_shell(&k, "sleep 60");
    scratch_container *container = kept_start(&k, "frozen");
    snprintf(pid, sizeof pid, "%d", (int)scratch_container_pid(container));
    snprintf(file, sizeof file, "%s/cgroup.procs", group);
    assert_true(write_text(file, pid));
    snprintf(file, sizeof file, "%s/freezer.state", group);
    assert_true(write_text(file, "FROZEN"));
    TEST_OK(scratch_container_delete(container, true, &err), &err);
    scratch_container_free(container);
    FILE *in = fopen(file, "re");
    assert_non_null(in);
    assert_non_null(fgets(text, sizeof text, in));
    fclose(in);
    assert_string_equal(text, "FROZEN\n");
    assert_int_equal(rmdir(group), 0);
}

TEST_MAIN(an_init_that_says_nothing_was_killed, how_it_ended_may_be_unknown,
          its_status_is_read_though_it_is_deleted, what_others_have_frozen_is_ended)
