/* SPDX-License-Identifier: MIT */
#include "plan/join.h"
#include "cgroup/compile.h"
#include "namespace/compile.h"
#include "plan/compile.h"
#include "process/compile.h"
#include "terminal/compile.h"

/* The order of joining. */
static int compile_steps(struct builder *b, const struct plan_join *j)
{
    struct cgroup_join group = {0};
    uint64_t types = 0;
    int rc = namespace_compile_join_begin(b, j->pid, &types);
    if (rc == 0)
        rc = cgroup_compile_open(b, j->groups, &group);
    if (rc < 0)
        return rc;
    builder_add(b, STEP_CLONE, STEP_HOST)->fd[0] = (int16_t)group.clone_into;
    rc = process_compile_begin(b, j->process);
    if (rc == 0)
        rc = cgroup_compile_join(b, &group);
    if (rc == 0)
        rc = process_compile_labels(b, j->process);
    if (rc == 0)
        rc = namespace_compile_join(b, j->pid, j->pidfd, types);
    if (rc == 0 && j->terminal)
        terminal_compile(b, j->terminal, j->process->uid, false);
    return rc < 0 ? rc : process_compile(b, j->process);
}

int plan_compile_join(const struct plan_join *join, scratch_plan **plan, struct scratch_error *err)
{
    struct builder b;
    *plan = NULL;
    builder_begin(&b, err);
    return plan_finish(&b, compile_steps(&b, join), plan);
}
