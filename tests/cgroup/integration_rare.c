/* SPDX-License-Identifier: MIT */
/*
 * Limits that not every kernel or machine has: they are run into where they are to be had, and
 * named where they are not.
 */
#include "cgroup/proof.h"

#include <stdlib.h>

/* ---- processors ------------------------------------------------------------------------------ */

/* Each half second it wants more than its quota for once, and may have what it has saved up. */
static void time_that_was_saved_up_is_had_at_once(void **state)
{
    struct limited l;
    uint64_t bursts = 0, above = 0;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "while :; do sleep 0.5; timeout 0.2 sh -c 'while :; do :; done'; done");
    l.cgroup.cpu_quota = 4000;
    l.cgroup.cpu_period = 100000;
    l.cgroup.cpu_burst = 4000;
    scratch_container *c = start_limited(&l, "cpu_burst");
    if (!c)
        return;
    bool two = controller_version("cpu") == 2;
    for (int i = 0; i < 3000 && bursts < 5; i++) {
        usleep(20000);
        bursts = keyed(&l, "cpu", "cpu.stat", "nr_bursts");
        above = keyed(&l, "cpu", "cpu.stat", two ? "burst_usec" : "burst_time") / (two ? 1 : 1000);
    }
    row("cpu_burst", 4000, bursts ? above / bursts : 0, "microseconds above the quota, at once");
    assert_true(bursts >= 5 && above > 0);
    assert_true(above / bursts <= 4400);
    scratch_container_signal(c, SIGKILL, NULL);
    minimal_end(c);
}

/* Of two that want all of one processor, it gets what the other leaves: next to nothing. */
static void an_idle_group_gets_what_is_left(void **state)
{
    struct limited l[2];
    scratch_container *c[2];
    scratch_cgroup *group[2];
    uint64_t used[2];
    (void)state;
    NEEDS_ROOT();
    for (int i = 0; i < 2; i++) {
        rival_begin(&l[i], i);
        l[i].cgroup.cpu_idle = i == 0 ? 1 : SCRATCH_LIMIT_NONE;
        l[i].cgroup.cpu_weight = i == 0 ? SCRATCH_LIMIT_NONE : 100;
        c[i] = start_limited(&l[i], "cpu_idle");
        if (!c[i])
            return;
        group[i] = open_group(c[i]);
    }
    rivals_watch(group, used);
    row("cpu_idle", 0, used[0] * 1000 / (used[0] + used[1] + 1), "thousandths of a processor");
    assert_true(used[1] > 2 * used[0]); /* some thousandths where nobody else wants it */
    end(c[1], group[1]);
    end(c[0], group[0]);
}

/* A partition takes its processors away from all that is not in it. */
static void a_partition_has_its_processors_to_itself(void **state)
{
    struct limited l;
    char root[64] = "";
    (void)state;
    NEEDS_ROOT();
    if (controller_version("cpuset") != 2 || sysconf(_SC_NPROCESSORS_ONLN) < 2) {
        row_lacking("cpuset_partition", "it needs cgroup v2 and two processors");
        return;
    }
    limited_begin(&l, "exec sleep 60");
    l.cgroup.cpuset_cpus = "1";
    l.cgroup.cpuset_partition = "root";
    scratch_container *c = start_limited(&l, "cpuset_partition");
    if (!c)
        return;
    char path[PATH_MAX];
    FILE *in = group_path(path, "cpuset", "", "cpuset.cpus.effective") ? fopen(path, "re") : NULL;
    assert_non_null(in);
    assert_non_null(fgets(root, sizeof root, in));
    fclose(in);
    assert_string_equal(limited_read(&l, "cpuset", "cpuset.cpus.partition"), "root");
    assert_string_equal(limited_read(&l, "cpuset", "cpuset.cpus.effective"), "1");
    assert_int_equal(root[0], '0');
    assert_true(root[1] == '\n' || strncmp(root, "0,2", 3) == 0);
    row("cpuset_partition", 1,
        strtoul(limited_read(&l, "cpuset", "cpuset.cpus.effective"), NULL, 10),
        "the processor that others have no more");
    scratch_container_signal(c, SIGKILL, NULL);
    minimal_end(c);
}

/* ---- memory ---------------------------------------------------------------------------------- */

#define HUGE "/sys/kernel/mm/hugepages/hugepages-2048kB/"

/* The virtual machine's are the test's to reserve. */
static void huge_pages_are_had_up_to_the_limit(void **state)
{
    static const struct scratch_cgroup_named huge = {"2MB", 4 << 20};
    static const struct scratch_mount pages = {"huge", "/mnt", "hugetlbfs", "pagesize=2M"};
    struct limited l;
    struct scratch_error err;
    int status;
    (void)state;
    NEEDS_ROOT();
    if (getenv("TEST_VM"))
        write_text(HUGE "nr_hugepages", "4");
    if (controller_version("hugetlb") == 0 || number_in(HUGE "free_hugepages") < 4) {
        row_lacking("hugetlb", "no controller, or no huge pages are reserved");
        return;
    }
    limited_begin(&l,
                  "i=0; while fallocate -l 2M /mnt/$i 2>/dev/null; do i=$((i+1)); done; echo $i");
    l.minimal.spec.mounts = &pages;
    l.minimal.spec.mount_count = 1;
    l.cgroup.hugetlb = &huge;
    l.cgroup.hugetlb_count = 1;
    char *text = test_output(&l.minimal.spec, &l.start, &status, &err);
    TEST_OK(status, &err);
    row("hugetlb 2MB", 4 << 20, strtoul(text, NULL, 10) << 21, "bytes");
    assert_string_equal(text, "2\n");
    free(text);
    if (getenv("TEST_VM"))
        write_text(HUGE "nr_hugepages", "0");
}

/* ---- what needs hardware --------------------------------------------------------------------- */

/* The controller is there, and knows nothing of that name: the kernel refuses, and that is said. */
static void a_resource_that_is_not_here_is_refused(void **state)
{
    static const struct scratch_cgroup_named resource = {"none", 1};
    static const struct scratch_cgroup_rdma rdma = {"none0", 1, SCRATCH_LIMIT_NONE};
    struct limited l;
    struct scratch_error err;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "exit 0");
    l.cgroup.misc = &resource;
    l.cgroup.misc_count = 1;
    if (controller_version("misc") != 0) {
        assert_true(scratch_run(&l.minimal.spec, &l.start, &err) < 0);
        row_lacking("misc", "no resource of it on this machine");
    }
    limited_begin(&l, "exit 0");
    l.cgroup.rdma = &rdma;
    l.cgroup.rdma_count = 1;
    if (controller_version("rdma") != 0) {
        assert_true(scratch_run(&l.minimal.spec, &l.start, &err) < 0);
        row_lacking("rdma", "no such device on this machine");
    }
}

TEST_MAIN(time_that_was_saved_up_is_had_at_once, an_idle_group_gets_what_is_left,
          a_partition_has_its_processors_to_itself, huge_pages_are_had_up_to_the_limit,
          a_resource_that_is_not_here_is_refused)
