/* SPDX-License-Identifier: MIT */
/*
 * The primitives of a process, called in children of the test: they change their caller for good.
 */
#include "support/test.h"
#include "base/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Call a function in a child; the line of what it found wrong, or 0. */
static int in_child(int (*function)(void))
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(function());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* In a child: asserts would unwind into the parent's copy of the test. */
#define EXPECT(condition)                                                                          \
    if (!(condition))                                                                              \
    return __LINE__ & 0xff ? __LINE__ & 0xff : 1

#define FAILS_WITH(call, number) ((errno = 0, (call)) < 0 && errno == (number))

/* ---- scratch_seccomp_self -------------------------------------------------------------------- */

static int filter_itself(void)
{
    EXPECT(scratch_seccomp_self(SCRATCH_CAP_DEFAULT, NULL) == 0);
    EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    EXPECT(FAILS_WITH(syscall(SYS_mount, "", "/", "tmpfs", 0, ""), EPERM));
    EXPECT(FAILS_WITH(unshare(CLONE_NEWUSER), EPERM));
    EXPECT(FAILS_WITH(syscall(SYS_clone3, NULL, 0), ENOSYS));
    EXPECT(FAILS_WITH(syscall(600), ENOSYS));
    EXPECT(FAILS_WITH(syscall(SYS_keyctl, 0, 0, 0, 0, 0), EPERM));
    EXPECT(FAILS_WITH(socket(AF_VSOCK, SOCK_STREAM, 0), EPERM));
    EXPECT(in_child(getpid) != 0); /* fork and threads still work */
    return 0;
}

static void the_filter_holds_in_the_calling_thread(void **state)
{
    (void)state;
    assert_int_equal(in_child(filter_itself), 0);
}

static int filter_with_room(void)
{
    const struct clone_args_ {
        uint64_t flags;
    } none = {0};
    EXPECT(scratch_seccomp_self(SCRATCH_CAP_ALL, NULL) == 0);
    EXPECT(FAILS_WITH(syscall(SYS_clone3, &none, 0), EINVAL)); /* the kernel's own answer */
    EXPECT(FAILS_WITH(syscall(SYS_setns, -1, 0), EBADF));
    return 0;
}

static void capabilities_make_room_in_the_filter(void **state)
{
    (void)state;
    assert_int_equal(in_child(filter_with_room), 0);
}

/* A terminal of the child's own, where TIOCSTI works unless something forbids it. */
static int push_input(bool filter)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    setsid();
    int terminal = open(ptsname(master), O_RDWR | O_CLOEXEC);
    EXPECT(terminal >= 0);
    if (!filter)
        return ioctl(terminal, TIOCSTI, "x") == 0 ? 0 : 1;
    EXPECT(scratch_seccomp_self(SCRATCH_CAP_DEFAULT, NULL) == 0);
    EXPECT(FAILS_WITH(ioctl(terminal, TIOCSTI, "x"), EPERM));
    EXPECT(FAILS_WITH(syscall(SYS_ioctl, terminal, 0xdead00000000 | TIOCSTI, "x"), EPERM));
    EXPECT(ioctl(terminal, TIOCGWINSZ, &(struct winsize){0}) == 0);
    return 0;
}

static int push_freely(void)
{
    return push_input(false);
}

static int push_filtered(void)
{
    return push_input(true);
}

static void a_terminal_takes_no_input_from_behind_the_filter(void **state)
{
    (void)state;
    if (in_child(push_freely) != 0)
        print_message("TIOCSTI is off on this machine: dev.tty.legacy_tiocsti\n");
    assert_int_equal(in_child(push_filtered), 0);
}

/* ---- scratch_capabilities_self --------------------------------------------------------------- */

static bool has_lines(const char *const *lines)
{
    char text[8192];
    int fd = open("/proc/thread-self/status", O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    for (; *lines; lines++)
        if (!strstr(text, *lines))
            return false;
    return true;
}

static int reduce(void)
{
    static const char *const lines[] = {
        "CapInh:\t0000000000000000\n", "CapPrm:\t0000000000000003\n", "CapEff:\t0000000000000003\n",
        "CapBnd:\t0000000000000003\n", "CapAmb:\t0000000000000000\n", NULL};
    EXPECT(scratch_capabilities_self(3, NULL) == 0);
    EXPECT(has_lines(lines));
    /* What is gone stays gone; to drop what is not there needs no privilege. */
    EXPECT(scratch_capabilities_self(7, NULL) == 0);
    EXPECT(has_lines(lines));
    return 0;
}

static int refuse_to_reduce(void)
{
    struct scratch_error err;
    EXPECT(scratch_capabilities_self(0, &err) == -EPERM);
    EXPECT(strcmp(err.call, "prctl(2)") == 0 && strstr(err.hint, "CAP_SETPCAP"));
    return 0;
}

static void capabilities_are_reduced_in_all_sets(void **state)
{
    (void)state;
    assert_int_equal(in_child(test_privileged() ? reduce : refuse_to_reduce), 0);
}

/* ---- surroundings ---------------------------------------------------------------------------- */

/* As older sandboxes do: clone3 is not there. */
static int run_without_clone3(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof code / sizeof *code, code};
    const char *const argv[] = {"/bin/sh", "-c", "exit 5", NULL};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    process.argv = argv;
    spec.process = &process;
    EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    EXPECT(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
    EXPECT(FAILS_WITH(syscall(SYS_clone3, NULL, 0), ENOSYS));
    EXPECT(scratch_run(&spec, NULL, NULL) == 5);
    /* clone(2) has no bit for a time namespace. */
    spec.namespaces = &namespaces;
    namespaces.create |= SCRATCH_NS_TIME;
    EXPECT(scratch_run(&spec, NULL, NULL) == -ENOSYS);
    return 0;
}

static void containers_start_where_clone3_is_refused(void **state)
{
    (void)state;
    assert_int_equal(in_child(run_without_clone3), 0);
}

TEST_MAIN(the_filter_holds_in_the_calling_thread, capabilities_make_room_in_the_filter,
          a_terminal_takes_no_input_from_behind_the_filter, capabilities_are_reduced_in_all_sets,
          containers_start_where_clone3_is_refused)
