/* SPDX-License-Identifier: MIT */
/*
 * The limits of memory that need somewhere to put it: swap, the high mark, and what is kept for a
 * group while others want more. The virtual machine has a device for swap, which is the test's;
 * elsewhere it is the machine's own swap, or there is none.
 */
#include "cgroup/proof.h"

#include <sys/swap.h>

#define MB UINT64_C(1048576)

/* The kernel charges and reclaims in batches: how far off a figure may be. */
#define BATCHES (UINT64_C(64) * 4096)

/* What is taken at once where the group has huge pages (6.12), or not yet on a slow machine. */
#define HUGE_PAGE (2 * MB)

/* Patience for what is emulated, on a machine with other work: seconds. */
#define PATIENCE 120

/* ---- swap ------------------------------------------------------------------------------------ */

static bool is_swapping(void)
{
    char line[256];
    int lines = 0;
    FILE *in = fopen("/proc/swaps", "re");
    while (in && fgets(line, sizeof line, in))
        lines++;
    if (in)
        fclose(in);
    return lines > 1;
}

/* The test machine's device for it, by its serial number. */
static bool find_device(char device[32])
{
    for (char letter = 'a'; letter < 'e'; letter++) {
        char path[64], serial[32] = "";
        snprintf(path, sizeof path, "/sys/block/vd%c/serial", letter);
        FILE *in = fopen(path, "re");
        bool found = in && fgets(serial, sizeof serial, in) && strncmp(serial, "swap", 4) == 0;
        if (in)
            fclose(in);
        snprintf(device, 32, "/dev/vd%c", letter);
        if (found)
            return true;
    }
    return false;
}

/* The device that is swapped to because of a test, or "". */
static char swapped_to[32];

static void swap_end(void)
{
    if (*swapped_to)
        swapoff(swapped_to);
    swapped_to[0] = '\0';
}

/* True when there is swap now; the tests that come behind one that fails are to have none. */
static bool swap_begin(void)
{
    char device[32];
    if (is_swapping())
        return true;
    if (!getenv("TEST_VM") || !find_device(device) || swapon(device, 0) < 0)
        return false;
    memcpy(swapped_to, device, sizeof swapped_to);
    atexit(swap_end);
    return true;
}

static uint64_t number_of(const struct limited *l, const char *file)
{
    return strtoull(limited_read(l, "memory", file), NULL, 10);
}

/* It eats on, is slowed by its high mark rather than killed, and swap is full before it is. */
static void swap_is_had_up_to_the_limit_v2(void)
{
    struct limited l;
    uint64_t swapped = 0;
    limited_begin(&l, "exec tail /dev/zero");
    l.cgroup.memory_high = 16 * MB;
    l.cgroup.memory_max = 256 * MB;
    l.cgroup.memory_swap = 8 * MB;
    scratch_container *c = limited_start(&l);
    scratch_cgroup *group = open_group(c);
    for (int i = 0; i < PATIENCE * 100 && swapped <= 8 * MB - BATCHES; i++) {
        usleep(10000);
        swapped = number_of(&l, "memory.swap.current");
    }
    for (int i = 0; i < 200 && keyed(&l, "memory", "memory.swap.events", "max") == 0; i++)
        usleep(10000); /* to the last page; 6.12 leaves some, and counts nothing */
    swapped = number_of(&l, "memory.swap.current");
    row("memory_swap", 8 * MB, swapped, "bytes");
    assert_true(swapped <= 8 * MB && swapped > 8 * MB - BATCHES);
    end(c, group);
}

/* v1 counts both together. */
static void swap_is_had_up_to_the_limit_v1(void)
{
    const uint64_t both = 24 * MB;
    struct limited l;
    limited_begin(&l, "tail /dev/zero; exec sleep 60");
    l.cgroup.memory_max = 16 * MB;
    l.cgroup.memory_swap = both - l.cgroup.memory_max;
    scratch_container *c = start_limited(&l, "memory_swap");
    if (!c)
        return;
    scratch_cgroup *group = open_group(c);
    for (int i = 0; i < PATIENCE * 100 && look(group).memory_kills == 0; i++)
        usleep(10000);
    uint64_t most = number_of(&l, "memory.memsw.max_usage_in_bytes");
    row("memory_swap", both, most, "bytes of memory and swap");
    assert_true(number_of(&l, "memory.memsw.failcnt") > 0);
    assert_true(most <= both && most > both - BATCHES);
    end(c, group);
}

