/* SPDX-License-Identifier: MIT */
/*
 * Running a hook and waiting for it, by raw system calls: in scratch-init, and in a caller whose
 * own children, signals and threads it does not touch.
 */
#ifndef HOOK_RUN_H
#define HOOK_RUN_H

#include <stdint.h>

struct hook_call {
    const char *path;
    char *const *argv;
    char *const *env;
    int input;        /* its standard input: read from the beginning */
    int directory;    /* where it begins, or -1: where the caller is */
    unsigned timeout; /* seconds; 0: none */
    int error;        /* -errno: it could not be run; -ETIMEDOUT */
    int status;       /* as wait4(2) has it */
    int output;       /* hook_run()'s own */
    char *said;       /* room for the end of what it has complained of, or NULL */
    unsigned room;
};

/* 0 when it has ended with status 0; -errno. */
int hook_run(struct hook_call *call);

/* The exit status of a call, 128 + n for signal n. */
static inline uint32_t hook_status(const struct hook_call *call)
{
    int by_signal = call->status & 0x7f;
    return (uint32_t)(by_signal ? 128 + by_signal : call->status >> 8 & 0xff);
}

#endif
