/* SPDX-License-Identifier: MIT */
/*
 * Every step of a plan is made to fail, for several plans: the start says which step it was, and
 * takes everything back.
 */
#include "plan/plan.h"
#include "support/rootfs.h"
#include "support/test.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct parts {
    struct scratch_spec spec;
    struct scratch_namespace_options namespaces;
    struct scratch_rootfs_options rootfs;
    struct scratch_cgroup_options cgroup;
    struct scratch_process_options process;
    struct scratch_network_options network;
    struct scratch_keep_options keep;
    bool in_place;
};

/* ---- the specs ------------------------------------------------------------------------------ */

static void begin(struct parts *p)
{
    static const char *const argv[] = {"true", NULL};
    *p = (struct parts){
        SCRATCH_SPEC_INIT,
        SCRATCH_NAMESPACE_OPTIONS_INIT,
        SCRATCH_ROOTFS_OPTIONS_INIT,
        SCRATCH_CGROUP_OPTIONS_INIT,
        SCRATCH_PROCESS_OPTIONS_INIT,
        SCRATCH_NETWORK_OPTIONS_INIT,
        SCRATCH_KEEP_OPTIONS_INIT,
        false,
    };
    p->spec.namespaces = &p->namespaces;
    p->spec.rootfs = &p->rootfs;
    p->spec.process = &p->process;
    p->process.argv = argv;
}

static void take_hosts_root(struct parts *p)
{
    p->namespaces.hostname = "inside";
}

/* Everything at once, as far as one spec can have it. */
static void take_directory_and_limits(struct parts *p)
{
    static const struct scratch_rlimit limit = {7 /* RLIMIT_NOFILE */, 256, 256};
    static const struct scratch_mount mounts[] = {
        {"tmpfs", "/tmp", "tmpfs", "size=1m,nosuid"},
        {"/usr/share", "/root", NULL, "rbind,ro"},
    };
    p->rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    p->rootfs.path = test_rootfs();
    p->rootfs.throw_away = true;
    p->rootfs.read_only = true;
    static const char *const settings[] = {"net.ipv4.ip_forward=1", NULL};
    p->namespaces.sysctl = settings;
    p->process.oom_score_adj = 100;
    p->keep.root = test_make_directory(test_directory(), "records");
    p->keep.log = true;
    p->keep.remove = true;
    p->spec.keep = &p->keep;
    p->namespaces.hostname = "inside";
    p->namespaces.domainname = "inside";
    p->namespaces.create |= SCRATCH_NS_TIME;
    p->namespaces.boottime_offset = 1000;
    p->process.rlimits = &limit;
    p->process.rlimit_count = 1;
    p->process.die_with_parent = true;
    p->cgroup.memory_max = 64 << 20;
    p->cgroup.pids_max = 50;
    p->cgroup.cpu_quota = 50000;
    p->spec.cgroup = &p->cgroup;
    p->spec.mounts = mounts;
    p->spec.mount_count = 2;
}

static void take_overlay(struct parts *p)
{
    static const char *lowers[2];
    const char *base = test_directory();
    lowers[0] = test_make_directory(base, "lower");
    lowers[1] = test_rootfs();
    p->rootfs.kind = SCRATCH_ROOTFS_OVERLAY;
    p->rootfs.lowers = lowers;
    p->rootfs.lower_count = 2;
    p->rootfs.upper = test_make_directory(base, "upper");
    p->rootfs.work = test_make_directory(base, "work");
    p->process.init = false;
}

static void take_one_id(struct parts *p)
{
    p->namespaces.create |= SCRATCH_NS_USER;
    p->rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    p->rootfs.path = test_rootfs();
}

static void take_ranges(struct parts *p)
{
    static const struct scratch_id_map map[] = {{0, 100000, 1000}, {1000, 200000, 10}};
    take_one_id(p);
    p->namespaces.uid_map = p->namespaces.gid_map = map;
    p->namespaces.uid_map_count = p->namespaces.gid_map_count = 2;
    p->process.uid = p->process.gid = 1000;
}

