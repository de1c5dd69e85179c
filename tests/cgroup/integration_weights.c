/* SPDX-License-Identifier: MIT */
/*
 * Two that read all the time share a disk by their weights, where the kernel's cost model (v2,
 * io.cost) divides it. That has to be switched on for a disk, which is the virtual machine's alone
 * to do. v1's weights are the scheduler BFQ's, which stands still for seconds with a disk that is
 * emulated: they are written, and not measured.
 */
#include "cgroup/proof.h"

#include <sys/sysmacros.h>

#define DISK "/dev/vda"

/* So many reads a second the model lets all have, whatever the disk could do. */
#define MODEL                                                                                      \
    "ctrl=user model=linear rbps=4096000 rseqiops=250 rrandiops=250 "                              \
    "wbps=4096000 wseqiops=250 wrandiops=250"
#define QOS "ctrl=user rpct=0 rlat=1000000 wpct=0 wlat=1000000 min=100 max=100"

static bool cost_write(const char *file, const char *text)
{
    struct stat st;
    char path[PATH_MAX], line[256];
    if (stat(DISK, &st) < 0 || !group_path(path, "io", "", file))
        return false;
    snprintf(line, sizeof line, "%u:%u %s", major(st.st_rdev), minor(st.st_rdev), text);
    return write_text(path, line) == 0;
}

static bool divide(void)
{
    return getenv("TEST_VM") && controller_version("io") == 2 &&
           cost_write("io.cost.model", MODEL) && cost_write("io.cost.qos", "enable=1 " QOS);
}

static void reader_begin(struct limited *l, int number, uint64_t weight)
{
    limited_begin(l,
                  "while :; do dd if=" DISK " of=/dev/null bs=4k iflag=direct 2>/dev/null; done");
    snprintf(l->id, sizeof l->id, "test-%d-%d", (int)getpid(), number);
    l->minimal.process.die_with_parent = true;
    l->cgroup.managed = true;
    l->cgroup.io_weight = weight;
}

/* What the first has had to the other's 100, of so many reads in all; 0: it takes for ever. */
static uint64_t share(scratch_cgroup *const group[2], uint64_t reads)
{
    uint64_t from[2], had[2] = {0, 0};
    for (int i = 0; i < 2; i++)
        from[i] = look(group[i]).io_reads;
    for (int n = 0; n < 12000 && had[0] + had[1] < reads; n++) {
        usleep(10000);
        for (int i = 0; i < 2; i++)
            had[i] = look(group[i]).io_reads - from[i];
    }
    return had[1] && had[0] + had[1] >= reads ? had[0] * 100 / had[1] : 0;
}

static void weights_share_a_disk(void **state)
{
    struct limited l[2];
    scratch_container *c[2];
    scratch_cgroup *group[2];
    (void)state;
    NEEDS_ROOT();
    if (!divide()) {
        row_lacking("io_weight", "no disk whose cost model (v2) is the test's to set");
        return;
    }
    for (int i = 0; i < 2; i++) {
        reader_begin(&l[i], i, i ? 100 : 400);
        c[i] = limited_start(&l[i]);
        group[i] = open_group(c[i]);
    }
    uint64_t got = 0;
    share(group, 250); /* the kernel has to learn what they want */
    for (uint64_t n = 500; n <= 4000 && (got < 360 || got > 440); n *= 2)
        got = share(group, n);
    row("io_weight", 400, got, "reads to another's 100");
    for (int i = 0; i < 2; i++)
        end(c[i], group[i]);
    cost_write("io.cost.qos", "enable=0");
    assert_true(got >= 300 && got <= 500);
}

TEST_MAIN(weights_share_a_disk)
