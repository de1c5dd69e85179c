/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <errno.h>
#include <scratch/terminal.h>
#include <stdio.h>
#include <sys/ioctl.h>

static int failed(struct scratch_error *err, const char *call, const char *what, int fd)
{
    char number[16];
    int errnum = errno;
    if (!err) /* perhaps in a signal handler */
        return -errnum;
    snprintf(number, sizeof number, "%d", fd);
    return error_call(err, errnum, call, what, number,
                      errnum == ENOTTY ? "give the fd of a terminal" : NULL);
}

int scratch_terminal_copy_size(int from, int to, struct scratch_error *err)
{
    struct winsize size;
    if (ioctl(from, TIOCGWINSZ, &size) < 0)
        return failed(err, "ioctl(2)", "read a terminal's size", from);
    if (ioctl(to, TIOCSWINSZ, &size) < 0)
        return failed(err, "ioctl(2)", "set a terminal's size", to);
    return 0;
}

/* At once, in both: to wait for what is still to be shown could be to wait for ever. */
int scratch_terminal_raw(int fd, struct termios *before, struct scratch_error *err)
{
    struct termios raw;
    if (tcgetattr(fd, before) < 0)
        return failed(err, "tcgetattr(3)", "read a terminal's modes", fd);
    raw = *before;
    cfmakeraw(&raw);
    return scratch_terminal_restore(fd, &raw, err);
}

int scratch_terminal_restore(int fd, const struct termios *modes, struct scratch_error *err)
{
    int rc;
    do
        rc = tcsetattr(fd, TCSANOW, modes);
    while (rc < 0 && errno == EINTR);
    return rc < 0 ? failed(err, "tcsetattr(3)", "set a terminal's modes", fd) : 0;
}
