/* SPDX-License-Identifier: MIT */
/* Rows 2, 6, 10 and 11 of SECURITY.md: paths that lead out. */
#include "escape.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- 2: a working directory of the host's (CVE-2024-21626) ---------------------------------- */

/* Try what scratch-init may have open; the upper layer's directory is among it. */
static int use_directory(struct escape *e)
{
    const char *outside = test_directory(), *secret = escape_secret(NULL);
    const char *upper = test_make_directory(outside, "upper");
    const char *work = test_make_directory(outside, "work");
    const char *lowers[] = {escape_root()};
    char cwd[32];
    int status = -ENOENT;
    for (int fd = 3; fd < 16 && status != ATTACK_OUT; fd++) {
        snprintf(cwd, sizeof cwd, "/proc/self/fd/%d", fd);
        escape_begin(e, NULL, "directory", secret, NULL);
        e->process.cwd = cwd;
        e->rootfs.kind = SCRATCH_ROOTFS_OVERLAY;
        e->rootfs.lowers = lowers;
        e->rootfs.lower_count = 1;
        e->rootfs.upper = upper;
        e->rootfs.work = work;
        int rc = escape_run(e);
        status = rc < 0 && status >= 0 ? status : rc;
    }
    return status;
}

static void a_working_directory_outside_of_the_root_is_refused(void **state)
{
    struct escape e;
    (void)state;
    assert_int_not_equal(use_directory(&e), ATTACK_OUT);
}

static void one_that_is_not_checked_leads_out(void **state)
{
    struct escape e;
    (void)state;
    ESCAPE_WEAKEN(chdir);
    int status = use_directory(&e);
    escape_strengthen();
    assert_int_equal(status, ATTACK_OUT);
    assert_string_equal(e.output, ESCAPE_SECRET);
}

/* ---- 10, 11: links that an image brings along ----------------------------------------------- */

/* From inside a container that has the root file system as a volume. */
static void plant(const char *root, const char *path, const char *target)
{
    struct escape e;
    char inside[512];
    snprintf(inside, sizeof inside, "/tmp%s", path);
    escape_begin(&e, escape_root(), "plant", inside, target, NULL);
    e.mounts[0] = (struct scratch_mount){root, "/tmp", NULL, "bind"};
    e.spec.mount_count = 1;
    assert_int_equal(escape_run(&e), ATTACK_OUT);
}

static bool exists(const char *directory, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return access(path, F_OK) == 0;
}

/* Leave out the tmpfs on /dev, which hides what becomes of the link: nodes are made behind it. */
static void without_its_own_dev(struct scratch_plan *plan)
{
    for (uint32_t i = 0; i < plan->block->step_count; i++) {
        struct step *step = (struct step *)(uintptr_t)step_at(plan->block, i);
        if (step->kind == STEP_MOUNT && strcmp(block_at(plan->block, step->text[1]), "/dev") == 0) {
            step->text[0] = step->text[2] = step->text[1]; /* no such type */
            step->flags |= STEP_BEST_EFFORT;
        }
    }
}

/* Start a container on a root with a planted /dev: true when something was made on the host. */
static bool device_directory_leads_out(void)
{
    struct escape e;
    const char *root = escape_root(), *outside = test_directory();
    assert_int_equal(chmod(outside, 0777), 0);
    plant(root, "/dev", outside);
    escape_begin(&e, root, "directory", "/", NULL);
    e.edit = without_its_own_dev;
    escape_run(&e);
    return exists(outside, "null");
}

static void a_root_whose_dev_is_a_link_keeps_its_devices_inside(void **state)
{
    (void)state;
    assert_false(device_directory_leads_out());
}

static void opened_by_name_it_would_lead_out(void **state)
{
    (void)state;
    ESCAPE_WEAKEN(open);
    bool out = device_directory_leads_out();
    escape_strengthen();
    assert_true(out);
}

/* A missing mount point below a link. */
static bool mount_point_leads_out(void)
{
    struct escape e;
    const char *root = escape_root(), *outside = test_directory();
    assert_int_equal(chmod(outside, 0777), 0);
    plant(root, "/data", outside);
    escape_begin(&e, root, "directory", "/", NULL);
    e.mounts[0] = (struct scratch_mount){"tmpfs", "/data/made/below", "tmpfs", "X-mount.mkdir"};
    e.spec.mount_count = 1;
    escape_run(&e);
    return exists(outside, "made");
}

static void mount_points_are_made_inside(void **state)
{
    (void)state;
    assert_false(mount_point_leads_out());
}

static void made_by_name_they_would_be_outside(void **state)
{
    (void)state;
    ESCAPE_WEAKEN(open);
    bool out = mount_point_leads_out();
    escape_strengthen();
    assert_true(out);
}

/* ---- 6: a mount target that changes under the runtime's hands (CVE-2021-30465) -------------- */

static bool swapped_target_leads_out(int starts)
{
    struct escape swapper, e;
    const char *root = escape_root(), *outside = test_directory();
    const char *shared = test_make_directory(root, "shared");
    bool out = false;
    assert_int_equal(chmod(outside, 0777), 0);
    escape_begin(&swapper, escape_root(), "swap", "/tmp/place", outside, NULL);
    swapper.mounts[0] = (struct scratch_mount){shared, "/tmp", NULL, "bind"};
    swapper.spec.mount_count = 1;
    scratch_container *container = escape_start(&swapper);
    for (int i = 0; i < starts && !out; i++) {
        escape_begin(&e, root, "directory", "/", NULL);
        e.mounts[0] =
            (struct scratch_mount){"tmpfs", "/shared/place/made", "tmpfs", "X-mount.mkdir"};
        e.spec.mount_count = 1;
        escape_run(&e);
        out = exists(outside, "made");
    }
    assert_int_equal(scratch_container_signal(container, 9, NULL), 0);
    assert_int_equal(escape_end(container), 128 + 9);
    return out;
}

static void a_target_that_is_swapped_for_a_link_stays_inside(void **state)
{
    (void)state;
    assert_false(swapped_target_leads_out(100));
}

static void looked_up_by_name_it_would_lead_out(void **state)
{
    (void)state;
    ESCAPE_WEAKEN(open);
    bool out = swapped_target_leads_out(500);
    escape_strengthen();
    assert_true(out);
}

TEST_MAIN(a_working_directory_outside_of_the_root_is_refused, one_that_is_not_checked_leads_out,
          a_root_whose_dev_is_a_link_keeps_its_devices_inside, opened_by_name_it_would_lead_out,
          mount_points_are_made_inside, made_by_name_they_would_be_outside,
          a_target_that_is_swapped_for_a_link_stays_inside, looked_up_by_name_it_would_lead_out)
