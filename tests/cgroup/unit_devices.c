/* SPDX-License-Identifier: MIT */
/*
 * Rules about devices: the program that v2 is given, run here by an interpreter of the dozen
 * instructions that it has; what v1 cannot do; weights as the OCI runtimes convert them.
 */
#include "cgroup/devices.h"
#include "cgroup/limits.h"
#include "support/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ANY SCRATCH_DEVICE_ANY
#define R   SCRATCH_DEVICE_READ
#define W   SCRATCH_DEVICE_WRITE
#define M   SCRATCH_DEVICE_MKNOD

/* One instruction on the registers. Returns how far to go on, or 0: the end. */
static int step(const struct bpf_insn *i, uint64_t r[11], const struct bpf_cgroup_dev_ctx *context)
{
    uint64_t imm = (uint64_t)(int64_t)i->imm;
    switch (i->code) {
    case BPF_LDX | BPF_MEM | BPF_W:
        memcpy(&r[i->dst_reg], (const char *)context + i->off, 4);
        return 1;
    case BPF_ALU64 | BPF_MOV | BPF_X:
        r[i->dst_reg] = r[i->src_reg];
        return 1;
    case BPF_ALU64 | BPF_MOV | BPF_K:
        r[i->dst_reg] = imm;
        return 1;
    case BPF_ALU64 | BPF_AND | BPF_K:
        r[i->dst_reg] &= imm;
        return 1;
    case BPF_ALU64 | BPF_RSH | BPF_K:
        r[i->dst_reg] >>= imm;
        return 1;
    case BPF_JMP | BPF_JNE | BPF_K:
        return r[i->dst_reg] != imm ? 1 + i->off : 1;
    case BPF_JMP | BPF_JEQ | BPF_K:
        return r[i->dst_reg] == imm ? 1 + i->off : 1;
    case BPF_JMP | BPF_JSET | BPF_K:
        return r[i->dst_reg] & imm ? 1 + i->off : 1;
    default:
        assert_int_equal(i->code, BPF_JMP | BPF_EXIT);
        return 0;
    }
}

static bool is_allowed(const struct bpf_insn *program, int length, char type, unsigned major,
                       unsigned minor, unsigned access)
{
    unsigned bits = (access & R ? BPF_DEVCG_ACC_READ : 0) | (access & W ? BPF_DEVCG_ACC_WRITE : 0) |
                    (access & M ? BPF_DEVCG_ACC_MKNOD : 0);
    const struct bpf_cgroup_dev_ctx context = {
        bits << 16 | (type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR), major, minor};
    uint64_t r[11] = {0};
    int at = 0, next;
    do {
        assert_true(at >= 0 && at < length);
        next = step(&program[at], r, &context);
        at += next;
    } while (next);
    return r[0];
}

static void the_last_rule_decides_bit_by_bit(void **state)
{
    static const struct scratch_cgroup_rule rules[] = {
        {false, 'a', ANY, ANY, 7}, {true, 'c', ANY, ANY, M}, {true, 'c', 1, 3, R},
        {true, 'c', 1, 3, W},      {true, 'b', 8, ANY, 7},   {false, 'b', 8, 1, W},
        {true, 'c', 136, ANY, 7},
    };
    static const struct {
        char type;
        unsigned major, minor, access;
        bool allowed;
    } rows[] = {
        {'c', 1, 3, R, true},      {'c', 1, 3, R | W, true},  {'c', 1, 3, 7, true},
        {'b', 1, 3, R, false},     {'c', 1, 5, R, false},     {'c', 1, 5, M, true},
        {'c', 1, 5, R | M, false}, {'b', 1, 5, M, false},     {'b', 8, 0, 7, true},
        {'b', 8, 1, R, true},      {'b', 8, 1, R | W, false}, {'b', 8, 1, W, false},
        {'c', 136, 7, 7, true},    {'c', 137, 0, R, false},   {'c', 4095, 1048575, M, true},
    };
    struct scratch_cgroup_options o = SCRATCH_CGROUP_OPTIONS_INIT;
    struct bpf_insn *program;
    (void)state;
    o.rules = rules;
    o.rule_count = sizeof rules / sizeof *rules;
    assert_int_equal(devices_check(&o, NULL), 0);
    int length = devices_program(&o, &program);
    assert_true(length > 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (is_allowed(program, length, rows[i].type, rows[i].major, rows[i].minor,
                       rows[i].access) != rows[i].allowed)
            fail_msg("row %zu", i);
    free(program);
}

static void rules_that_are_none_are_refused(void **state)
{
    static const struct scratch_cgroup_rule rules[] = {
        {true, 'x', 1, 3, R},    {true, 'c', -2, 3, R},    {true, 'c', 1, 1 << 20, R},
        {true, 'c', 4096, 3, R}, {true, 'c', 1, 3, 0},     {true, 'c', 1, 3, 8},
        {true, 'a', 1, ANY, 7},  {true, 'a', ANY, ANY, R},
    };
    struct scratch_cgroup_options o = SCRATCH_CGROUP_OPTIONS_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct scratch_error err = {0};
        o.rules = &rules[i];
        o.rule_count = 1;
        assert_int_equal(devices_check(&o, &err), -EINVAL);
        assert_string_equal(err.what, "device rule");
    }
}

