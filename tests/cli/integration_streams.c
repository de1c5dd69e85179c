/* SPDX-License-Identifier: MIT */
/*
 * Standard streams that the caller has closed: what is opened next is not taken for them.
 */
#include "cli/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *records(void)
{
    static char path[300];
    if (geteuid() != 0) {
        assert_int_equal(chmod(test_directory(), 0700), 0);
        assert_int_equal(setenv("XDG_RUNTIME_DIR", test_directory(), 1), 0);
    }
    ctl_need_containers();
    snprintf(path, sizeof path, "%s/streams", test_directory());
    return path;
}

/* Its status; without the streams from one on up to standard error. */
static int run_without(int first, const char *const *arguments)
{
    const char *program = ctl_program("scratchctl");
    pid_t pid = fork();
    if (pid == 0) {
        for (int fd = first; fd < 3; fd++)
            close(fd);
        execv(program, (char *const *)arguments);
        _exit(99);
    }
    return ctl_wait(pid);
}

#define WITHOUT(first, ...)                                                                        \
    run_without((first), (const char *const[]){"scratchctl", __VA_ARGS__, NULL})

/* Its name, which cannot be printed, was written into the file for its exit status. */
static void nothing_is_printed_into_a_record(void **state)
{
    (void)state;
    const char *root = records();
    for (int first = 0; first < 3; first++) {
        int status = first < 2 ? 125 : 0;
        assert_int_equal(WITHOUT(first, "--root", root, "run", "-d", "--name", "closed", "--", "sh",
                                 "-c", "exit 5"),
                         status);
        ctl_outputs(CTL("--root", root, "wait", "closed"), "5\n");
        ctl_outputs(CTL("--root", root, "logs", "closed"), "");
        ctl_outputs(CTL("--root", root, "rm", "closed"), "closed\n");
    }
    assert_int_equal(rmdir(root), 0);
}

/* Or else nobody would know it. */
static void a_name_that_cannot_be_printed_is_said(void **state)
{
    char script[1024];
    const char *root = records();
    (void)state;
    if (access("/dev/full", W_OK) < 0)
        TEST_SKIP("there is no /dev/full");
    snprintf(script, sizeof script, "%s --root %s run -d -- sleep 600 2>&1 >/dev/full",
             ctl_program("scratchctl"), root);
    FILE *in = popen(script, "re");
    char name[32] = "";
    assert_non_null(in);
    int read =
        fscanf(in, "scratchctl: print the name of the container '%16[0-9a-f]': ENOSPC", name);
    while (fgetc(in) != EOF)
        continue;
    assert_int_equal(pclose(in), 125 << 8);
    assert_int_equal(read, 1);
    ctl_outputs(CTL("--root", root, "ps", "-q"), strcat(name, "\n"));
    assert_int_equal(CTL("--root", root, "rm", "-f", strtok(name, "\n")).status, 0);
}

static void what_cannot_be_printed_is_a_failure(void **state)
{
    (void)state;
    records();
    assert_int_equal(WITHOUT(1, "--version"), 125);
    assert_int_equal(WITHOUT(1, "ps"), 1);
    assert_int_equal(WITHOUT(2, "--version"), 0);
}

/* What it has for them is /dev/null. */
static void a_container_has_three_streams_all_the_same(void **state)
{
    (void)state;
    records();
    for (int first = 0; first < 3; first++)
        assert_int_equal(WITHOUT(first, "run", "--", "sh", "-c",
                                 "echo out && echo err >&2 && ! read line || exit 1; exit 7"),
                         7);
}

TEST_MAIN(nothing_is_printed_into_a_record, a_name_that_cannot_be_printed_is_said,
          what_cannot_be_printed_is_a_failure, a_container_has_three_streams_all_the_same)
