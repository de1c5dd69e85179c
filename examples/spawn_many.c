/* SPDX-License-Identifier: MIT */
/*
 * One plan, started a thousand times, one after the other.
 *
 *     spawn_many [HOW-MANY]                                                   (as anybody)
 *
 * What is slow, and what can be found wrong, was done when the plan was compiled.
 */
#include <scratch/scratch.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int start_and_wait(const scratch_plan *plan, struct scratch_error *err)
{
    scratch_container *container;
    int rc = scratch_plan_start(plan, NULL, &container, err);
    if (rc < 0)
        return rc;
    int status = scratch_container_wait(container, err);
    scratch_container_free(container);
    return status;
}

int main(int argc, char *argv[])
{
    const char *const command[] = {"true", NULL};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_error err;
    scratch_plan *plan;
    int count = argc > 1 ? atoi(argv[1]) : 1000, done = 0;

    process.argv = command;
    spec.process = &process;
    if (scratch_plan_compile(&spec, &plan, &err) < 0)
        return scratch_error_print(argv[0], &err), 1;
    double begin = now();
    while (done < count && start_and_wait(plan, &err) == 0)
        done++;
    double seconds = now() - begin;
    printf("%d containers in %.2f seconds: %.0f a second\n", done, seconds, done / seconds);
    if (done < count)
        scratch_error_print(argv[0], &err);
    scratch_plan_free(plan);
    return done < count;
}