static void swap_is_had_up_to_the_limit(void **state)
{
    (void)state;
    NEEDS_ROOT();
    if (!swap_begin()) {
        row_lacking("memory_swap", "the machine has no swap");
        return;
    }
    if (controller_version("memory") == 1)
        swap_is_had_up_to_the_limit_v1();
    else
        swap_is_had_up_to_the_limit_v2();
    swap_end();
}

/* ---- the high mark --------------------------------------------------------------------------- */

/* With nowhere to put it, what eats is made to wait, longer and longer. */
static void above_the_high_mark_it_is_held_back(void **state)
{
    struct limited l;
    struct scratch_error err;
    (void)state;
    NEEDS_ROOT();
    limited_begin(&l, "exec tail /dev/zero");
    l.cgroup.memory_high = 16 * MB;
    l.cgroup.memory_max = 64 * MB;
    if (controller_version("memory") == 1) {
        assert_int_equal(scratch_run(&l.minimal.spec, &l.start, &err), -ENOTSUP);
        assert_string_equal(err.subject, "memory.high");
        row_lacking("memory_high", "cgroup v1");
        return;
    }
    l.cgroup.memory_swap = 0;
    scratch_container *c = limited_start(&l);
    scratch_cgroup *group = open_group(c);
    for (int i = 0; i < PATIENCE * 100 && keyed(&l, "memory", "memory.events", "high") == 0; i++)
        usleep(10000);
    usleep(1500000);
    uint64_t marked = keyed(&l, "memory", "memory.events", "high");
    struct scratch_cgroup_figures f = look(group);
    row("memory_high", 16 * MB, f.memory_current, "bytes after 1.5 s of eating above it");
    assert_true(marked > 0 && f.memory_kills == 0);
    assert_true(f.memory_current > 16 * MB - BATCHES && f.memory_current < 40 * MB);
    end(c, group);
}

/* ---- what is kept ---------------------------------------------------------------------------- */

#define ABOVE_MAX (64 * MB)
#define HELD      (32 * MB)
#define KEPT      (16 * MB)

/* tail(1) has to keep all of it, and nobody takes it away. */
#define HOLDS "head -c 32M /dev/zero | tail -c 32M | sleep 300"
#define EATS  "while :; do head -c 112M /dev/zero | tail -c 112M >/dev/null; done"

static void neighbour_begin(struct limited *l, const char *name, const char *script)
{
    static char parent[64];
    snprintf(parent, sizeof parent, "test-kept-%d", (int)getpid());
    limited_begin(l, script);
    snprintf(l->id, sizeof l->id, "%s-%d", name, (int)getpid());
    l->minimal.process.die_with_parent = true;
    l->cgroup.parent = parent;
    l->cgroup.managed = true;
}

static uint64_t memory_of(const scratch_cgroup *group)
{
    return look(group).memory_current;
}

/*
 * One that holds twice as much as is kept for it beside one that always wants more than both may
 * have: what is not kept is taken from it bit by bit, and then no more. What it has at the end,
 * once it had no more than is expected.
 */
static uint64_t is_left_of(struct limited *holder, uint64_t expected)
{
    struct limited eater;
    scratch_container *c[2];
    scratch_cgroup *group[2];
    c[0] = limited_start(holder);
    group[0] = open_group(c[0]);
    for (int i = 0; i < PATIENCE * 10 && memory_of(group[0]) < HELD; i++)
        usleep(100000);
    assert_true(memory_of(group[0]) >= HELD);
    neighbour_begin(&eater, "eater", EATS);
    c[1] = limited_start(&eater);
    group[1] = open_group(c[1]);
    uint64_t now = memory_of(group[0]);
    for (int i = 0; i < PATIENCE * 10 && now > expected; i++) {
        usleep(100000);
        now = memory_of(group[0]);
    }
    usleep(2000000); /* it goes on, and takes no more */
    now = memory_of(group[0]);
    end(c[1], group[1]);
    end(c[0], group[0]);
    return now;
}

