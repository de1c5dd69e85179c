/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define SKIPPED      77 /* CTest's SKIP_RETURN_CODE */
#define USAGE_STATUS 2
#define REST_MS      100

const char *const variant_names[VARIANT_COUNT] = {"min",     "full",    "seccomp",
                                                  "overlay", "default", "exec"};
const char *const pace_names[PACE_COUNT] = {"b2b", "idle"};

static const char usage[] =
    "usage: bench [OPTION]...\n"
    "How fast a container starts, against the floor and other programs.\n\n"
    "  --rounds N         starts of each contestant (200 back to back, 40 after a rest)\n"
    "  --variant NAME     min, full, seccomp, overlay, default or exec (all)\n"
    "  --pace NAME        b2b (back to back) or idle (a rest of 100 ms before each) (both)\n"
    "  --only NAME,...    these contestants (all that are installed):\n"
    "                     floor empty scratchctl bundle bwrap crun runc unshare nspawn\n"
    "                     floor-call libscratch prepared pooled in-place all-of-it\n"
    "  --scratchctl PATH  the program to measure (the one of this build)\n"
    "  --syscalls         count system calls as well, with strace\n"
    "  --waiting N        measure the memory of what waits for a container as well: of N, 200 at\n"
    "                     most\n"
    "  --mounts N         with so many more mounts on the host\n"
    "  --ballast MIB      from a process that has so much memory\n"
    "  --at-once N        so many starters at the same time: the time that passes for each (1)\n"
    "  --lowers N         so many directories below the upper one of overlay: 500 at most (1)\n"
    "  --svg FILE         draw the medians\n"
    "  --guard            fail when scratchctl's full start takes more of them than it should\n"
    "  --json             for programs\n";

/* ---- rounds --------------------------------------------------------------------------------- */

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static long page_faults(void)
{
    struct rusage own, others;
    getrusage(RUSAGE_SELF, &own);
    getrusage(RUSAGE_CHILDREN, &others);
    return own.ru_minflt + others.ru_minflt;
}

static void rest(void)
{
    nanosleep(&(struct timespec){0, REST_MS * 1000000L}, NULL);
}

/* A new order in every round, the same in every run: nobody always follows the slowest. */
static void shuffle(size_t order[CONTESTANTS])
{
    static uint32_t random = 1;
    for (size_t i = CONTESTANTS - 1; i > 0; i--) {
        random = random * 1664525 + 1013904223; /* Numerical Recipes' generator */
        size_t j = (random >> 16) % (i + 1);
        size_t swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
}

static void measure(struct bench *b, struct entry *entry, enum pace pace)
{
    if (pace == PACE_IDLE)
        rest();
    contestants_rest(b);
    long faults = page_faults();
    double begin = now_ms();
    entry->status = entry_start(b, entry);
    double end = now_ms();
    entry->faults = (unsigned)(page_faults() - faults) / b->settings.at_once;
    if (entry->status == 0)
        entry->sample[entry->count++] = (end - begin) / b->settings.at_once;
}

static void run_series(struct bench *b, enum pace pace)
{
    size_t order[CONTESTANTS];
    for (size_t i = 0; i < CONTESTANTS; i++) {
        order[i] = i;
        b->entry[i].count = 0;
    }
    for (unsigned round = 0; round < b->settings.rounds[pace]; round++) {
        shuffle(order);
        for (size_t i = 0; i < CONTESTANTS; i++)
            if (entry_runs(&b->entry[order[i]]))
                measure(b, &b->entry[order[i]], pace);
    }
    report_series(b, pace);
}

/* The first start is not measured: it brings programs into memory, and shows who can run at all. */
static void warm_up(struct bench *b)
{
    for (size_t i = 0; i < CONTESTANTS; i++) {
        struct entry *entry = &b->entry[i];
        if (entry_runs(entry))
            entry->status = entry_start(b, entry);
        if (entry_runs(entry) && b->settings.syscalls)
            entry->calls = entry_syscalls(b, entry);
        if (entry_runs(entry) && b->settings.waiting)
            entry->waiting = waiting_kb(b, entry);
    }
}

static int run_variant(struct bench *b, enum variant variant)
{
    int rc = contestants_prepare(b, variant);
    if (rc == 0) {
        running_begin(b);
        warm_up(b);
        for (enum pace pace = 0; pace < PACE_COUNT; pace++)
            if (b->settings.pace[pace])
                run_series(b, pace);
        for (size_t i = 0; i < CONTESTANTS; i++)
            if (b->entry[i].status != 0)
                rc = -1;
        if (b->settings.guard && variant == VARIANT_FULL && guard_check(b) < 0)
            rc = -1;
        running_end(b);
    }
    contestants_release(b);
    return rc;
}

/* Memory that is there, and not only promised; the kernel copies what describes it at a fork. */
static int put_on_ballast(unsigned mib)
{
    size_t size = (size_t)mib << 20;
    char *memory = mib ? malloc(size) : NULL;
    if (mib && !memory)
        return -1;
    if (memory)
        memset(memory, 1, size);
    return 0; /* it stays to the end */
}

static unsigned longest(const struct settings *s)
{
    unsigned rounds = 1;
    for (enum pace pace = 0; pace < PACE_COUNT; pace++)
        if (s->rounds[pace] > rounds)
            rounds = s->rounds[pace];
    return rounds;
}

/* Returns the exit status. */
static int run(struct bench *b)
{
    unsigned rounds = longest(&b->settings);
    double *samples = calloc((size_t)CONTESTANTS * rounds, sizeof *samples);
    int status = samples ? EXIT_SUCCESS : EXIT_FAILURE;
    for (size_t i = 0; i < CONTESTANTS && samples; i++)
        b->entry[i].sample = samples + i * rounds;
    report_begin(b);
    for (enum variant v = 0; v < VARIANT_COUNT && samples; v++)
        if (b->settings.variant[v] && run_variant(b, v) < 0)
            status = EXIT_FAILURE;
    report_end(b);
    free(samples);
    return status;
}

/* ---- options -------------------------------------------------------------------------------- */

/* Choose one of a set by name, and none of the others. */
static bool choose(bool *chosen, const char *const *names, size_t count, const char *name)
{
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        chosen[i] = strcmp(names[i], name) == 0;
        found = found || chosen[i];
    }
    return found;
}

