/* SPDX-License-Identifier: MIT */
/*
 * Running scratchctl as a person would, and looking at what it says.
 */
#ifndef TEST_CLI_CTL_H
#define TEST_CLI_CTL_H

#include "support/test.h"

#include <sys/resource.h>
#include <sys/types.h>

struct ctl {
    int status;      /* exit status; -n: it was ended by signal n */
    const char *out; /* standard output and error; good until the next run */
    const char *err;
};

/* The path of "scratchctl", or of another program of these tests; good for three calls more. */
const char *ctl_program(const char *name);

/* Run it with these arguments and nothing on standard input. */
#define CTL(...) ctl_run(NULL, (const char *const[]){__VA_ARGS__, NULL})
struct ctl ctl_run(const char *input, const char *const *arguments);

/* The same with another program that is made of scratchctl. */
struct ctl ctl_run_program(const char *program, const char *input, const char *const *arguments);
/* Run it with a soft limit of its own. */
struct ctl ctl_run_limited(int resource, rlim_t limit, const char *const *arguments);

/* Start it alone, with its standard output in a pipe, whose other end is given. */
#define CTL_START(out, ...) ctl_start((out), (const char *const[]){__VA_ARGS__, NULL})
pid_t ctl_start(int *out, const char *const *arguments);

/* It went well, and wrote this to standard output. */
void ctl_outputs(struct ctl ctl, const char *expected);

/* It ran nothing, and these words are in what it says. */
void ctl_refused(struct ctl ctl, const char *words);

/* The status of a child, as struct ctl has it. */
int ctl_wait(pid_t pid);

/* Read a line, to know that the command has come so far; fails after some seconds. */
void ctl_expect(int out, const char *line);

/* Skip the test where no container can be made at all. */
void ctl_need_containers(void);

#endif
