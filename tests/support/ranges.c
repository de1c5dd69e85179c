/* SPDX-License-Identifier: MIT */
#include "support/ranges.h"
#include "support/test.h"

#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char *wanted_lines;
static void (*wanted_function)(void);

/* A file over another, from a tmpfs that goes with the namespace. */
static void put_over(const char *path, const char *name, const char *text)
{
    char file[64];
    snprintf(file, sizeof file, "/mnt/%s", name);
    FILE *out = fopen(file, "w");
    TEST_EXPECT(out && fputs(text, out) >= 0 && fclose(out) == 0);
    TEST_EXPECT(mount(file, path, NULL, MS_BIND, NULL) == 0);
}

static void put_passwd(void)
{
    char text[65536];
    int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, text, sizeof text - 128);
    close(fd);
    n = n < 0 ? 0 : n;
    snprintf(text + n, sizeof text - (size_t)n, "%s:x:%d:%d::/:/bin/sh\n", RANGES_USER, RANGES_UID,
             RANGES_UID);
    put_over("/etc/passwd", "passwd", text);
}

void ranges_bind(const char *lines)
{
    TEST_EXPECT(mount("tmpfs", "/mnt", "tmpfs", 0, "mode=755") == 0);
    put_over("/etc/subuid", "subuid", lines);
    put_over("/etc/subgid", "subgid", lines);
}

static void become_user(void)
{
    ranges_bind(wanted_lines);
    put_passwd();
    TEST_EXPECT(setgroups(0, NULL) == 0 && setresgid(RANGES_UID, RANGES_UID, RANGES_UID) == 0 &&
                setresuid(RANGES_UID, RANGES_UID, RANGES_UID) == 0);
    prctl(PR_SET_DUMPABLE, 1); /* a change of ids has taken it */
    wanted_function();
}

void test_with_ranges(const char *lines, void (*function)(void))
{
    if (!test_privileged())
        TEST_SKIP("only root can put other files over /etc/subuid");
    if (access("/etc/subuid", F_OK) < 0 || access("/etc/subgid", F_OK) < 0)
        TEST_SKIP("there is no /etc/subuid or /etc/subgid here: install uidmap");
    wanted_lines = lines;
    wanted_function = function;
    test_apart(become_user);
}
