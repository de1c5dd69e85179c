/* SPDX-License-Identifier: MIT */
/*
 * Slots that are empty, because the caller's step was best-effort and failed: in scratch-init their
 * numbers are those of the next files that it opens.
 */
#include "plan/minimal.h"
#include "support/rootfs.h"

#define MISSING 8

/* Idmapped binds of what is not there, with nofail. */
static void bind_missing(struct minimal *m, struct scratch_mount mount[MISSING])
{
    static const char *const targets[MISSING] = {"/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h"};
    if (!test_privileged())
        TEST_SKIP("an ordinary user has no idmapped mounts");
    for (int i = 0; i < MISSING; i++)
        mount[i] =
            (struct scratch_mount){"/nothing/is/here", targets[i], NULL, "idmap,bind,nofail"};
    m->namespaces.create |= SCRATCH_NS_USER;
    m->spec.mounts = mount;
    m->spec.mount_count = MISSING;
}

static void another_file_is_not_taken_for_a_mount(void **state)
{
    struct scratch_mount mount[MISSING];
    struct scratch_error err;
    struct minimal m;
    (void)state;
    minimal_shell(&m, "true");
    bind_missing(&m, mount);
    m.rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    m.rootfs.path = test_rootfs();
    m.rootfs.throw_away = true;
    int status = scratch_run(&m.spec, NULL, &err);
    TEST_OK(status, &err);
    assert_int_equal(status, 0);
}

TEST_MAIN(another_file_is_not_taken_for_a_mount)
