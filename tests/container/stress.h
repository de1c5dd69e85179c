/* SPDX-License-Identifier: MIT */
/*
 * What one of many does who start and stop containers of the same names.
 */
#ifndef TEST_CONTAINER_STRESS_H
#define TEST_CONTAINER_STRESS_H

#include "container/kept.h"

#include <pthread.h>
#include <stdatomic.h>

#define STRESS_NAMES 10
#define STRESS_KINDS 5

/* What all of them share, in all processes. */
struct stress {
    char name[STRESS_NAMES][64];
    char environment[STRESS_NAMES][96]; /* NAME=name */
    char held[320];                     /* HELD=directory */
    char root[300];                     /* the directory of their records */
    atomic_bool end;
    atomic_int wrong;
    atomic_uint starts, refused, calls;
    /* Containers that do not go by themselves: how many were started, and deleted. */
    atomic_int won[STRESS_NAMES], deleted[STRESS_NAMES];
};

struct stress_plans {
    scratch_plan *plan[STRESS_KINDS];
    bool remove[STRESS_KINDS], wait[STRESS_KINDS];
};

struct worker {
    struct stress *stress;
    const struct stress_plans *plans;
    pthread_t thread;
    unsigned seed;
    const char *_Atomic doing;
    atomic_int name;
    _Atomic time_t since;
    atomic_bool ended;
    pid_t child[64]; /* started, and left alone; -1: waited for */
    unsigned children;
};

void stress_begin(struct stress *stress);
void stress_compile(const struct stress *stress, struct stress_plans *plans);
void stress_free(struct stress_plans *plans);

/* A thread's, until stress->end: its argument is a struct worker. */
void *stress_work(void *worker);

/* Something that may not be; err may be NULL. */
void stress_wrong(struct stress *stress, struct worker *worker, const char *what,
                  const struct scratch_error *err);

/* Let go on what is paused; end and remove what there is. */
void stress_resume_all(struct stress *stress);
void stress_end_all(struct stress *stress);

/* How much there was of it. */
void stress_say(const struct stress *stress);

#endif
