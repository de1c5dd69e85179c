/* SPDX-License-Identifier: MIT */
/*
 * A container's name is its own while it is there, and nobody's afterwards.
 */
#include "plan/minimal.h"
#include "state/claim.h"
#include "state/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where this user's claims are; for an ordinary one, in a place of the test's own. */
static const char *directory(void)
{
    static char path[STATE_PATH];
    struct scratch_error err;
    if (!*path && geteuid() != 0) {
        const char *runtime = test_directory();
        assert_int_equal(chmod(runtime, 0700), 0);
        assert_int_equal(setenv("XDG_RUNTIME_DIR", runtime, 1), 0);
    }
    if (!*path)
        TEST_OK(state_path(path, "test", &err), &err);
    return path;
}

static const char *name(void)
{
    static char text[64]; /* a child's is its parent's */
    if (!*text)
        snprintf(text, sizeof text, "test-%d", (int)getpid());
    return text;
}

static bool is_claimed(const char *id)
{
    char path[STATE_PATH + 128];
    snprintf(path, sizeof path, "%s/.%s.lock", directory(), id);
    return access(path, F_OK) == 0;
}

static int start(bool claim, const char *id, scratch_container **container,
                 struct scratch_error *err)
{
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    struct minimal m;
    minimal_shell(&m, "sleep 60");
    m.spec.claim_id = claim;
    options.id = id;
    scratch_plan *plan = minimal_compile(&m);
    int rc = scratch_plan_start(plan, &options, container, err);
    scratch_plan_free(plan);
    return rc;
}

static void end(scratch_container *container)
{
    scratch_container_signal(container, SIGKILL, NULL);
    assert_int_equal(minimal_end(container), 137);
}

static void a_name_is_taken_until_its_container_has_ended(void **state)
{
    struct scratch_error err;
    scratch_container *first, *second;
    (void)state;
    directory();
    TEST_OK(start(true, name(), &first, &err), &err);
    assert_true(is_claimed(name()));
    assert_int_equal(start(true, name(), &second, &err), -EEXIST);
    assert_string_equal(err.cause, "a container of that name is running");
    assert_non_null(strstr(err.what, name()));
    TEST_OK(start(true, "test-other", &second, &err), &err);
    end(second);
    assert_true(is_claimed(name()));
    end(first);
    assert_false(is_claimed(name()));
    TEST_OK(start(true, name(), &first, &err), &err);
    end(first);
}

static void who_claims_nothing_writes_nothing(void **state)
{
    struct scratch_error err;
    scratch_container *first, *second;
    (void)state;
    directory();
    TEST_OK(start(false, name(), &first, &err), &err);
    assert_false(is_claimed(name()));
    TEST_OK(start(false, name(), &second, &err), &err);
    end(first);
    end(second);
}

static void a_claim_of_a_killed_starter_is_swept(void **state)
{
    struct scratch_error err;
    scratch_container *container;
    int ready[2];
    pid_t inner = -1;
    (void)state;
    directory();
    name();
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid_t starter = fork();
    if (starter == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (start(true, name(), &container, &err) < 0)
            _exit(1);
        inner = scratch_container_pid(container);
        if (write(ready[1], &inner, sizeof inner) != sizeof inner)
            _exit(1);
        pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &inner, sizeof inner), sizeof inner);
    close(ready[0]);
    scratch_sweep(NULL);
    assert_true(is_claimed(name())); /* it is held */
    kill(starter, SIGKILL);
    waitpid(starter, NULL, 0);
    assert_true(is_claimed(name()));
    /* The name is free, and so the file can be taken over, or be removed. */
    TEST_OK(start(true, name(), &container, &err), &err);
    end(container);
    kill(inner, SIGKILL);
    int fd = openat(AT_FDCWD, directory(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char file[96];
    snprintf(file, sizeof file, ".%s.lock", name());
    int stale = openat(fd, file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(stale >= 0);
    close(stale);
    close(fd);
    assert_true(is_claimed(name()));
    assert_true(scratch_sweep(NULL) >= 1);
    assert_false(is_claimed(name()));
}

/* ---- the directory --------------------------------------------------------------------------- */

static void the_directory_must_be_ones_own(void **state)
{
    char path[STATE_PATH], link[STATE_PATH];
    struct stat st;
    (void)state;
    const char *base = test_directory();
    snprintf(path, sizeof path, "%s/state", base);
    int fd = state_open(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    fd = state_open(path);
    assert_true(fd >= 0);
    close(fd);
    snprintf(link, sizeof link, "%s/link", base);
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(state_open(link), -ENOTDIR);
    assert_int_equal(chmod(path, 0701), 0);
    assert_int_equal(state_open(path), -EPERM);
    assert_int_equal(chmod(path, 0700), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 1, 1), 0);
        assert_int_equal(state_open(path), -EPERM);
    }
}

static void a_user_needs_a_place_for_it(void **state)
{
    struct scratch_error err;
    char path[STATE_PATH];
    (void)state;
    if (geteuid() == 0)
        TEST_SKIP("root has /run");
    directory();
    char *runtime = strdup(getenv("XDG_RUNTIME_DIR"));
    assert_int_equal(setenv("XDG_RUNTIME_DIR", "relative", 1), 0);
    assert_int_equal(state_path(path, "test", &err), -EINVAL);
    assert_int_equal(unsetenv("XDG_RUNTIME_DIR"), 0);
    assert_int_equal(state_path(path, "test", &err), -EINVAL);
    assert_string_equal(err.cause, "it is not set");
    assert_int_equal(setenv("XDG_RUNTIME_DIR", runtime, 1), 0);
    free(runtime);
}

TEST_MAIN(a_name_is_taken_until_its_container_has_ended, who_claims_nothing_writes_nothing,
          a_claim_of_a_killed_starter_is_swept, the_directory_must_be_ones_own,
          a_user_needs_a_place_for_it)
