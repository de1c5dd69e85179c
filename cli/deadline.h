/* SPDX-License-Identifier: MIT */
#ifndef CLI_DEADLINE_H
#define CLI_DEADLINE_H

#include <scratch/plan.h>

/* When a container is to be ended, if it still runs then. */
struct deadline {
    int seconds; /* 0: never */
    long long at;
};

struct deadline deadline_in(int seconds);

/* What is left, in milliseconds for poll(2); -1: there is no end. */
int deadline_left(const struct deadline *deadline);

/* Kill the container when the time is up, and say so, once. */
void deadline_check(struct deadline *deadline, const scratch_container *container);

#endif
