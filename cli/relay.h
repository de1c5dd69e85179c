/* SPDX-License-Identifier: MIT */
/*
 * Copying from one fd to another, a buffer at a time: what is read waits until it has been written.
 */
#ifndef CLI_RELAY_H
#define CLI_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define RELAY_SIZE 16384

struct relay {
    int from, to;
    bool ended; /* no more comes */
    bool lost;  /* what comes is thrown away: nobody is there to take it */
    size_t begin, end;
    char data[RELAY_SIZE];
};

/*
 * The same file with O_NONBLOCK, opened anew, because the flag would hold for all who share it: the
 * shell, for one. Where that cannot be done, -1.
 */
int relay_open(int fd, int flags);

/* What is still to be written. */
size_t relay_waiting(const struct relay *relay);

/* What to poll(2) the two fds for: POLLIN or 0, POLLOUT or 0. */
short relay_reads(const struct relay *relay);
short relay_writes(const struct relay *relay);

/* Read, if the buffer is empty. The number of bytes; 0 or -errno where none came. */
ssize_t relay_read(struct relay *relay);

/* Write as much as is taken now. */
void relay_write(struct relay *relay);

/* Read no more, and throw away what waits. */
void relay_give_up(struct relay *relay);

#endif
