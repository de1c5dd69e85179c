/* SPDX-License-Identifier: MIT */
/*
 * System call filters that are not libscratch's own: they may forbid, or ask the caller about, what
 * scratch-init itself has to call.
 *
 * So such a filter comes last, right before the exec. What must be said after it (the listener's
 * fd, a failed exec) is said by a thread that has no filter, and that the exec ends.
 */
#ifndef INIT_FILTER_H
#define INIT_FILTER_H

#include "step/step.h"

/* Load the filter of a step, and hand its listener, if it has one, to the caller. 0 or -errno. */
int filter_load(struct step_walk *w, const struct step *step);

/* Say something to the caller through that thread, and how it went; false when there is none. */
bool filter_say(const struct step_walk *w, const struct step_message *message, int *rc);

/* Send a message, and behind it what a program has said, or NULL. Its size or -errno. */
int filter_send(int socket, const struct step_message *message, const char *said);

/*
 * For pid 1, which such a filter is not for: a filter of its own, that leaves it what it needs to
 * reap. A process inside that gets hold of it has gained nothing.
 */
void filter_confine(void);

#endif
