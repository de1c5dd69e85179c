/* SPDX-License-Identifier: MIT */
/**
 * @file terminal.h
 * Terminals: a pseudoterminal of the container's own, and the one that the caller itself runs at.
 *
 * A spec with a terminal gives each of its starts a new one: pty(7). It is allocated inside, in the
 * container's own devpts. The command has it as standard input, output and error, as controlling
 * terminal of a new session and as /dev/console; the caller has its other end, the master:
 *
 *     struct scratch_terminal_options terminal = SCRATCH_TERMINAL_OPTIONS_INIT;
 *     spec.terminal = &terminal;
 *     …
 *     scratch_plan_start(plan, NULL, &container, &err);
 *     int master = scratch_container_terminal(container);
 *
 * What is written to the master are keys, with Ctrl-C and Ctrl-Z among them; what is read from it
 * goes to the screen. Copying between the two and a terminal of its own is the caller's affair,
 * in its own loop: that terminal in raw mode (scratch_terminal_raw()), so that keys come as bytes;
 * its size copied at each SIGWINCH (scratch_terminal_copy_size()); and when the command has stopped
 * (scratch_container_stopped()), its modes put back, and itself stopped.
 */
#ifndef SCRATCH_TERMINAL_H
#define SCRATCH_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>
#include <scratch/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** The terminal of a spec. */
struct scratch_terminal_options {
    size_t size;         /**< sizeof(struct scratch_terminal_options) */
    unsigned short rows; /**< 0: not known; scratch_start_options has a size for each start */
    unsigned short columns;
    bool plain_lines; /**< what it shows has no carriage return before each newline (ONLCR): for
                           who reads it without a terminal */
};

#define SCRATCH_TERMINAL_OPTIONS_INIT                                                              \
    {                                                                                              \
        sizeof(struct scratch_terminal_options), 0, 0, false                                       \
    }

/**
 * Give a terminal the size of another: TIOCSWINSZ in ioctl_tty(2). When it is another than before,
 * the programs in the foreground of @p to get a SIGWINCH.
 *
 * @param from  a terminal
 * @param to    a terminal, or a master such as scratch_container_terminal()
 * @return 0; -ENOTTY: one of the two is no terminal; -EIO: it has been hung up
 *
 * Thread-safe. Since 0.1.
 */
int scratch_terminal_copy_size(int from, int to, struct scratch_error *err);

/**
 * Put a terminal into raw mode: cfmakeraw in termios(3). Keys come at once, all of them as bytes,
 * and nothing is echoed. What was typed before is kept.
 *
 * A process in the background that does this to its controlling terminal is stopped by SIGTTOU, as
 * for any other change of modes.
 *
 * @param fd      the terminal
 * @param before  takes its modes as they were, for scratch_terminal_restore(); the caller's to keep
 * @return 0; -ENOTTY: it is no terminal; -EIO: it has been hung up
 *
 * Thread-safe. Since 0.1.
 */
int scratch_terminal_raw(int fd, struct termios *before, struct scratch_error *err);

/**
 * Put a terminal's modes back: tcsetattr in termios(3).
 *
 * @return as scratch_terminal_raw()
 *
 * Thread-safe, and may be called in a signal handler with @p err NULL. Since 0.1.
 */
int scratch_terminal_restore(int fd, const struct termios *before, struct scratch_error *err);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
