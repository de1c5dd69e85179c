/* SPDX-License-Identifier: MIT */
/*
 * Filters in another shape: they decide as they did, of every architecture, number and argument.
 */
#include "process/seccomp_shape.h"
#include "process/bpf.h"

#include <linux/audit.h>
#include <stdlib.h>

#define COUNT_MAX 2048
#define LOAD(at)  ((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (at)))
#define RETURN(k) ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (k)))
#define IF(how, k, yes, no)                                                                        \
    ((struct sock_filter)BPF_JUMP(BPF_JMP | (how) | BPF_K, (k), (uint8_t)(yes), (uint8_t)(no)))

#define ARCH   offsetof(struct seccomp_data, arch)
#define NUMBER offsetof(struct seccomp_data, nr)
#define LOW(n) (offsetof(struct seccomp_data, args) + 8 * (n))

/* What is compared with, and what is asked about: so that they meet. */
static const uint32_t arches[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, 0};
static const uint32_t values[] = {0,    1,    2,          3,          4,          7,
                                  1000, 1001, 0x3fffffff, 0x40000000, 0x40000001, 0xffffffff};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* ---- the same ---------------------------------------------------------------------------------
 */

static void ask(const struct sock_filter *one, size_t one_count, const struct sock_filter *other,
                size_t other_count, struct seccomp_data *data)
{
    static const uint64_t arguments[][2] = {{0, 0}, {1, 0}, {2, 7}, {0x100000001, 3}, {4, 1000}};
    for (size_t n = 0; n < LENGTH(arguments); n++) {
        data->args[0] = arguments[n][0];
        data->args[1] = arguments[n][1];
        uint32_t before = bpf_run(one, one_count, data), after = bpf_run(other, other_count, data);
        if (before != after)
            fail_msg("architecture 0x%x, number 0x%x, arguments %llu %llu: 0x%x was 0x%x",
                     data->arch, (unsigned)data->nr, (unsigned long long)data->args[0],
                     (unsigned long long)data->args[1], after, before);
    }
}

/* Shape a copy, and see that it decides the same, of the first numbers too. Its length. */
static size_t shaped(const struct sock_filter *filter, size_t count, int numbers)
{
    struct sock_filter copy[COUNT_MAX];
    size_t after = count;
    memcpy(copy, filter, count * sizeof *copy);
    seccomp_shape(copy, &after);
    assert_true(after <= count);
    for (size_t arch = 0; arch < LENGTH(arches); arch++) {
        struct seccomp_data data = {.arch = arches[arch]};
        for (data.nr = 0; data.nr < numbers; data.nr++)
            ask(filter, count, copy, after, &data);
        for (size_t n = 0; n < LENGTH(values); n++) {
            data.nr = (int)values[n];
            ask(filter, count, copy, after, &data);
        }
    }
    return after;
}

/* ---- filters as they are written --------------------------------------------------------------
 */

static void a_list_of_numbers_becomes_a_search(void **state)
{
    struct sock_filter filter[COUNT_MAX] = {LOAD(ARCH), IF(BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0),
                                            RETURN(SECCOMP_RET_KILL_PROCESS), LOAD(NUMBER)};
    size_t count = 4;
    (void)state;
    for (unsigned number = 0; number < 60; number++) {
        if (number % 20 == 7)
            continue;
        filter[count++] = IF(BPF_JEQ, number, 0, 1);
        filter[count++] = RETURN(SECCOMP_RET_ALLOW);
    }
    filter[count++] = RETURN(SECCOMP_RET_ERRNO | 1);
    assert_true(shaped(filter, count, 64) < 30); /* of 120 */
}

static void arguments_are_looked_at_where_they_were(void **state)
{
    const struct sock_filter filter[] = {
        LOAD(NUMBER),
        IF(BPF_JEQ, 2, 0, 3),
        LOAD(LOW(0)),
        IF(BPF_JEQ, 1, 0, 1), /* refused; what else it is, other lines say */
        RETURN(SECCOMP_RET_ERRNO | 13),
        LOAD(NUMBER),
        IF(BPF_JEQ, 1, 12, 0),
        IF(BPF_JEQ, 2, 0, 4),
        LOAD(LOW(1) + 4),
        IF(BPF_JEQ, 0, 0, 8),
        LOAD(LOW(1)),
        IF(BPF_JGE, 7, 7, 6),
        IF(BPF_JEQ, 3, 6, 0),
        IF(BPF_JEQ, 4, 5, 0),
        IF(BPF_JEQ, 5, 4, 0),
        IF(BPF_JEQ, 6, 3, 0),
        IF(BPF_JEQ, 7, 2, 0),
        IF(BPF_JGT, 1000, 1, 0),
        RETURN(SECCOMP_RET_ERRNO | 1),
        RETURN(SECCOMP_RET_ALLOW),
    };
    (void)state;
    shaped(filter, LENGTH(filter), 16);
}

