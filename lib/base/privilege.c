/* SPDX-License-Identifier: MIT */
#include "base/privilege.h"
#include "base/sys.h"

#include <stdio.h>
#include <string.h>

uint64_t privilege_effective(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    if (sys2(SYS_capget, (long)&header, (long)data) < 0)
        return 0;
    return data[0].effective | (uint64_t)data[1].effective << 32;
}

/* The beginning of a small file, as a string; false when it cannot be read. */
static bool read_start(const char *path, char *text, size_t size)
{
    int fd = sys_openat(AT_FDCWD, path, O_RDONLY, 0);
    ssize_t n = fd < 0 ? fd : sys_read(fd, text, size - 1);
    if (fd >= 0)
        sys_close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n >= 0;
}

/* The first user namespace has a number of its own, which every kernel gives it. */
static bool is_first_namespace(void)
{
    static const char first[] = "user:[4026531837]";
    char text[32];
    ssize_t n = sys_readlinkat(AT_FDCWD, "/proc/self/ns/user", text, sizeof text);
    return n == sizeof first - 1 && memcmp(text, first, sizeof first - 1) == 0;
}

bool privilege_all_ids(void)
{
    unsigned inside = 0, outside = 0, count = 0;
    char text[128];
    if (is_first_namespace())
        return true;
    if (!read_start("/proc/self/uid_map", text, sizeof text))
        return true; /* a kernel without user namespaces */
    int n = sscanf(text, "%u %u %u", &inside, &outside, &count);
    return n == 3 && inside == 0 && outside == 0 && count == UINT32_MAX;
}

bool privilege_may_set_groups(void)
{
    char text[16];
    return !read_start("/proc/self/setgroups", text, sizeof text) || strncmp(text, "deny", 4) != 0;
}
