/* SPDX-License-Identifier: MIT */
/*
 * What the walk inside begins with, whoever walks: scratch-init, or the caller's child in its
 * place.
 */
#ifndef INIT_BEGIN_H
#define INIT_BEGIN_H

#include "step/step.h"

/*
 * The slots, and behind them what is handed over, have the numbers that they were put at, and are
 * closed by the next exec. fds: room for those of the slots.
 */
void begin_fds(struct step_walk *w, int fds[STEP_FDS_MAX]);

/*
 * A stream that the caller has closed, or would not hand on, is open no more. /dev/null takes its
 * place: never is the number another file's. The host's; the container has none yet.
 */
int begin_streams(struct step_walk *w);

#endif
