/* SPDX-License-Identifier: MIT */
#include "network/slirp.h"
#include "base/connection.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER 1024

/* It closes the connection behind its answer. */
static int receive_all(int fd, char *text, size_t size)
{
    size_t at = 0;
    ssize_t n;
    while (at + 1 < size && (n = recv(fd, text + at, size - 1 - at, 0)) != 0) {
        if (n < 0 && errno != EINTR)
            return -errno;
        at += n > 0 ? (size_t)n : 0;
    }
    text[at] = '\0';
    return 0;
}

/* {"error": {"desc": "bad request: ..."}}: what stands behind "desc". */
static void take_reason(const char *answer, char *said, size_t size)
{
    const char *reason = strstr(answer, "\"desc\"");
    reason = reason ? strchr(reason + 6, '"') : NULL;
    int length = reason ? (int)strcspn(reason + 1, "\"") : 0;
    snprintf(said, size, "%.*s", length, reason ? reason + 1 : "");
}

int slirp_request(const char *path, const char *request, char *said, size_t size)
{
    char answer[ANSWER];
    int fd = connection_open(path);
    if (fd < 0)
        return fd;
    int rc = connection_send(fd, request, strlen(request));
    if (rc == 0 && shutdown(fd, SHUT_WR) < 0) /* that is the end of a request */
        rc = -errno;
    if (rc == 0)
        rc = receive_all(fd, answer, sizeof answer);
    close(fd);
    if (rc < 0)
        return rc;
    if (strstr(answer, "\"return\""))
        return 0;
    take_reason(answer, said, size);
    return -EREMOTEIO;
}
