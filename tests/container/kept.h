/* SPDX-License-Identifier: MIT */
/*
 * Containers that stay, for tests: the smallest, in a directory of records of the test's own.
 */
#ifndef TEST_CONTAINER_KEPT_H
#define TEST_CONTAINER_KEPT_H

#include "plan/minimal.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

struct kept {
    struct minimal m;
    struct scratch_keep_options keep;
};

/* Where they are kept; the default one of an ordinary user is below it. */
static inline const char *kept_root(void)
{
    static char path[300];
    if (*path)
        return path;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1),
                     0); /* for those that outlive their starter */
    snprintf(path, sizeof path, "%s/records", test_directory());
    if (geteuid() != 0) {
        assert_int_equal(chmod(test_directory(), 0700), 0);
        assert_int_equal(setenv("XDG_RUNTIME_DIR", test_directory(), 1), 0);
    }
    return path;
}

static inline void kept_shell(struct kept *k, const char *script)
{
    minimal_shell(&k->m, script);
    k->keep = (struct scratch_keep_options)SCRATCH_KEEP_OPTIONS_INIT;
    k->keep.root = kept_root();
    k->m.spec.keep = &k->keep;
}

static inline int kept_try(const struct kept *k, const char *id, scratch_container **container,
                           struct scratch_error *err)
{
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    options.id = id;
    scratch_plan *plan = minimal_compile(&k->m);
    int rc = scratch_plan_start(plan, &options, container, err);
    scratch_plan_free(plan);
    return rc;
}

static inline scratch_container *kept_start(const struct kept *k, const char *id)
{
    struct scratch_error err;
    scratch_container *container;
    TEST_OK(kept_try(k, id, &container, &err), &err);
    return container;
}

static inline scratch_container *kept_open(const char *id)
{
    struct scratch_error err;
    scratch_container *container;
    TEST_OK(scratch_container_open(kept_root(), id, &container, &err), &err);
    return container;
}

static inline struct scratch_container_state kept_state(scratch_container *container)
{
    struct scratch_container_state state = SCRATCH_CONTAINER_STATE_INIT;
    struct scratch_error err;
    TEST_OK(scratch_container_state(container, &state, &err), &err);
    return state;
}

static inline bool kept_is_there(const char *id)
{
    char path[400];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", kept_root(), id);
    return lstat(path, &st) == 0;
}

/* Delete by force, and free. */
static inline void kept_end(scratch_container *container)
{
    struct scratch_error err;
    TEST_OK(scratch_container_delete(container, true, &err), &err);
    scratch_container_free(container);
}

#endif
