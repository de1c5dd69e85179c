/* SPDX-License-Identifier: MIT */
#include "cli/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME "notify.sock"

/* ---- who waits to hear ---------------------------------------------------------------------- */

/* A path, or '@' and an abstract name: unix(7). False: it is none. */
static bool find_host(struct sockaddr_un *address, socklen_t *size)
{
    const char *name = getenv("NOTIFY_SOCKET");
    size_t length = name ? strlen(name) : 0;
    if (length < 2 || length >= sizeof address->sun_path || !strchr("/@", *name))
        return false;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, name, length);
    if (*name == '@')
        address->sun_path[0] = '\0';
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    return true;
}

bool notify_is_wanted(void)
{
    struct sockaddr_un address;
    socklen_t size;
    return find_host(&address, &size);
}

static void tell_host(pid_t pid)
{
    char text[64];
    struct sockaddr_un address;
    socklen_t size;
    int n = snprintf(text, sizeof text, "READY=1\nMAINPID=%d", (int)pid);
    int fd = find_host(&address, &size) ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
    if (fd < 0)
        return;
    sendto(fd, text, (size_t)n, MSG_NOSIGNAL, (const struct sockaddr *)&address, size);
    close(fd);
}

/* ---- the container's socket ----------------------------------------------------------------- */

static int open_place(scratch_container *container, struct scratch_error *err)
{
    struct scratch_container_state state = SCRATCH_CONTAINER_STATE_INIT;
    char *path = NULL;
    int rc = scratch_container_state(container, &state, err);
    if (rc < 0)
        return rc;
    if (asprintf(&path, "%s/%s/notify", state.root, state.id) < 0)
        return -ENOMEM;
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    rc = dir < 0 ? -errno : dir;
    free(path);
    return rc;
}

/* Anybody inside may be who is ready. A path of a socket is short: the directory's fd names it. */
static int bind_in(int fd, int dir)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/" NAME, dir);
    unlinkat(dir, NAME, 0); /* of one whose start failed */
    bool bound = bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
                 fchmodat(dir, NAME, 0777, 0) == 0;
    return bound ? 0 : -errno;
}

int notify_listen(scratch_container *container, int *result, struct scratch_error *err)
{
    *result = -1;
    int dir = notify_is_wanted() ? open_place(container, err) : -ENOENT;
    if (dir == -ENOENT)
        return 0;
    int fd = dir < 0 ? -1 : socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int rc = dir < 0 ? dir : fd < 0 ? -errno : bind_in(fd, dir);
    if (dir >= 0)
        close(dir);
    *result = rc == 0 ? fd : -1;
    if (rc == 0)
        return 0;
    if (fd >= 0)
        close(fd);
    *err = (struct scratch_error){.errnum = -rc, .what = "make the socket of NOTIFY_SOCKET"};
    return rc;
}

/* ---- handing on ------------------------------------------------------------------------------ */

/* A message is lines of NAME=VALUE. */
static bool says_ready(const char *text)
{
    for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        if (strncmp(line, "READY=1", 7) == 0 && (line[7] == '\n' || !line[7]))
            return true;
    return false;
}

bool notify_hand_on(int socket, pid_t pid)
{
    char text[4096];
    ssize_t n = recv(socket, text, sizeof text - 1, MSG_DONTWAIT);
    text[n > 0 ? n : 0] = '\0';
    if (!says_ready(text))
        return false;
    tell_host(pid);
    return true;
}

void notify_wait(int socket, const scratch_container *container)
{
    struct pollfd fds[] = {
        {.fd = socket, .events = POLLIN},
        {.fd = scratch_container_pidfd(container), .events = POLLIN},
    };
    if (socket < 0)
        return;
    for (;;) {
        int ready = poll(fds, 2, -1);
        if (ready < 0 && errno != EINTR)
            break;
        if (ready > 0 && fds[0].revents && notify_hand_on(socket, scratch_container_pid(container)))
            break;
        if (ready > 0 && !fds[0].revents && fds[1].revents)
            break;
    }
    close(socket);
}