/* Half of it is more than a comparison can jump over. */
static void many_ranges_are_searched_too(void **state)
{
    struct sock_filter filter[COUNT_MAX] = {LOAD(NUMBER)};
    size_t count = 1;
    (void)state;
    for (unsigned number = 0; number < 1200; number += 4) {
        filter[count++] = IF(BPF_JEQ, number, 3, 0);
        filter[count++] = IF(BPF_JEQ, number + 1, 2, 0);
        filter[count++] = IF(BPF_JEQ, number + 2, 1, 0);
        filter[count++] = IF(BPF_JEQ, number + 3, 0, 1);
        filter[count++] = RETURN(number);
    }
    filter[count++] = RETURN(SECCOMP_RET_ALLOW);
    assert_true(shaped(filter, count, 1300) < count);
}

/* Nor can it where arguments decide: then all is left as it is. */
static void what_is_too_far_is_left(void **state)
{
    struct sock_filter filter[COUNT_MAX] = {LOAD(NUMBER)};
    size_t count = 1;
    (void)state;
    for (unsigned number = 1000; number < 1100; number++) { /* what could be shorter */
        filter[count++] = IF(BPF_JEQ, number, 0, 1);
        filter[count++] = RETURN(SECCOMP_RET_ALLOW);
    }
    filter[count++] = IF(BPF_JEQ, 2, 1, 0);
    filter[count++] = RETURN(SECCOMP_RET_ERRNO | 1);
    filter[count++] = LOAD(LOW(0));
    filter[count++] = IF(BPF_JEQ, 1, 0, 1);
    filter[count++] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 300);
    for (unsigned value = 0; value < 150; value++) {
        filter[count++] = IF(BPF_JEQ, 2 + value, 0, 1);
        filter[count++] = RETURN(SECCOMP_RET_ERRNO | (2 + value));
    }
    filter[count++] = RETURN(SECCOMP_RET_ALLOW);
    assert_int_equal(shaped(filter, count, 16), count);
}

static void what_it_does_not_know_is_left(void **state)
{
    const struct sock_filter length[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
        IF(BPF_JEQ, 64, 0, 1),
        RETURN(SECCOMP_RET_ALLOW),
        RETURN(SECCOMP_RET_ERRNO | 1),
    };
    struct sock_filter copy[LENGTH(length)];
    size_t count = LENGTH(length);
    (void)state;
    memcpy(copy, length, sizeof copy);
    seccomp_shape(copy, &count);
    assert_int_equal(count, LENGTH(length));
    assert_memory_equal(copy, length, sizeof copy);
}

/* ---- any filters ------------------------------------------------------------------------------
 */

static uint32_t any(const uint32_t *of, size_t count)
{
    return of[(size_t)rand() % count];
}

/* One that is as the kernel wants it: all jumps lead forward, and it ends with a return. */
static size_t write_any(struct sock_filter filter[COUNT_MAX])
{
    static const size_t loads[] = {ARCH, NUMBER, NUMBER, NUMBER, LOW(0), LOW(0) + 4, LOW(1)};
    static const uint16_t comparisons[] = {BPF_JEQ, BPF_JEQ, BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
    size_t count = 8 + (size_t)rand() % 100, load = 1;
    filter[0] = LOAD((uint32_t)loads[(size_t)rand() % LENGTH(loads)]);
    for (size_t at = 1; at < count - 4; at++) {
        size_t left = count - 4 - at, yes = (size_t)rand() % left, no = (size_t)rand() % 3 % left;
        int kind = rand() % 16;
        if (kind < 4) {
            load = (size_t)rand() % LENGTH(loads);
            filter[at] = LOAD((uint32_t)loads[load]);
        } else if (kind < 5) {
            filter[at] = RETURN(any(values, LENGTH(values)));
        } else if (kind < 6) {
            filter[at] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)yes);
        } else if (kind < 7 && load > 3) {
            filter[at] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 3);
        } else {
            uint32_t k = load == 0 ? any(arches, LENGTH(arches)) : any(values, LENGTH(values));
            uint16_t how = comparisons[(size_t)rand() % (load == 0 ? 3 : load < 4 ? 5 : 6)];
            filter[at] = IF(how, k, yes, no);
        }
    }
    for (size_t at = count - 4; at < count; at++)
        filter[at] = RETURN(any(values, LENGTH(values)));
    return count;
}

static void any_filter_decides_the_same(void **state)
{
    struct sock_filter filter[COUNT_MAX];
    unsigned shorter = 0;
    (void)state;
    srand(1);
    for (int n = 0; n < 20000; n++) {
        size_t count = write_any(filter);
        shorter += shaped(filter, count, 10) < count;
    }
    assert_true(shorter > 1000); /* it is not that all are left as they are */
}

TEST_MAIN(a_list_of_numbers_becomes_a_search, arguments_are_looked_at_where_they_were,
          many_ranges_are_searched_too, what_is_too_far_is_left, what_it_does_not_know_is_left,
          any_filter_decides_the_same)
