/* SPDX-License-Identifier: MIT */
/*
 * Limits on a command line: the options that docker and podman have for them, for every command
 * that sets some.
 */
#ifndef CLI_LIMITS_H
#define CLI_LIMITS_H

#include <scratch/cgroup.h>
#include "cli/options.h"
#include "cli/pool.h"

struct limits {
    struct scratch_cgroup_options cgroup; /* refers to the lists */
    uint64_t memory_total;                /* --memory-swap: with the memory */
    struct scratch_cgroup_io *io;
    const char **values;
    struct scratch_cgroup_rule *rules;   /* --device-cgroup-rule */
    struct scratch_cgroup_rule *devices; /* of --device, where less than all is asked for */
    size_t device_count;
    bool some_devices; /* some --device asks for less than all */
    struct pool *pool;
};

/* Nothing limited yet; room for the lists of a command line of so many arguments. */
void limits_begin(struct limits *limits, struct pool *pool, size_t room);

/* What the options say together. */
int limits_end(struct limits *limits, struct scratch_error *err);

/* A --device, for the device controller. access: of enum scratch_device_access */
int limits_add_device(struct limits *limits, const char *path, unsigned access,
                      struct scratch_error *err);

option_take take_memory, take_memory_max, take_memory_swap, take_limit_pids, take_limit_cpus,
    take_limit_number, take_device_rate, take_device_weight, take_blkio_weight, take_device_rule,
    take_cgroup_value, take_oom_kill_disable;

#define LIMIT(member) offsetof(struct limits, member)

/* Rows of a table of options; at: where its target has a struct limits. */
#define LIMIT_OPTIONS(at)                                                                          \
    {"memory",        'm',                                                                         \
     "SIZE",          "bytes, or with b, k, m, g or t: 64m; -1: none",                             \
     take_memory_max, (at) + LIMIT(cgroup.memory_max)},                                            \
        {"memory-reservation",                                                                     \
         0,                                                                                        \
         "SIZE",                                                                                   \
         "what it keeps when memory runs short",                                                   \
         take_memory_max,                                                                          \
         (at) + LIMIT(cgroup.memory_low)},                                                         \
        {"memory-swap",    0,                                                                      \
         "SIZE",           "memory and swap together; -1: any swap",                               \
         take_memory_swap, (at) + LIMIT(memory_total)},                                            \
        {"memory-swappiness",                                                                      \
         0,                                                                                        \
         "N",                                                                                      \
         "0 to 100: how soon it is swapped out (v1)",                                              \
         take_limit_number,                                                                        \
         (at) + LIMIT(cgroup.memory_swappiness)},                                                  \
        {"oom-kill-disable",                                                                       \
         0,                                                                                        \
         NULL,                                                                                     \
         "out of memory it waits, and is not killed (v1)",                                         \
         take_oom_kill_disable,                                                                    \
         (at) + LIMIT(cgroup.memory_oom_wait)},                                                    \
        {"pids-limit",                                                                             \
         0,                                                                                        \
         "N",                                                                                      \
         "processes and threads; -1: no limit",                                                    \
         take_limit_pids,                                                                          \
         (at) + LIMIT(cgroup.pids_max)},                                                           \
        {"cpus", 0, "N", "processor time: 1.5", take_limit_cpus, (at)},                            \
        {"cpu-quota",                                                                              \
         0,                                                                                        \
         "US",                                                                                     \
         "the same in microseconds of each period; -1: none",                                      \
         take_limit_number,                                                                        \
         (at) + LIMIT(cgroup.cpu_quota)},                                                          \
        {"cpu-period",                                                                             \
         0,                                                                                        \
         "US",                                                                                     \
         "the period (100000)",                                                                    \
         take_limit_number,                                                                        \
         (at) + LIMIT(cgroup.cpu_period)},                                                         \
        {"cpu-shares",                                                                             \
         'c',                                                                                      \
         "N",                                                                                      \
         "a weight among others, 2 to 262144 (1024)",                                              \
         take_limit_number,                                                                        \
         (at) + LIMIT(cgroup.cpu_shares)},                                                         \
        {"cpu-rt-period",                                                                          \
         0,                                                                                        \
         "US",                                                                                     \
         "the period of real-time processes (v1)",                                                 \
         take_limit_number,                                                                        \
         (at) + LIMIT(cgroup.cpu_rt_period)},                                                      \
        {"cpu-rt-runtime",                                                                         \
         0,                                                                                        \
         "US",                                                                                     \
         "what they may use in it (v1)",                                                           \
         take_limit_number,                                                                        \
         (at) + LIMIT(cgroup.cpu_rt_runtime)},                                                     \
        {"cpuset-cpus", 0,                                                                         \
         "LIST",        "processors to run on: 0-2,7",                                             \
         option_text,   (at) + LIMIT(cgroup.cpuset_cpus)},                                         \
        {"cpuset-mems",         0,           "LIST",                                               \
         "memory nodes to use", option_text, (at) + LIMIT(cgroup.cpuset_mems)},                    \
        {"blkio-weight",                                                                           \
         0,                                                                                        \
         "N",                                                                                      \
         "a weight among others, 10 to 1000",                                                      \
         take_blkio_weight,                                                                        \
         (at) + LIMIT(cgroup.io_weight)},                                                          \
        {"blkio-weight-device", 0,   "PATH:N", "the same for one block device",                    \
         take_device_weight,    (at)},                                                             \
        {"device-read-bps", 0,   "PATH:RATE", "bytes a second from a block device: /dev/vda:1m",   \
         take_device_rate,  (at)},                                                                 \
        {"device-write-bps", 0, "PATH:RATE", "bytes a second to it", take_device_rate, (at)},      \
        {"device-read-iops", 0, "PATH:N", "reads a second", take_device_rate, (at)},               \
        {"device-write-iops", 0, "PATH:N", "writes a second", take_device_rate, (at)},             \
        {"device-cgroup-rule", 0,   "RULE", "devices that may be used, of any path: 'c 1:3 rw'",   \
         take_device_rule,     (at)},                                                              \
    {                                                                                              \
        "cgroup-conf", 0, "FILE=VALUE", "a file of the control group: memory.high=64M",            \
            take_cgroup_value, (at)                                                                \
    }

#endif
