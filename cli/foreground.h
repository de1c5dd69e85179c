/* SPDX-License-Identifier: MIT */
/*
 * Staying with what was started: its keys and screen, signals, and its end.
 */
#ifndef CLI_FOREGROUND_H
#define CLI_FOREGROUND_H

#include <scratch/plan.h>
#include <stdbool.h>
#include <sys/ioctl.h>

struct foreground {
    bool terminal;    /* it has one of its own */
    bool interactive; /* and standard input is its keyboard */
    bool answered;    /* somebody answers for its filter */
    int timeout;      /* seconds after which it is ended; 0: none */
    int *notify;      /* a socket that it says at when it is ready, or -1; NULL: there is none */
    /* Start it; size: of the terminal that it is shown at, or NULL. 0 or -errno. */
    int (*start)(void *data, const struct winsize *size, scratch_container **container,
                 struct scratch_error *err);
    void *data;
};

/*
 * Start it and stay until it ends, handing signals on to it. Returns as scratch_run().
 */
int foreground_stay(const struct foreground *foreground, struct scratch_error *err);

#endif
