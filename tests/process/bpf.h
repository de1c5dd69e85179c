/* SPDX-License-Identifier: MIT */
/*
 * A small interpreter of the kernel's BPF, so that a filter can be asked what it says.
 */
#ifndef TEST_PROCESS_BPF_H
#define TEST_PROCESS_BPF_H

#include "support/test.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>

static inline bool bpf_jumps(const struct sock_filter *i, uint32_t a)
{
    switch (BPF_OP(i->code)) {
    case BPF_JEQ:
        return a == i->k;
    case BPF_JGT:
        return a > i->k;
    case BPF_JGE:
        return a >= i->k;
    default:
        assert_int_equal(BPF_OP(i->code), BPF_JSET);
        return a & i->k;
    }
}

static inline uint32_t bpf_run(const struct sock_filter *code, size_t count,
                               const struct seccomp_data *data)
{
    uint32_t a = 0;
    for (size_t pc = 0; pc < count; pc++) {
        const struct sock_filter *i = &code[pc];
        if (i->code == (BPF_LD | BPF_W | BPF_ABS))
            memcpy(&a, (const char *)data + i->k, sizeof a);
        else if (i->code == (BPF_ALU | BPF_AND | BPF_K))
            a &= i->k;
        else if (i->code == (BPF_RET | BPF_K))
            return i->k;
        else if (i->code == (BPF_JMP | BPF_JA))
            pc += i->k;
        else if (BPF_CLASS(i->code) == BPF_JMP)
            pc += bpf_jumps(i, a) ? i->jt : i->jf;
        else
            fail_msg("instruction %zu has the code 0x%x", pc, i->code);
    }
    fail_msg("the filter has no end");
    return 0;
}

#endif
