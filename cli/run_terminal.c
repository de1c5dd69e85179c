/* SPDX-License-Identifier: MIT */
#include "cli/report.h"
#include "cli/run.h"
#include "cli/terminal.h"

#include <stdio.h>
#include <unistd.h>

int take_tty(const struct option *option, void *target, const char *value,
             struct scratch_error *err)
{
    struct run *run = target;
    bool tty;
    (void)option;
    int rc = value_flag(value, &tty, err);
    if (rc == 0)
        run->tty = tty ? RUN_TTY : RUN_NO_TTY;
    return rc;
}

int take_no_tty(const struct option *option, void *target, const char *value,
                struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    (void)value;
    (void)err;
    run->tty = RUN_NO_TTY;
    return 0;
}

/*
 * -i and -t as docker has them, but that at a terminal both are meant when neither is said, and
 * that standard input is not closed without -i. With -d, scratch-init holds the terminal's other
 * end, and what is shown there goes to the log.
 */
int run_choose_terminal(struct run *run, struct scratch_error *err)
{
    if (run->tty == RUN_TTY_UNSAID && !run->interactive && !run->oci.detach &&
        isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
        run->tty = RUN_TTY;
        run->interactive = true;
    }
    if (run->tty != RUN_TTY)
        return 0;
    if (run->interactive && !run->oci.detach && terminal_check_keys(err) < 0)
        return -err->errnum;
    if (run->oci.detach) { /* nobody's window says how large it is */
        run->terminal.rows = 24;
        run->terminal.columns = 80;
    }
    run->spec.terminal = &run->terminal;
    return 0;
}
