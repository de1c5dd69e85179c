/* SPDX-License-Identifier: MIT */
#include "terminal/compile.h"

int terminal_compile(struct builder *b, const struct scratch_terminal_options *options, uid_t uid,
                     bool console)
{
    int master = b->log < 0 ? -1 : builder_fd(b, -1);
    if (b->log >= 0 && master < 0)
        return master;
    struct step *step = builder_add(b, STEP_TERMINAL, STEP_CONTAINER);
    step->num[0] = uid;
    step->num[1] = console;
    step->num[2] = options->rows;
    step->num[3] = options->columns;
    step->num[4] = options->plain_lines;
    step->fd[0] = (int16_t)master;
    step->fd[1] = (int16_t)(master < 0 ? -1 : b->log);
    builder_add(b, STEP_SESSION, STEP_CONTAINER);
    b->terminal = true;
    return 0;
}
