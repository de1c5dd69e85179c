/* SPDX-License-Identifier: MIT */
/*
 * What a killed starter leaves is swept, and nothing else; what cannot be removed is said.
 */
#include "cgroup/group.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define STAY "exec sleep 30"

static void begin(struct limited *l)
{
    limited_begin(l, STAY);
    l->cgroup.pids_max = 20;
}

/* A child of ours starts the container, and is killed; a pidfd of the container. */
static int start_and_kill_the_starter(struct limited *l, bool die_with_parent)
{
    int ends[2];
    pid_t pid;
    l->minimal.process.die_with_parent = die_with_parent;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t starter = fork();
    assert_true(starter >= 0);
    if (starter == 0) {
        scratch_container *c = limited_start(l);
        pid = scratch_container_pid(c);
        if (write(ends[1], &pid, sizeof pid) == sizeof pid)
            pause();
        _exit(1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &pid, sizeof pid), sizeof pid);
    close(ends[0]);
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    assert_true(pidfd >= 0);
    kill(starter, SIGKILL);
    assert_int_equal(waitpid(starter, NULL, 0), starter);
    return pidfd;
}

static void wait_for_the_end(int pidfd)
{
    struct pollfd end = {pidfd, POLLIN, 0};
    assert_int_equal(poll(&end, 1, 60000), 1);
    close(pidfd);
}

/* Sweep until the group is gone: the kernel lets go of it a moment after the last process. */
static bool is_swept(const struct limited *l)
{
    for (int i = 0; i < 3000 && limited_count(l) > 0; i++) {
        assert_true(scratch_sweep(NULL) >= 0);
        usleep(10000);
    }
    return limited_count(l) == 0;
}

static void the_group_of_a_killed_starter_is_swept(void **state)
{
    struct limited l;
    (void)state;
    NEEDS_ROOT();
    begin(&l);
    wait_for_the_end(start_and_kill_the_starter(&l, true));
    assert_true(limited_count(&l) > 0);
    assert_true(is_swept(&l));
}

static void a_group_with_processes_is_left_to_them(void **state)
{
    struct limited l;
    (void)state;
    NEEDS_ROOT();
    begin(&l);
    int pidfd = start_and_kill_the_starter(&l, false);
    scratch_sweep(NULL);
    assert_true(limited_count(&l) > 0);
    assert_int_equal(syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0), 0);
    wait_for_the_end(pidfd);
    assert_true(is_swept(&l));
}

static void make_below(const struct limited *l, char path[PATH_MAX])
{
    char group[128];
    snprintf(group, sizeof group, "libscratch-%s", l->id);
    assert_true(group_path(path, "pids", group, "below"));
    assert_int_equal(mkdir(path, 0755), 0);
}

static void a_live_containers_group_is_left_and_removed_with_what_is_below(void **state)
{
    struct limited l;
    struct scratch_error err;
    char path[PATH_MAX];
    (void)state;
    NEEDS_ROOT();
    begin(&l);
    scratch_container *c = limited_start(&l);
    make_below(&l, path);
    scratch_sweep(NULL);
    assert_int_equal(access(path, F_OK), 0);
    scratch_container_signal(c, SIGKILL, NULL);
    assert_int_equal(scratch_container_wait(c, &err), 128 + SIGKILL);
    assert_int_equal(err.errnum, 0);
    scratch_container_free(c);
    assert_int_equal(limited_count(&l), 0);
}

static void what_wait_cannot_remove_is_said_and_swept_later(void **state)
{
    struct limited l;
    struct scratch_error err;
    char path[PATH_MAX], pid[24];
    (void)state;
    NEEDS_ROOT();
    begin(&l);
    scratch_container *c = limited_start(&l);
    make_below(&l, path);
    pid_t stranger = fork();
    assert_true(stranger >= 0);
    if (stranger == 0) {
        alarm(600);
        pause();
        _exit(0);
    }
    snprintf(pid, sizeof pid, "%d", (int)stranger);
    strncat(path, "/cgroup.procs", sizeof path - strlen(path) - 1);
    int rc = write_text(path, pid);
    scratch_container_signal(c, SIGKILL, NULL);
    int status = scratch_container_wait(c, &err);
    scratch_container_free(c);
    scratch_sweep(NULL);
    bool left = limited_count(&l) > 0;
    kill(stranger, SIGKILL);
    waitpid(stranger, NULL, 0);
    assert_int_equal(rc, 0);
    assert_int_equal(status, 128 + SIGKILL);
    assert_int_equal(err.errnum, EBUSY);
    assert_non_null(strstr(err.subject, l.id));
    assert_true(left);
    assert_true(is_swept(&l));
}

TEST_MAIN(the_group_of_a_killed_starter_is_swept, a_group_with_processes_is_left_to_them,
          a_live_containers_group_is_left_and_removed_with_what_is_below,
          what_wait_cannot_remove_is_said_and_swept_later)
