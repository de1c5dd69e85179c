/* SPDX-License-Identifier: MIT */
/*
 * The terminal that scratchctl itself runs at.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <sys/ioctl.h>
#include <termios.h>

struct terminal {
    int keys;   /* standard input, when its keys are for the container; or -1 */
    int screen; /* the one whose size the container's shall have, or -1 */
    bool taken; /* its keys come to us as bytes */
    struct termios before;
};

struct scratch_error;

/* With -i and -t: the keys are standard input's, which has to be a terminal for that. */
int terminal_check_keys(struct scratch_error *err);

#define TERMINAL_NONE ((struct terminal){.keys = -1, .screen = -1})

/* Take nothing yet; keys: whether standard input's are for the container. */
struct terminal terminal_find(bool keys);

/* Its size; false when there is no terminal to have one. */
bool terminal_size(const struct terminal *terminal, struct winsize *size);

/* Take the keys, when scratchctl is in the foreground, and has not taken them. */
void terminal_take(struct terminal *terminal);

/* The same after a stop, in which the shell may have given it modes of its own. */
void terminal_take_again(struct terminal *terminal);

/* Put its modes back. */
void terminal_give_back(struct terminal *terminal);

/* True while the keys are for the container, but others have the terminal. */
bool terminal_waits(const struct terminal *terminal);

/* Stop all of scratchctl's job by a signal, as Ctrl-Z stops others; returns when it is continued.
 */
void terminal_stop_job(int signal);

#endif
