/* SPDX-License-Identifier: MIT */
#include "cli/terminal.h"
#include "cli/report.h"

#include <errno.h>
#include <scratch/terminal.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int terminal_check_keys(struct scratch_error *err)
{
    if (isatty(STDIN_FILENO))
        return 0;
    usage_error(err, NULL, "leave out -i, and the terminal gets no input; or leave out -t",
                "with -i its keys come from standard input, which is not a terminal");
    snprintf(err->what, sizeof err->what, "option --tty");
    return -err->errnum;
}

struct terminal terminal_find(bool keys)
{
    int screen = isatty(STDIN_FILENO) ? STDIN_FILENO : isatty(STDOUT_FILENO) ? STDOUT_FILENO : -1;
    return (struct terminal){.keys = keys ? STDIN_FILENO : -1, .screen = screen};
}

bool terminal_size(const struct terminal *t, struct winsize *size)
{
    return t->screen >= 0 && ioctl(t->screen, TIOCGWINSZ, size) == 0;
}

/* A terminal that is not the controlling one has no foreground: nobody else is given its keys. */
static bool in_foreground(int fd)
{
    pid_t group = tcgetpgrp(fd);
    return group == getpgrp() || (group < 0 && errno == ENOTTY);
}

void terminal_take(struct terminal *t)
{
    if (t->keys >= 0 && !t->taken && in_foreground(t->keys))
        t->taken = scratch_terminal_raw(t->keys, &t->before, NULL) == 0;
}

/* What it was like before is known, if it has not been given back: it may still be raw now. */
void terminal_take_again(struct terminal *t)
{
    struct termios now;
    if (t->taken)
        t->taken = in_foreground(t->keys) && scratch_terminal_raw(t->keys, &now, NULL) == 0;
    else
        terminal_take(t);
}

/* One that is in the background by now has no say, and would be stopped for trying. */
void terminal_give_back(struct terminal *t)
{
    if (t->taken && in_foreground(t->keys))
        scratch_terminal_restore(t->keys, &t->before, NULL);
    t->taken = false;
}

bool terminal_waits(const struct terminal *t)
{
    return t->keys >= 0 && !t->taken;
}

/*
 * Its whole process group, as the key would. The kernel ignores it in a group that is an
 * orphan, where no shell could continue it: then this returns at once.
 */
void terminal_stop_job(int signal)
{
    sigset_t stop, held;
    sigemptyset(&stop);
    sigaddset(&stop, signal);
    sigprocmask(SIG_UNBLOCK, &stop, &held);
    kill(0, signal);
    sigprocmask(SIG_SETMASK, &held, NULL);
}
