/* SPDX-License-Identifier: MIT */
/*
 * Starting from a process with many threads. What runs between clone and exec shares the caller's
 * memory, and its libc's locks may be held by threads that do not run in the child: so it must not
 * call libc at all. Here every lock that can be held is held, and the allocator is poisoned.
 */
#include "plan/minimal.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#endif

/* One start that takes so long hangs; on a machine that is busy otherwise it takes a second. */
#define WATCHDOG_SECONDS 120
/* When there have been enough starts, even if they are fewer than asked for. */
#define ENOUGH_SECONDS 20
#define ENOUGH_STARTS  200

/* ---- a poisoned allocator ------------------------------------------------------------------- */

#if defined(__GLIBC__) && !defined(SANITIZED)
#define POISONED

static pid_t poisoned_for;             /* the process that may allocate; 0: any */
static _Thread_local bool hold_malloc; /* the next allocation of this thread waits */
static atomic_bool holding, let_go;

static void check_process(void)
{
    static const char text[] = "libc's allocator was called between clone and exec\n";
    if (poisoned_for && syscall(SYS_getpid) != poisoned_for) {
        if (write(2, text, sizeof text - 1) < 0)
            _exit(98);
        _exit(97);
    }
}

static void wait_here(void)
{
    hold_malloc = false;
    atomic_store(&holding, true);
    while (!atomic_load(&let_go))
        usleep(1000);
}

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void __libc_free(void *old);
/* Seen by libc as well: the tests are compiled with hidden visibility. */
#pragma GCC visibility push(default)
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *old, size_t size);
void free(void *old);

void *malloc(size_t size)
{
    check_process();
    if (hold_malloc)
        wait_here();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    check_process();
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    check_process();
    if (hold_malloc)
        wait_here();
    return __libc_realloc(old, size);
}

void free(void *old)
{
    check_process();
    __libc_free(old);
}
#pragma GCC visibility pop
#endif

/* ---- starts --------------------------------------------------------------------------------- */

static unsigned long count_from_environment(const char *name, unsigned long standard)
{
    const char *text = getenv(name);
    return text ? strtoul(text, NULL, 10) : standard;
}

/* With an init, and without one: started in place, as far as this user may. */
struct plans {
    scratch_plan *plan[2];
};

static struct plans plans_of_true(void)
{
    static const char *const argv[] = {"/bin/true", NULL};
    struct plans plans;
    for (int in_place = 0; in_place < 2; in_place++) {
        struct minimal m;
        minimal_begin(&m, argv);
        m.process.init = !in_place;
        plans.plan[in_place] = minimal_compile(&m);
    }
    return plans;
}

static void free_plans(struct plans plans)
{
    scratch_plan_free(plans.plan[0]);
    scratch_plan_free(plans.plan[1]);
}

/* -errno, or the status. */
static int start_and_wait(const struct plans *plans, bool in_place)
{
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    scratch_container *c;
    options.in_place = in_place;
    alarm(WATCHDOG_SECONDS);
    int rc = scratch_plan_start(plans->plan[in_place], &options, &c, NULL);
    return rc < 0 ? rc : minimal_end(c);
}

static time_t seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* So many times, or as often as there is time for; the status that was not 0. */
static int start_often(const struct plans *plans, unsigned long count)
{
    time_t begin = seconds();
    int rc = 0;
    for (unsigned long i = 0; i < count && rc == 0; i++) {
        if (i >= ENOUGH_STARTS && seconds() - begin > ENOUGH_SECONDS)
            break;
        rc = start_and_wait(plans, i % 2);
    }
    return rc;
}

struct starter {
    pthread_t thread;
    const struct plans *plans;
    bool in_place; /* each other time */
    unsigned long count;
    int rc; /* of the first start that was not 0 */
};

static void *start_many(void *argument)
{
    struct starter *s = argument;
    for (unsigned long i = 0; i < s->count && s->rc == 0; i++)
        s->rc = start_and_wait(s->plans, s->in_place && i % 2);
    return NULL;
}

