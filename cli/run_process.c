/* SPDX-License-Identifier: MIT */
/*
 * The command of `scratchctl run`, and its limits.
 */
#include "cli/run.h"

/* ---- the command ----------------------------------------------------------------------------- */

int take_env(const struct option *option, void *target, const char *value,
             struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    return environment_add(&run->environment, &run->pool, run->room, value, err);
}

int take_user(const struct option *option, void *target, const char *value,
              struct scratch_error *err)
{
    struct scratch_process_options *process = option_member(option, target);
    return value_user(value, &process->uid, &process->gid, err);
}

/* ---- limits ---------------------------------------------------------------------------------- */

int take_memory(const struct option *option, void *target, const char *value,
                struct scratch_error *err)
{
    return value_bytes(value, option_member(option, target), err);
}

int take_pids(const struct option *option, void *target, const char *value,
              struct scratch_error *err)
{
    return value_pids(value, option_member(option, target), err);
}

int take_cpus(const struct option *option, void *target, const char *value,
              struct scratch_error *err)
{
    struct scratch_cgroup_options *cgroup = option_member(option, target);
    cgroup->cpu_period = VALUE_CPU_PERIOD;
    return value_cpus(value, &cgroup->cpu_quota, err);
}
