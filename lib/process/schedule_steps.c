/* SPDX-License-Identifier: MIT */
/*
 * How the kernel treats a process: inherited by what it executes.
 */
#include "base/sys.h"
#include "step/step.h"

#define KEYCTL_JOIN_SESSION 1
#define WHO_PROCESS         1 /* IOPRIO_WHO_PROCESS */

int process_keyring_step(struct step_walk *w, const struct step *step)
{
    long rc = sys2(SYS_keyctl, KEYCTL_JOIN_SESSION, (long)step_text(w, step->text[0]));
    return rc < 0 ? (int)rc : 0;
}

/* struct sched_attr of sched_setattr(2), which C libraries have since 2024 only. */
int process_scheduler_step(struct step_walk *w, const struct step *step)
{
    const struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {
        .size = sizeof attributes,
        .policy = (uint32_t)step->num[0],
        .flags = step->num[0] >> 32,
        .nice = (int32_t)step->num[1],
        .priority = (uint32_t)step->num[2],
        .runtime = step->num[3],
        .deadline = step->num[4],
        .period = step->num[5],
    };
    (void)w;
    return (int)sys3(SYS_sched_setattr, 0, (long)&attributes, 0);
}

int process_io_priority_step(struct step_walk *w, const struct step *step)
{
    (void)w;
    return (int)sys3(SYS_ioprio_set, WHO_PROCESS, 0, (long)step->num[0]);
}

/* It returns the one before. */
int process_personality_step(struct step_walk *w, const struct step *step)
{
    (void)w;
    long rc = sys1(SYS_personality, (long)step->num[0]);
    return rc < 0 ? (int)rc : 0;
}

int process_memory_policy_step(struct step_walk *w, const struct step *step)
{
    (void)w;
    bool any = step->num[1] || step->num[2] || step->num[3] || step->num[4];
    return (int)sys3(SYS_set_mempolicy, (long)step->num[0], any ? (long)&step->num[1] : 0,
                     any ? 257 : 0);
}
