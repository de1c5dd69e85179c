/* SPDX-License-Identifier: MIT */
#include "cgroup/frozen.h"
#include "base/file.h"

#include <errno.h>
#include <string.h>

/* The beginning of a small file, or -errno. */
static ssize_t read_file(int groupfd, const char *name, char *text, size_t size)
{
    int fd = sys_openat(groupfd, name, O_RDONLY, 0);
    if (fd < 0)
        return fd;
    ssize_t n = sys_read(fd, text, size - 1);
    text[n > 0 ? n : 0] = '\0';
    sys_close(fd);
    return n;
}

int frozen_read(int groupfd)
{
    char text[256];
    if (read_file(groupfd, "freezer.state", text, sizeof text) > 0) /* v1 */
        return text_begins(text, "FROZEN");
    if (read_file(groupfd, "cgroup.freeze", text, sizeof text) < 0) /* 5.2 */
        return -ENOENT;
    ssize_t n = read_file(groupfd, "cgroup.events", text, sizeof text);
    return n < 0 ? (int)n : strstr(text, "frozen 1") != NULL;
}

bool frozen_is(int groupfd)
{
    char text[256];
    if (read_file(groupfd, "freezer.state", text, sizeof text) > 0)
        return !text_begins(text, "THAWED"); /* on the way there counts */
    return read_file(groupfd, "cgroup.events", text, sizeof text) > 0 && strstr(text, "frozen 1");
}

int frozen_set(int groupfd, bool frozen)
{
    int rc = file_write(groupfd, "freezer.state", frozen ? "FROZEN" : "THAWED");
    return rc == -ENOENT ? file_write(groupfd, "cgroup.freeze", frozen ? "1" : "0") : rc;
}
