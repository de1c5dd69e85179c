/* SPDX-License-Identifier: MIT */
#include "terminal/compile.h"

void terminal_compile(struct builder *b, const struct scratch_terminal_options *options, uid_t uid,
                      bool console)
{
    struct step *step = builder_add(b, STEP_TERMINAL, STEP_CONTAINER);
    step->num[0] = uid;
    step->num[1] = console;
    step->num[2] = options->rows;
    step->num[3] = options->columns;
    builder_add(b, STEP_SESSION, STEP_CONTAINER);
    b->terminal = true;
}