static void keep_for_one(const char *limit, uint64_t low, uint64_t min)
{
    struct scratch_cgroup_options options = SCRATCH_CGROUP_OPTIONS_INIT;
    struct scratch_error err;
    struct limited holder;
    scratch_cgroup *above;
    neighbour_begin(&holder, "holder", HOLDS);
    holder.cgroup.memory_low = low;
    holder.cgroup.memory_min = min;
    options.memory_max = ABOVE_MAX;
    options.memory_low = low; /* no more is handed down than there is */
    options.memory_min = min;
    TEST_OK(scratch_cgroup_create(holder.cgroup.parent, &options, &above, &err), &err);
    bool neither = low == SCRATCH_LIMIT_NONE && min == SCRATCH_LIMIT_NONE;
    uint64_t left = is_left_of(&holder, neither ? KEPT / 2 - MB : KEPT + MB / 2);
    row(limit, neither ? 0 : KEPT, left, "bytes of 33554432 left beside one that wants more");
    if (neither)
        assert_true(left < KEPT / 2);
    else
        assert_true(left >= KEPT - HUGE_PAGE && left <= KEPT + HUGE_PAGE);
    TEST_OK(scratch_cgroup_remove(above, &err), &err);
    scratch_cgroup_free(above);
}

static void what_is_kept_for_a_group_is_left_to_it(void **state)
{
    (void)state;
    NEEDS_ROOT();
    if (controller_version("memory") != 2) {
        row_lacking("memory_min", "cgroup v1");
        return;
    }
    if (!swap_begin()) {
        row_lacking("memory_low, min", "the machine has no swap");
        return;
    }
    keep_for_one("memory_low", KEPT, SCRATCH_LIMIT_NONE);
    keep_for_one("memory_min", SCRATCH_LIMIT_NONE, KEPT);
    keep_for_one("neither", SCRATCH_LIMIT_NONE, SCRATCH_LIMIT_NONE);
    swap_end();
}

/* ---- v1's soft limit ------------------------------------------------------------------------- */

#define SOFT_HOLDS "head -c 160M /dev/zero | tail -c 160M | sleep 300"
#define SOFT_HELD  (160 * MB)
#define SOFT       (64 * MB)

static uint64_t available(void)
{
    char line[128];
    unsigned long long kilobytes = 0;
    FILE *in = fopen("/proc/meminfo", "re");
    while (in && fgets(line, sizeof line, in) &&
           sscanf(line, "MemAvailable: %llu kB", &kilobytes) != 1)
        ;
    if (in)
        fclose(in);
    return kilobytes << 10;
}

/*
 * When the machine itself runs short, it takes from those above their soft limits first, and does
 * not stop just there. One holds more than that, one has none, and a third wants more than there
 * is.
 */
static void run_short(void)
{
    struct limited l[3];
    scratch_container *c[3];
    scratch_cgroup *group[3];
    char script[160];
    for (int i = 0; i < 2; i++) {
        neighbour_begin(&l[i], i ? "other" : "holder", SOFT_HOLDS);
        l[i].cgroup.parent = NULL;
        if (i == 0)
            l[i].cgroup.memory_low = SOFT;
        c[i] = limited_start(&l[i]);
        group[i] = open_group(c[i]);
        for (int n = 0; n < PATIENCE * 10 && memory_of(group[i]) < SOFT_HELD; n++)
            usleep(100000);
        assert_true(memory_of(group[i]) >= SOFT_HELD);
    }
    unsigned wants = (unsigned)((available() + SOFT_HELD) / MB);
    snprintf(script, sizeof script,
             "while :; do dd if=/dev/zero of=/dev/null bs=%uM count=3 2>/dev/null; done", wants);
    neighbour_begin(&l[2], "eater", script);
    l[2].cgroup.parent = NULL;
    c[2] = limited_start(&l[2]);
    group[2] = open_group(c[2]);
    uint64_t left = SOFT_HELD, others = SOFT_HELD;
    for (int i = 0; i < PATIENCE * 10 && left > SOFT + MB; i++) {
        usleep(100000);
        left = memory_of(group[0]);
        others = memory_of(group[1]);
    }
    row("memory_low", SOFT, left, "bytes of 167772160 left when the machine runs short (v1)");
    printf("%-16s has %" PRIu64 " bytes then\n", "one without it", others);
    for (int i = 2; i >= 0; i--)
        end(c[i], group[i]);
    assert_true(left <= SOFT + MB && others >= SOFT_HELD);
}

static void above_its_soft_limit_it_is_taken_from_first(void **state)
{
    (void)state;
    NEEDS_ROOT();
    if (controller_version("memory") != 1)
        return;
    if (!getenv("TEST_VM") || !swap_begin()) {
        row_lacking("memory_low", "v1's soft limit holds when the machine itself runs short");
        return;
    }
    run_short();
    swap_end();
}

TEST_MAIN(swap_is_had_up_to_the_limit, above_the_high_mark_it_is_held_back,
          what_is_kept_for_a_group_is_left_to_it, above_its_soft_limit_it_is_taken_from_first)
