/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "container/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* To where it listens: the record's directory is named by its fd, for such paths are short. */
static int connect_to(int dir)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/" RECORD_SOCKET, dir);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int rc = -errno;
    close(fd);
    return rc;
}

static int has_ended(const struct scratch_container *c, struct scratch_error *err)
{
    return error_because(err, ESRCH, "start the container", c->id, "it has ended",
                         "delete it, and create it anew");
}

static int check_status(const struct scratch_container *c, struct scratch_error *err)
{
    enum scratch_status status = handle_status(c);
    if (status == SCRATCH_STATUS_CREATED)
        return 0;
    if (status == SCRATCH_STATUS_STOPPED)
        return has_ended(c, err);
    error_because(err, EINVAL, "start the container", c->id, NULL, NULL);
    if (err)
        error_write(err->cause, "it does not wait to be started: it is %s",
                    scratch_status_name(status));
    return -EINVAL;
}

static int start_locked(struct scratch_container *c, struct scratch_error *err)
{
    int rc = check_status(c, err);
    if (rc < 0)
        return rc;
    int socket = connect_to(c->record);
    if (socket == -ECONNREFUSED) /* it has just ended */
        return has_ended(c, err);
    if (socket < 0)
        return error_call(err, -socket, "connect(2)", "start the container", c->id, NULL);
    rc = container_resume(c, socket, err);
    if (c->resumed)
        unlinkat(c->record, RECORD_SOCKET, 0);
    return rc;
}

int scratch_container_start(scratch_container *c, struct scratch_error *err)
{
    int rc = handle_lock(c, "start the container", err);
    if (rc < 0)
        return rc;
    rc = start_locked(c, err);
    handle_unlock(c);
    return rc;
}