static void take_range_of_its_own(struct parts *p)
{
    static const struct scratch_mount mount = {"/usr/share", "/root", NULL, "rbind,ro"};
    take_overlay(p);
    p->namespaces.create |= SCRATCH_NS_USER;
    p->namespaces.id_maps = SCRATCH_ID_MAPS_AUTO;
    p->process.user = "1000:0";
    p->process.init = true;
    p->spec.mounts = &mount;
    p->spec.mount_count = 1;
}

/* The program is started, and has to be ended again, for every step behind it. */
static void take_network(struct parts *p)
{
    static const struct scratch_network_host host = {"db", "192.0.2.5"};
    p->network.program = SCRATCH_NETWORK_SLIRP4NETNS;
    p->network.hosts = &host;
    p->network.host_count = 1;
    p->spec.network = &p->network;
    p->rootfs.host_devices = true;
}

static void take_chroot(struct parts *p)
{
    p->rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    p->rootfs.path = test_rootfs();
    p->rootfs.enter = SCRATCH_ROOTFS_CHROOT;
    p->rootfs.standard_mounts = false;
}

static void take_unmounted(struct parts *p)
{
    take_chroot(p);
    p->rootfs.enter = SCRATCH_ROOTFS_UNMOUNTED;
    p->rootfs.standard_mounts = true;
}

/* Its steps come before and behind the one in which the walk goes on in another process. */
static void take_terminal(struct parts *p)
{
    static const struct scratch_terminal_options terminal = SCRATCH_TERMINAL_OPTIONS_INIT;
    p->spec.terminal = &terminal;
}

static void take_terminal_without_init(struct parts *p)
{
    take_terminal(p);
    p->process.init = false;
}

/* Where scratch-init would have ended, it is the caller that has to go on. */
static void take_overlay_in_place(struct parts *p)
{
    take_overlay(p);
    p->cgroup.pids_max = 50;
    p->spec.cgroup = &p->cgroup;
    p->process.seccomp = SCRATCH_SECCOMP_DEFAULT;
    p->process.die_with_parent = true;
    p->in_place = true;
}

/* ---- all steps of one ----------------------------------------------------------------------- */

/* Groups are counted by name: other programs may be making some of theirs just now. */
static bool same_residue(struct test_residue a, struct test_residue b)
{
    return a.fds == b.fds && a.mounts == b.mounts && a.children == b.children;
}

static bool has_group(const char *id)
{
    static const char *const places[] = {"/sys/fs/cgroup/libscratch-%s",
                                         "/sys/fs/cgroup/*/libscratch-%s"};
    bool found = false;
    for (size_t i = 0; i < sizeof places / sizeof *places && !found; i++) {
        char pattern[128];
        glob_t paths;
        snprintf(pattern, sizeof pattern, places[i], id);
        found = glob(pattern, 0, NULL, &paths) == 0;
        globfree(&paths);
    }
    return found;
}

static void fail_step(const scratch_plan *plan, unsigned number, bool in_place)
{
    static const int errors[] = {EPERM, EBUSY, ENOSPC, EXDEV, EINTR, EAGAIN};
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    struct scratch_error err;
    scratch_container *container;
    char what[64], id[64];
    snprintf(what, sizeof what, "%u of %u", number, plan->block->step_count);
    snprintf(id, sizeof id, "fault-%d", (int)getpid());
    options.id = id;
    options.in_place = in_place;
    options.fail_step = number;
    options.fail_errno = errors[number % (sizeof errors / sizeof *errors)];
    struct test_residue before = test_residue();
    int rc = scratch_plan_start(plan, &options, &container, &err);
    struct test_residue after = test_settled(before);
    if (rc != -options.fail_errno || err.step != number)
        print_error("step %s: %d, said of step %u: %s\n", what, rc, err.step, err.what);
    assert_int_equal(rc, -options.fail_errno);
    assert_null(container);
    assert_int_equal(err.errnum, options.fail_errno);
    assert_int_equal(err.step, number);
    assert_int_equal(err.step_count, plan->block->step_count);
    assert_int_equal(err.side, step_at(plan->block, number - 1)->side);
    assert_true(err.what[0] && err.call[0]);
    if (!same_residue(before, after))
        print_error("step %s (%s) leaves something behind\n", what, err.what);
    assert_true(same_residue(before, after));
    assert_false(has_group(id));
}