static bool take_number(unsigned *number, const char *text, long most)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*end || value < 1 || value > most)
        return false;
    *number = (unsigned)value;
    return true;
}

static bool take_rounds(struct settings *s, const char *text)
{
    unsigned rounds;
    if (!take_number(&rounds, text, 1000000))
        return false;
    for (enum pace pace = 0; pace < PACE_COUNT; pace++)
        s->rounds[pace] = rounds;
    return true;
}

static bool take_option(struct settings *s, int option, const char *value)
{
    switch (option) {
    case 'r':
        return take_rounds(s, value);
    case 'v':
        return choose(s->variant, variant_names, VARIANT_COUNT, value);
    case 'p':
        return choose(s->pace, pace_names, PACE_COUNT, value);
    case 'o':
        s->only = value;
        return true;
    case 'c':
        s->scratchctl = value;
        return true;
    case 's':
        return s->syscalls = true;
    case 'g':
        return s->syscalls = s->guard = true;
    case 'w':
        return take_number(&s->waiting, value, WAITING_MAX);
    case 'm':
        return take_number(&s->mounts, value, 100000);
    case 'b':
        return take_number(&s->ballast, value, 1 << 20);
    case 'n':
        return take_number(&s->at_once, value, STARTERS_MAX);
    case 'l':
        return take_number(&s->lowers, value, LOWERS_MAX);
    case 'd':
        s->svg = value;
        return true;
    case 'j':
        return s->json = true;
    default:
        return false;
    }
}

static bool take_options(struct settings *s, int argc, char **argv)
{
    static const struct option options[] = {
        {"rounds", required_argument, NULL, 'r'},
        {"variant", required_argument, NULL, 'v'},
        {"pace", required_argument, NULL, 'p'},
        {"only", required_argument, NULL, 'o'},
        {"scratchctl", required_argument, NULL, 'c'},
        {"syscalls", no_argument, NULL, 's'},
        {"waiting", required_argument, NULL, 'w'},
        {"mounts", required_argument, NULL, 'm'},
        {"ballast", required_argument, NULL, 'b'},
        {"at-once", required_argument, NULL, 'n'},
        {"lowers", required_argument, NULL, 'l'},
        {"svg", required_argument, NULL, 'd'},
        {"guard", no_argument, NULL, 'g'},
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!take_option(s, option, optarg))
            return false;
    return optind == argc;
}

int main(int argc, char **argv)
{
    static struct bench b = {.settings = {.rounds = {200, 40},
                                          .variant = {true, true, true, true, true, true},
                                          .at_once = 1,
                                          .lowers = 1,
                                          .pace = {true, true},
                                          .scratchctl = BENCH_SCRATCHCTL}};
    struct scratch_error err;
    if (!take_options(&b.settings, argc, argv)) {
        fputs(usage, stderr);
        return USAGE_STATUS;
    }
    if (geteuid() != 0) {
        puts("skipped: the other programs need root for a limit on pids");
        return SKIPPED;
    }
    if (scratch_seal_self(argv, &err) < 0)
        scratch_error_print("bench: no call is walked in place", &err);
    if (contestants_find(&b) < 0)
        return USAGE_STATUS;
    if (put_on_ballast(b.settings.ballast) < 0 ||
        (b.settings.svg && plot_begin(b.settings.svg) < 0))
        return EXIT_FAILURE;
    bool made = place_make(&b.place, BENCH_NOTHING, b.settings.at_once) == 0 &&
                place_crowd(&b.place, b.settings.mounts) == 0 &&
                layers_make(&b.layers, b.settings.lowers) == 0;
    int status = made ? run(&b) : SKIPPED;
    place_leave(&b.place);
    if (b.settings.svg && plot_end() < 0)
        status = EXIT_FAILURE;
    if (status == SKIPPED)
        puts("skipped: no place to start containers in");
    return status;
}
