/* SPDX-License-Identifier: MIT */
#include "cli/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Not a file, which has a position, and never makes wait. */
int relay_open(int fd, int flags)
{
    struct stat st;
    char path[32];
    if (!isatty(fd) && (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode)))
        return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

size_t relay_waiting(const struct relay *r)
{
    return r->end - r->begin;
}

short relay_reads(const struct relay *r)
{
    return r->ended || relay_waiting(r) ? 0 : POLLIN;
}

short relay_writes(const struct relay *r)
{
    return relay_waiting(r) ? POLLOUT : 0;
}

ssize_t relay_read(struct relay *r)
{
    if (!relay_reads(r))
        return 0;
    ssize_t n;
    do
        n = read(r->from, r->data, sizeof r->data);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN)
        return -EAGAIN;
    r->ended = n <= 0;
    r->begin = 0;
    r->end = n > 0 && !r->lost ? (size_t)n : 0;
    return n < 0 ? -errno : n;
}

/* Not more than what a pipe that poll(2) found writable takes at once, where it is not O_NONBLOCK.
 */
void relay_write(struct relay *r)
{
    size_t size = relay_waiting(r) < PIPE_BUF ? relay_waiting(r) : PIPE_BUF;
    ssize_t n = size ? write(r->to, r->data + r->begin, size) : 0;
    if (n >= 0) {
        r->begin += (size_t)n;
    } else if (errno != EAGAIN && errno != EINTR) {
        r->lost = true;
        r->begin = r->end;
    }
}

void relay_give_up(struct relay *r)
{
    r->ended = r->lost = true;
    r->begin = r->end;
}
