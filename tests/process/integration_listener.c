/* SPDX-License-Identifier: MIT */
/*
 * A filter that asks, and is loaded early, because new privileges are allowed.
 */
#include "plan/minimal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <unistd.h>

#define FILES 3

/* The number of the socket that errors are told over is one of those that are handed over. */
static void a_failed_exec_is_told_whatever_is_handed_over(void **state)
{
    static const char *const argv[] = {"/no/such/command", NULL};
    struct sock_filter filter[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    struct scratch_error err;
    struct minimal m;
    int fds[FILES];
    (void)state;
    if (!test_privileged())
        TEST_SKIP("without no_new_privs a filter takes CAP_SYS_ADMIN");
    minimal_begin(&m, argv);
    m.process.init = false;
    m.process.new_privileges = true;
    m.process.seccomp = SCRATCH_SECCOMP_FILTER;
    m.process.filter = filter;
    m.process.filter_count = 1;
    m.process.filter_flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
    for (int i = 0; i < FILES; i++)
        fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    options.fds = fds;
    for (options.fd_count = 0; options.fd_count <= FILES; options.fd_count++)
        assert_int_equal(scratch_run(&m.spec, &options, &err), -ENOENT);
    for (int i = 0; i < FILES; i++)
        close(fds[i]);
}

TEST_MAIN(a_failed_exec_is_told_whatever_is_handed_over)
