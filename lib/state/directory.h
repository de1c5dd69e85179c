/* SPDX-License-Identifier: MIT */
/*
 * Where libscratch keeps what has to be known of a container that others may meet: a directory of
 * this user's, which no other user can write to or even look into.
 */
#ifndef STATE_DIRECTORY_H
#define STATE_DIRECTORY_H

struct scratch_error;

#define STATE_PATH 4096 /* room for its path */

/* Its path: it need not be there yet. 0, or -EINVAL: this user has no place for it. */
int state_path(char path[STATE_PATH], const char *what, struct scratch_error *err);

/*
 * Open it, and make it when it is missing. Returns an fd or -errno; -EPERM: it is another user's,
 * or open to others.
 */
int state_open(const char *path);

#endif
