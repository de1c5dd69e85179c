/* SPDX-License-Identifier: MIT */
/*
 * A file system of records that is full: what cannot be remembered does not begin, and how what has
 * begun ends is remembered.
 */
#include "cli/ctl.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* A small one, in the mount namespace that tests have. */
static const char *small(void)
{
    static char path[300];
    if (geteuid() != 0 || !test_privileged())
        TEST_SKIP("only root can mount a file system that is soon full");
    ctl_need_containers();
    snprintf(path, sizeof path, "%s/small", test_directory());
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(mount("none", path, "tmpfs", 0, "size=64k,mode=700"), 0);
    return path;
}

static void fill(const char *directory)
{
    static const char page[4096];
    char path[400];
    snprintf(path, sizeof path, "%s/fill", directory);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    while (write(fd, page, sizeof page) > 0)
        ;
    close(fd);
}

static void how_it_ends_is_known_all_the_same(void **state)
{
    char records[320], path[400], line[500];
    (void)state;
    const char *directory = small();
    snprintf(records, sizeof records, "%s/records", directory);
    assert_int_equal(CTL("--root", records, "run", "-d", "--name", "full", "--", "sh", "-c",
                         "trap 'exit 4' TERM; while :; do sleep 0.05; done")
                         .status,
                     0);
    sleep(1); /* the trap is set by then */
    fill(directory);
    snprintf(line, sizeof line, "ENOSPC: the file system of %s is full (make room there", records);
    ctl_refused(CTL("--root", records, "run", "-d", "--name", "other", "--", "true"), line);
    ctl_outputs(CTL("--root", records, "stop", "-t", "60", "full"), "full\n");
    ctl_outputs(CTL("--root", records, "wait", "full"), "4\n");
    ctl_outputs(CTL("--root", records, "rm", "full"), "full\n");
    snprintf(path, sizeof path, "%s/fill", directory);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(records), 0);
    assert_int_equal(umount(directory), 0);
    assert_int_equal(rmdir(directory), 0);
}

TEST_MAIN(how_it_ends_is_known_all_the_same)
