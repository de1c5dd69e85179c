/* SPDX-License-Identifier: MIT */
#include "cli/deadline.h"
#include "cli/report.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

static long long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

struct deadline deadline_in(int seconds)
{
    return (struct deadline){seconds, seconds ? milliseconds() + seconds * 1000LL : 0};
}

int deadline_left(const struct deadline *deadline)
{
    if (deadline->seconds == 0)
        return -1;
    long long left = deadline->at - milliseconds();
    return left > 0 ? (int)left : 0;
}

void deadline_check(struct deadline *deadline, const scratch_container *container)
{
    struct scratch_error late = {.errnum = ETIMEDOUT, .what = "run the command"};
    if (deadline_left(deadline) != 0)
        return;
    snprintf(late.cause, sizeof late.cause, "it still ran after %d second%s, and was killed",
             deadline->seconds, deadline->seconds == 1 ? "" : "s");
    report_error(&late);
    scratch_container_signal(container, SIGKILL, NULL);
    deadline->seconds = 0;
}
