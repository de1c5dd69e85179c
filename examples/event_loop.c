/* SPDX-License-Identifier: MIT */
/*
 * Several containers in a poll loop of your own. A container is a pidfd, and a pidfd can be polled
 * beside sockets, timers and whatever else a program waits for. No thread, no signal handler.
 *
 *     event_loop SECONDS...                            (as anybody; a container for each number)
 */
#include <poll.h>
#include <scratch/scratch.h>
#include <stdio.h>

enum { MOST = 16, TICK = 200 /* milliseconds */ };

static int start(const char *seconds, scratch_container **container, struct scratch_error *err)
{
    const char *const command[] = {"sleep", seconds, NULL};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    scratch_plan *plan;
    process.argv = command;
    spec.process = &process;
    int rc = scratch_plan_compile(&spec, &plan, err);
    if (rc < 0)
        return rc;
    rc = scratch_plan_start(plan, NULL, container, err);
    scratch_plan_free(plan); /* the container does not need it any more */
    return rc;
}

static void finish(scratch_container *container, const char *seconds)
{
    struct scratch_error err;
    int status = scratch_container_wait(container, &err);
    printf("the container that slept for %s seconds ended with status %d\n", seconds, status);
    scratch_container_free(container);
}

int main(int argc, char *argv[])
{
    scratch_container *container[MOST];
    struct pollfd wait[MOST];
    struct scratch_error err;
    int count = argc - 1, left = count, ticks = 0;

    if (count < 1 || count > MOST)
        return fprintf(stderr, "usage: %s SECONDS... (%d at most)\n", argv[0], MOST), 2;
    for (int i = 0; i < count; i++) {
        if (start(argv[i + 1], &container[i], &err) < 0)
            return scratch_error_print(argv[0], &err), 1;
        wait[i] = (struct pollfd){scratch_container_pidfd(container[i]), POLLIN, 0};
    }
    while (left > 0) {
        if (poll(wait, (nfds_t)count, TICK) == 0)
            ticks++; /* nothing has ended: time for something else */
        for (int i = 0; i < count; i++) {
            if (!(wait[i].revents & POLLIN))
                continue;
            finish(container[i], argv[i + 1]);
            wait[i].fd = -1; /* poll(2) passes it over */
            wait[i].revents = 0;
            left--;
        }
    }
    printf("the loop did something else %d times\n", ticks);
    return 0;
}