static void one_plan_is_started_from_several_threads_at_once(void **state)
{
    struct starter starters[8];
    struct plans plans = plans_of_true();
    (void)state;
    for (int i = 0; i < 8; i++) {
        starters[i] = (struct starter){.plans = &plans, .in_place = true, .count = 50};
        assert_int_equal(pthread_create(&starters[i].thread, NULL, start_many, &starters[i]), 0);
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(starters[i].thread, NULL);
        assert_int_equal(starters[i].rc, 0);
    }
    free_plans(plans);
    alarm(0);
}

/* ---- busy threads --------------------------------------------------------------------------- */

static atomic_bool stop;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static atomic_uint caught;

static void catch (int signal)
{
    (void)signal;
    atomic_fetch_add(&caught, 1);
}

static void rest(void)
{
    nanosleep(&(struct timespec){0, 200000}, NULL);
}

static void *allocate(void *unused)
{
    void *held[64] = {0};
    for (unsigned i = 0; !atomic_load(&stop); i++) {
        free(held[i % 64]);
        held[i % 64] = malloc(1 + i * 37 % 5000);
        if (i % 256 == 0)
            rest();
    }
    for (int i = 0; i < 64; i++)
        free(held[i]);
    return unused;
}

static void *print(void *unused)
{
    FILE *out = fopen("/dev/null", "we");
    while (out && !atomic_load(&stop)) {
        for (int i = 0; i < 100; i++)
            fprintf(out, "%d %f %s\n", i, i / 3.0, "text");
        fflush(NULL);
        rest();
    }
    if (out)
        fclose(out);
    return unused;
}

static void *take_locks(void *unused)
{
    while (!atomic_load(&stop)) {
        pthread_mutex_lock(&mutex);
        rest();
        pthread_mutex_unlock(&mutex);
    }
    return unused;
}

static void *open_fds(void *unused)
{
    while (!atomic_load(&stop)) {
        int fds[16];
        for (int i = 0; i < 16; i++)
            fds[i] = open("/dev/null", i % 2 ? O_RDONLY : O_RDONLY | O_CLOEXEC);
        rest();
        for (int i = 0; i < 16; i++)
            close(fds[i]);
    }
    return unused;
}

/* To the whole process, and so to the thread that starts as well; with 1 in 4 to that one alone. */
static void *raise_signals(void *starter)
{
    for (unsigned i = 0; !atomic_load(&stop); i++) {
        if (i % 4 == 0)
            pthread_kill(*(pthread_t *)starter, SIGUSR1);
        else
            kill(getpid(), SIGUSR1);
        rest();
    }
    return starter;
}

static void *change_environment(void *unused)
{
    for (unsigned i = 0; !atomic_load(&stop); i++) {
        setenv("LIBSCRATCH_TEST", i % 2 ? "some value" : "another and longer value", 1);
        rest();
    }
    return unused;
}

static void starting_among_busy_threads_does_not_hang(void **state)
{
    static void *(*const busy[])(void *) = {
        allocate, allocate, print, print, take_locks, open_fds, raise_signals, change_environment};
    enum { THREADS = 2 * sizeof busy / sizeof *busy };
    unsigned long count = count_from_environment("SCRATCH_TEST_STARTS", 10000);
    pthread_t threads[THREADS], self = pthread_self();
    struct sigaction action = {.sa_handler = catch, .sa_flags = SA_RESTART}, before;
    struct plans plans = plans_of_true();
    (void)state;
#ifdef SANITIZED
    count = count > 500 ? 500 : count;
#endif
    sigaction(SIGUSR1, &action, &before);
    atomic_store(&stop, false);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, busy[i % (THREADS / 2)], &self), 0);
#ifdef POISONED
    poisoned_for = getpid();
#endif
    int rc = start_often(&plans, count);
    atomic_store(&stop, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
#ifdef POISONED
    poisoned_for = 0;
#endif
    sigaction(SIGUSR1, &before, NULL);
    assert_int_equal(rc, 0);
    assert_true(atomic_load(&caught) > 0);
    unsetenv("LIBSCRATCH_TEST");
    free_plans(plans);
    alarm(0);
}

/* ---- held locks ----------------------------------------------------------------------------- */

#ifdef POISONED
static void the_poison_is_felt(void **state)
{
    int status;
    (void)state;
    poisoned_for = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        if (fopen("/dev/null", "re")) /* it allocates: inside libc */
            _exit(0);
        _exit(1);
    }
    poisoned_for = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 97);
}