/* The plan must work as well, or the failures would prove nothing. */
static void run_once(const scratch_plan *plan, bool limited, bool in_place)
{
    struct scratch_error err;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    scratch_container *container;
    options.in_place = in_place;
    TEST_OK(scratch_plan_start(plan, &options, &container, &err), &err);
    assert_int_equal(has_group(scratch_container_id(container)), limited);
    assert_int_equal(scratch_container_wait(container, &err), 0);
    assert_false(has_group(scratch_container_id(container)));
    scratch_container_free(container);
}

static void fail_every_step(void (*prepare)(struct parts *), bool needs_root)
{
    struct parts p;
    struct scratch_error err;
    scratch_plan *plan;
    if (needs_root && !test_privileged())
        TEST_SKIP("root only");
    begin(&p);
    prepare(&p);
    TEST_OK(scratch_plan_compile(&p.spec, &plan, &err), &err);
    run_once(plan, p.spec.cgroup, p.in_place);
    for (unsigned number = 1; number <= plan->block->step_count; number++)
        fail_step(plan, number, p.in_place);
    run_once(plan, p.spec.cgroup, p.in_place);
    scratch_plan_free(plan);
}

static void every_step_with_the_hosts_root(void **state)
{
    (void)state;
    fail_every_step(take_hosts_root, false);
}

static void every_step_with_a_directory_and_limits(void **state)
{
    (void)state;
    fail_every_step(take_directory_and_limits, true);
}

static void every_step_with_an_overlay(void **state)
{
    (void)state;
    fail_every_step(take_overlay, true);
}

static void every_step_with_one_id(void **state)
{
    (void)state;
    fail_every_step(take_one_id, false);
}

static void every_step_with_ranges_of_ids(void **state)
{
    (void)state;
    fail_every_step(take_ranges, true);
}

static void every_step_with_a_range_of_its_own(void **state)
{
    (void)state;
    test_need_idmaps();
    fail_every_step(take_range_of_its_own, true);
}

static void every_step_with_chroot(void **state)
{
    (void)state;
    fail_every_step(take_chroot, false);
}

static void every_step_with_a_root_that_is_mounted_nowhere(void **state)
{
    (void)state;
    if (!test_has_call(SYS_open_tree))
        TEST_SKIP("open_tree(2) is not here");
    fail_every_step(take_unmounted, true);
}

static void every_step_with_a_network(void **state)
{
    (void)state;
    if (system("command -v slirp4netns >/dev/null") != 0)
        TEST_SKIP("slirp4netns is not installed");
    if (access("/dev/net/tun", R_OK | W_OK) < 0)
        TEST_SKIP("/dev/net/tun is not for this user");
    fail_every_step(take_network, false);
}

static void every_step_with_a_terminal(void **state)
{
    (void)state;
    fail_every_step(take_terminal, false);
    fail_every_step(take_terminal_without_init, false);
}

static void every_step_in_place(void **state)
{
    (void)state;
    test_need_in_place();
    fail_every_step(take_overlay_in_place, true);
}

TEST_MAIN_SEALED(every_step_with_the_hosts_root, every_step_with_a_directory_and_limits,
                 every_step_with_an_overlay, every_step_with_one_id, every_step_with_ranges_of_ids,
                 every_step_with_a_range_of_its_own, every_step_with_chroot,
                 every_step_with_a_root_that_is_mounted_nowhere, every_step_with_a_network,
                 every_step_with_a_terminal, every_step_in_place)
