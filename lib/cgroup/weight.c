/* SPDX-License-Identifier: MIT */
/*
 * Weights: v1 counts processor shares from 2 to 262144 and block I/O from 10 to 1000, v2 both from
 * 1 to 10000. The OCI runtimes (crun 1.23, runc 1.3.2) turn shares into the weight
 *
 *     ceil(10 ^ ((l² + 125 l) / 612 - 7 / 34)),   l = log2(shares)
 *
 * so that the least, the common and the most of one are those of the other.
 */
#include "cgroup/limits.h"

#define WEIGHT_MAX 10000
#define SHARES_MIN 2
#define SHARES_MAX 262144
#define BLKIO_MIN  10
#define BLKIO_MAX  1000
#define LOG2_10    3.321928094887362

/* By repeated squaring: a logarithm now and then is no reason to load the mathematics library. */
static double log2_of(uint64_t number)
{
    int whole = 63 - __builtin_clzll(number);
    double rest = (double)number / (double)(UINT64_C(1) << whole), log = whole;
    double bit = 0.5;
    for (int i = 0; i < 43; i++) {
        rest *= rest;
        if (rest >= 2) {
            rest /= 2;
            log += bit;
        }
        bit /= 2;
    }
    return log;
}

uint64_t scratch_cgroup_cpu_weight(uint64_t shares)
{
    if (shares < SHARES_MIN)
        shares = SHARES_MIN;
    if (shares >= SHARES_MAX)
        return WEIGHT_MAX;
    double l = log2_of(shares);
    double exponent = ((l * l + 125 * l) / 612 - 7.0 / 34) * LOG2_10 - 1e-9;
    uint64_t least = 1, most = WEIGHT_MAX; /* the least weight whose logarithm reaches it */
    while (least < most) {
        uint64_t middle = (least + most) / 2;
        if (log2_of(middle) < exponent)
            least = middle + 1;
        else
            most = middle;
    }
    return least;
}

/* The least shares that have this weight. */
uint64_t weight_to_shares(uint64_t weight)
{
    uint64_t least = SHARES_MIN, most = SHARES_MAX;
    while (least < most) {
        uint64_t middle = (least + most) / 2;
        if (scratch_cgroup_cpu_weight(middle) < weight)
            least = middle + 1;
        else
            most = middle;
    }
    /* 1024 is what the kernel gives a group, and 100 with it; the least of that is a little less.
     */
    return scratch_cgroup_cpu_weight(1024) == weight ? 1024 : least;
}

uint64_t scratch_cgroup_io_weight(uint64_t weight)
{
    if (weight < BLKIO_MIN)
        weight = BLKIO_MIN;
    if (weight > BLKIO_MAX)
        weight = BLKIO_MAX;
    return 1 + (weight - BLKIO_MIN) * (WEIGHT_MAX - 1) / (BLKIO_MAX - BLKIO_MIN);
}

/* Rounded up, so that a blkio weight that was converted comes back as it was. */
uint64_t weight_to_blkio(uint64_t weight)
{
    return BLKIO_MIN +
           ((weight - 1) * (BLKIO_MAX - BLKIO_MIN) + (WEIGHT_MAX - 2)) / (WEIGHT_MAX - 1);
}