static atomic_int locks_held;
static atomic_bool release_locks;

static void hold(void)
{
    atomic_fetch_add(&locks_held, 1);
    while (!atomic_load(&release_locks))
        usleep(1000);
}

static void *hold_streams(void *unused)
{
    flockfile(stdout);
    flockfile(stderr);
    flockfile(stdin);
    hold();
    funlockfile(stdin);
    funlockfile(stderr);
    funlockfile(stdout);
    return unused;
}

static int hold_in_callback(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)info;
    (void)size;
    (void)unused;
    hold();
    return 1;
}

static void *hold_loader(void *unused)
{
    dl_iterate_phdr(hold_in_callback, NULL);
    return unused;
}

/* setenv(3) allocates under its lock: there it waits. */
static void *hold_environment(void *unused)
{
    hold_malloc = true;
    setenv("LIBSCRATCH_TEST_HELD", "a value", 1);
    return unused;
}

static void locks_of_libc_may_be_held_by_others(void **state)
{
    static void *(*const holders[])(void *) = {hold_streams, hold_loader, hold_environment};
    pthread_t threads[3];
    struct plans plans = plans_of_true();
    int rc = 0;
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, holders[i], NULL), 0);
    while (atomic_load(&locks_held) < 2 || !atomic_load(&holding))
        usleep(1000);
    poisoned_for = getpid();
    rc = start_often(&plans, 100);
    poisoned_for = 0;
    atomic_store(&release_locks, true);
    atomic_store(&let_go, true);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(rc, 0);
    unsetenv("LIBSCRATCH_TEST_HELD");
    free_plans(plans);
    alarm(0);
}
#else
static void the_poison_is_felt(void **state)
{
    (void)state;
    TEST_SKIP("the allocator is the sanitizer's, or not glibc's");
}

static void locks_of_libc_may_be_held_by_others(void **state)
{
    (void)state;
    TEST_SKIP("the allocator is the sanitizer's, or not glibc's");
}
#endif

/* ---- forks elsewhere ------------------------------------------------------------------------ */

#define FORKS_MAX 400

static pid_t forked[FORKS_MAX];
static int forked_count;

/* Children that live on without an exec, and so keep a copy of every fd that was open just then. */
static void *fork_and_keep(void *unused)
{
    while (!atomic_load(&stop) && forked_count < FORKS_MAX) {
        pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); /* no handlers of libc's */
        if (pid == 0) {
            syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
            for (;;)
                syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
        }
        if (pid > 0)
            forked[forked_count++] = pid;
        rest();
    }
    return unused;
}

static void forks_of_other_threads_do_not_hold_a_start_up(void **state)
{
    struct plans plans = plans_of_true();
    pthread_t thread;
    int rc = 0;
    (void)state;
    atomic_store(&stop, false);
    assert_int_equal(pthread_create(&thread, NULL, fork_and_keep, NULL), 0);
    rc = start_often(&plans, 100);
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
    for (int i = 0; i < forked_count; i++) {
        kill(forked[i], SIGKILL);
        waitpid(forked[i], NULL, 0);
    }
    assert_int_equal(rc, 0);
    free_plans(plans);
    alarm(0);
}

/* ---- small stacks --------------------------------------------------------------------------- */

static void a_thread_with_a_small_stack_may_start(void **state)
{
    struct plans plans;
    struct starter starter = {.plans = &plans, .count = 2};
    pthread_attr_t attributes;
    (void)state;
#ifdef SANITIZED
    TEST_SKIP("sanitizers take more stack than that");
#endif
    plans = plans_of_true();
    pthread_attr_init(&attributes);
    assert_int_equal(pthread_attr_setstacksize(&attributes, 32768), 0);
    assert_int_equal(pthread_create(&starter.thread, &attributes, start_many, &starter), 0);
    pthread_join(starter.thread, NULL);
    pthread_attr_destroy(&attributes);
    assert_int_equal(starter.rc, 0);
    free_plans(plans);
}

TEST_MAIN_SEALED(one_plan_is_started_from_several_threads_at_once,
                 starting_among_busy_threads_does_not_hang, the_poison_is_felt,
                 locks_of_libc_may_be_held_by_others, forks_of_other_threads_do_not_hold_a_start_up,
                 a_thread_with_a_small_stack_may_start)
