/* SPDX-License-Identifier: MIT */
/*
 * Fifty starters and stoppers on ten names: five processes of ten threads, which all at once start,
 * look at, pause, enter, stop and delete the same containers. Of two creators of one name exactly
 * one wins, no state is wrong, nobody waits for ever, and nothing is left.
 *
 * $SCRATCH_TEST_SECONDS: how long (4).
 */
#include "container/stress.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#define PROCESSES 5
#define THREADS   10

/* One call that takes so long hangs, also under a sanitizer on a machine that is busy otherwise. */
#define HANG_SECONDS 150

static struct stress *stress;

static bool all_ended(const struct worker *workers)
{
    for (int i = 0; i < THREADS; i++)
        if (!atomic_load(&workers[i].ended))
            return false;
    return true;
}

static bool one_hangs(struct worker *workers)
{
    for (int i = 0; i < THREADS; i++)
        if (!atomic_load(&workers[i].ended) &&
            time(NULL) - atomic_load(&workers[i].since) > HANG_SECONDS) {
            stress_wrong(stress, &workers[i], "it does not come to an end", NULL);
            return true;
        }
    return false;
}

/* One of the processes; does not return. */
static void work(unsigned seed)
{
    static struct worker workers[THREADS];
    struct stress_plans plans;
    stress_compile(stress, &plans);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.stress = stress, .plans = &plans, .seed = seed + i};
        atomic_store(&workers[i].since, time(NULL));
        if (pthread_create(&workers[i].thread, NULL, stress_work, &workers[i]) != 0)
            _exit(3);
    }
    while (!all_ended(workers)) {
        usleep(50000);
        if (one_hangs(workers))
            _exit(4); /* with it, and its threads, whatever they wait for */
        if (atomic_load(&stress->end))
            stress_resume_all(stress); /* what entered one that was just paused */
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    stress_free(&plans);
    _exit(0); /* what is to be done at the end of the program is not ours */
}

static unsigned long seconds_of_it(void)
{
    const char *text = getenv("SCRATCH_TEST_SECONDS");
    return text ? strtoul(text, NULL, 10) : 4;
}

static void nothing_is_wrong_and_nothing_is_left(void **state)
{
    pid_t pids[PROCESSES];
    int failed = 0;
    (void)state;
    stress = mmap(NULL, sizeof *stress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(stress, MAP_FAILED);
    stress_begin(stress);
    for (unsigned i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            work((i + 1) * 7919);
        assert_true(pids[i] > 0);
    }
    for (time_t end = time(NULL) + (time_t)seconds_of_it(); time(NULL) < end;)
        usleep(100000);
    atomic_store(&stress->end, true);
    for (int i = 0; i < PROCESSES; i++) {
        int status = -1;
        waitpid(pids[i], &status, 0);
        if (status != 0)
            failed++;
    }
    stress_end_all(stress);
    stress_say(stress);
    assert_int_equal(failed, 0);
    assert_int_equal(atomic_load(&stress->wrong), 0);
    for (int i = 0; i < STRESS_NAMES; i++) {
        assert_int_equal(atomic_load(&stress->won[i]), atomic_load(&stress->deleted[i]));
    }
    assert_true(atomic_load(&stress->starts) > 0);
    assert_int_equal(rmdir(stress->root), 0); /* it is empty */
    munmap(stress, sizeof *stress);
}

TEST_MAIN(nothing_is_wrong_and_nothing_is_left)
