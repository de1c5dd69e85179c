/* SPDX-License-Identifier: MIT */
#include "network/slirp.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER 1024

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int rc = -errno;
    close(fd);
    return rc;
}

static int send_all(int fd, const char *text)
{
    size_t size = strlen(text);
    while (size > 0) {
        ssize_t n = send(fd, text, size, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return -errno;
        text += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return shutdown(fd, SHUT_WR) < 0 ? -errno : 0; /* that is the end of a request */
}

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
    int fd = connect_to(path);
    if (fd < 0)
        return fd;
    int rc = send_all(fd, request);
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
