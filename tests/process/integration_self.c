/* SPDX-License-Identifier: MIT */
/*
 * The primitives of a process, called in children of the test: they change their caller for good.
 */
#include "support/child.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static struct scratch_error err;

/* ---- scratch_seccomp_self -------------------------------------------------------------------- */

static void filter_itself(void)
{
    EXPECT_OK(scratch_seccomp_self(SCRATCH_CAP_DEFAULT, &err));
    EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    EXPECT(FAILS_WITH(syscall(SYS_mount, "", "/", "tmpfs", 0, ""), EPERM));
    EXPECT(FAILS_WITH(unshare(CLONE_NEWUSER), EPERM));
    EXPECT(FAILS_WITH(syscall(SYS_clone3, NULL, 0), ENOSYS));
    EXPECT(FAILS_WITH(syscall(600), ENOSYS));
    EXPECT(FAILS_WITH(syscall(SYS_keyctl, 0, 0, 0, 0, 0), EPERM));
    EXPECT(FAILS_WITH(socket(AF_VSOCK, SOCK_STREAM, 0), EPERM));
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    EXPECT(waitpid(pid, NULL, 0) == pid);
}

static void the_filter_holds_in_the_calling_thread(void **state)
{
    (void)state;
    TEST_IN_CHILD(filter_itself);
}

static void filter_with_room(void)
{
    static const uint64_t none;
    int without = test_has_call(SYS_clone3) ? EINVAL : ENOSYS;
    EXPECT_OK(scratch_seccomp_self(SCRATCH_CAP_ALL, &err));
    EXPECT(FAILS_WITH(syscall(SYS_clone3, &none, 0), without)); /* the kernel's own answer */
    EXPECT(FAILS_WITH(syscall(SYS_setns, -1, 0), EBADF));
}

static void capabilities_make_room_in_the_filter(void **state)
{
    (void)state;
    TEST_IN_CHILD(filter_with_room);
}

/* A terminal of the child's own. */
static int open_terminal(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    setsid();
    int terminal = open(ptsname(master), O_RDWR | O_CLOEXEC);
    EXPECT(terminal >= 0);
    return terminal;
}

static void push_freely(void)
{
    _exit(ioctl(open_terminal(), TIOCSTI, "x") == 0 ? 0 : 1);
}

static void push_filtered(void)
{
    int terminal = open_terminal();
    EXPECT_OK(scratch_seccomp_self(SCRATCH_CAP_DEFAULT, &err));
    EXPECT(FAILS_WITH(ioctl(terminal, TIOCSTI, "x"), EPERM));
    EXPECT(FAILS_WITH(syscall(SYS_ioctl, terminal, 0xdead00000000 | TIOCSTI, "x"), EPERM));
    EXPECT(ioctl(terminal, TIOCGWINSZ, &(struct winsize){0}) == 0);
}

static void a_terminal_takes_no_input_from_behind_the_filter(void **state)
{
    (void)state;
    if (child_status(push_freely) != 0)
        print_message("TIOCSTI is off on this machine: dev.tty.legacy_tiocsti\n");
    TEST_IN_CHILD(push_filtered);
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

static void reduce(void)
{
    static const char *const lines[] = {
        "CapInh:\t0000000000000000\n", "CapPrm:\t0000000000000003\n", "CapEff:\t0000000000000003\n",
        "CapBnd:\t0000000000000003\n", "CapAmb:\t0000000000000000\n", NULL};
    EXPECT_OK(scratch_capabilities_self(3, &err));
    EXPECT(has_lines(lines));
    /* What is gone stays gone; to drop what is not there needs no privilege. */
    EXPECT_OK(scratch_capabilities_self(7, &err));
    EXPECT(has_lines(lines));
}

static void refuse_to_reduce(void)
{
    EXPECT(scratch_capabilities_self(0, &err) == -EPERM);
    EXPECT(strcmp(err.call, "prctl(2)") == 0 && strstr(err.hint, "CAP_SETPCAP"));
}

static void capabilities_are_reduced_in_all_sets(void **state)
{
    (void)state;
    TEST_IN_CHILD(test_privileged() ? reduce : refuse_to_reduce);
}

/* ---- surroundings ---------------------------------------------------------------------------- */

/* As older sandboxes do: clone3 is not there. */
static void run_without_clone3(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof code / sizeof *code, code};
    const char *const argv[] = {"/bin/sh", "-c", "exit 5", NULL};
    const char *const in_time[] = {"/bin/grep", "-q", "^1[0-9]\\{9\\}\\.", "/proc/uptime", NULL};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    process.argv = argv;
    spec.process = &process;
    EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    EXPECT(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
    EXPECT(FAILS_WITH(syscall(SYS_clone3, NULL, 0), ENOSYS));
    int status = scratch_run(&spec, NULL, &err);
    EXPECT_OK(status);
    EXPECT(status == 5);
    /* clone(2) has no bit for a time namespace. */
    spec.namespaces = &namespaces;
    process.argv = in_time;
    namespaces.create |= SCRATCH_NS_TIME | (test_privileged() ? 0 : SCRATCH_NS_USER);
    namespaces.boottime_offset = INT64_C(1000000000) * 1000000000;
    EXPECT(scratch_run(&spec, NULL, &err) == 0);
}

static void containers_start_where_clone3_is_refused(void **state)
{
    (void)state;
    TEST_IN_CHILD(run_without_clone3);
}

TEST_MAIN(the_filter_holds_in_the_calling_thread, capabilities_make_room_in_the_filter,
          a_terminal_takes_no_input_from_behind_the_filter, capabilities_are_reduced_in_all_sets,
          containers_start_where_clone3_is_refused)