static void what_v1_would_pass_over_is_refused_there(void **state)
{
    static const struct scratch_cgroup_rule lost[] = {{true, 'c', 1, ANY, 7},
                                                      {false, 'c', 1, 3, W}};
    static const struct scratch_cgroup_rule kept[] = {{true, 'c', 1, 3, 7}, {false, 'c', 1, 3, W}};
    static const struct scratch_cgroup_rule added[] = {
        {false, 'a', ANY, ANY, 7}, {false, 'c', 10, 229, 7}, {true, 'c', ANY, ANY, 4}};
    struct scratch_cgroup_options o = SCRATCH_CGROUP_OPTIONS_INIT;
    (void)state;
    o.rules = lost;
    o.rule_count = 2;
    assert_int_equal(devices_check_v1(&o, NULL), -ENOTSUP);
    o.rules = kept;
    assert_int_equal(devices_check_v1(&o, NULL), 0);
    /* Where all are denied, one that is allowed is an exception, whatever came before. */
    o.rules = added;
    o.rule_count = 3;
    assert_int_equal(devices_check_v1(&o, NULL), 0);
}

static void weights_are_converted_as_oci_runtimes_do(void **state)
{
    static const struct {
        uint64_t shares, weight;
    } rows[] = {{0, 1},      {2, 1},      {3, 2},       {100, 17},      {512, 59},
                {1024, 100}, {2048, 174}, {10240, 639}, {131072, 5478}, {262144, 10000}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(scratch_cgroup_cpu_weight(rows[i].shares), rows[i].weight);
    for (uint64_t shares = 2; shares < 262144; shares += 1 + shares / 50)
        assert_true(scratch_cgroup_cpu_weight(shares) <= scratch_cgroup_cpu_weight(shares + 1));
    assert_int_equal(weight_to_shares(100), 1024);
    assert_int_equal(weight_to_shares(1), 2);
    for (uint64_t blkio = 10; blkio <= 1000; blkio++)
        assert_int_equal(weight_to_blkio(scratch_cgroup_io_weight(blkio)), blkio);
    assert_int_equal(scratch_cgroup_io_weight(10), 1);
    assert_int_equal(scratch_cgroup_io_weight(1000), 10000);
}

static void swap_is_what_both_have_beyond_the_memory(void **state)
{
    uint64_t swap;
    (void)state;
    assert_int_equal(scratch_cgroup_swap(100, 150, &swap, NULL), 0);
    assert_int_equal(swap, 50);
    assert_int_equal(scratch_cgroup_swap(100, SCRATCH_LIMIT_UNLIMITED, &swap, NULL), 0);
    assert_true(swap == SCRATCH_LIMIT_UNLIMITED);
    assert_int_equal(scratch_cgroup_swap(100, SCRATCH_LIMIT_NONE, &swap, NULL), 0);
    assert_true(swap == SCRATCH_LIMIT_NONE);
    assert_int_equal(scratch_cgroup_swap(100, 99, &swap, NULL), -EINVAL);
    assert_int_equal(scratch_cgroup_swap(SCRATCH_LIMIT_NONE, 99, &swap, NULL), -EINVAL);
}

TEST_MAIN(the_last_rule_decides_bit_by_bit, rules_that_are_none_are_refused,
          what_v1_would_pass_over_is_refused_there, weights_are_converted_as_oci_runtimes_do,
          swap_is_what_both_have_beyond_the_memory)
