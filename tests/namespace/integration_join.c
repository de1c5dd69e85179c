/* SPDX-License-Identifier: MIT */
/*
 * Namespaces that are there already: opening, joining and keeping them.
 */
#include "support/child.h"
#include "namespace/types.h"
#include "plan/minimal.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static struct scratch_error err;

static ino_t inode(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_ino;
}

static ino_t inode_of(int fd)
{
    struct stat st;
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    close(fd);
    return st.st_ino;
}

/* A process in namespaces of its own, whose host name is "there". */
static struct {
    int pidfd;
    pid_t pid;
    int meeting[2];
} other;

static int live_there(void *argument)
{
    char byte;
    (void)argument;
    close(other.meeting[1]);
    return (int)read(other.meeting[0], &byte, 1); /* until the test closes the other end */
}

static int set_up(void **state)
{
    struct scratch_namespace_options options = SCRATCH_NAMESPACE_OPTIONS_INIT;
    char path[64], line[64];
    (void)state;
    options.hostname = "there";
    assert_int_equal(pipe2(other.meeting, O_CLOEXEC), 0);
    other.pidfd = scratch_namespace_call(&options, live_there, NULL, &err);
    TEST_OK(other.pidfd, &err);
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", other.pidfd);
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    while (fgets(line, sizeof line, in) && sscanf(line, "Pid: %d", &other.pid) != 1)
        ;
    fclose(in);
    return 0;
}

static void tear_down(void)
{
    siginfo_t info;
    close(other.meeting[0]);
    close(other.meeting[1]);
    assert_int_equal(waitid(P_PIDFD, (id_t)other.pidfd, &info, WEXITED), 0);
    assert_int_equal(info.si_status, 0);
    close(other.pidfd);
}

/* ---- open ------------------------------------------------------------------------------------ */

static void a_processs_namespaces_are_opened_by_its_pidfd(void **state)
{
    char path[64];
    set_up(state);
    for (int i = 0; i < NAMESPACE_TYPES; i++) {
        snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)other.pid, namespace_types[i].name);
        assert_true(inode_of(scratch_namespace_open(other.pidfd, namespace_types[i].flag, &err)) ==
                    inode(path));
    }
    tear_down();
}

static void ones_own_namespaces_are_opened_without_one(void **state)
{
    int fd = scratch_namespace_open(-1, SCRATCH_NS_NET, &err);
    (void)state;
    TEST_OK(fd, &err);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_true(inode_of(fd) == inode("/proc/self/ns/net"));
}

/* Before 6.11 a pidfd has no ioctl for it. */
static void open_without_ioctl(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTTY),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof code / sizeof *code, code};
    char path[64];
    struct stat st;
    siginfo_t info;
    EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    EXPECT(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
    int fd = scratch_namespace_open(other.pidfd, SCRATCH_NS_UTS, &err);
    EXPECT_OK(fd);
    snprintf(path, sizeof path, "/proc/%d/ns/uts", (int)other.pid);
    EXPECT(fstat(fd, &st) == 0 && st.st_ino == inode(path));
    EXPECT(fcntl(fd, F_GETFD) == FD_CLOEXEC);
    EXPECT(scratch_namespace_open(STDIN_FILENO, SCRATCH_NS_UTS, &err) == -EBADF);
    /* Ended, and not waited for yet; then gone. */
    pid_t zombie = fork();
    if (zombie == 0)
        _exit(0);
    int pidfd = (int)syscall(SYS_pidfd_open, zombie, 0);
    EXPECT(waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT) == 0);
    EXPECT(scratch_namespace_open(pidfd, SCRATCH_NS_UTS, &err) == -ESRCH);
    EXPECT(waitid(P_PID, (id_t)zombie, &info, WEXITED) == 0);
    EXPECT(scratch_namespace_open(pidfd, SCRATCH_NS_UTS, &err) == -ESRCH);
}

static void older_kernels_give_them_through_proc(void **state)
{
    set_up(state);
    TEST_IN_CHILD(open_without_ioctl);
    tear_down();
}

static void a_process_that_has_ended_has_none(void **state)
{
    siginfo_t info;
    set_up(state);
    close(other.meeting[1]);
    assert_int_equal(waitid(P_PIDFD, (id_t)other.pidfd, &info, WEXITED), 0);
    assert_int_equal(scratch_namespace_open(other.pidfd, SCRATCH_NS_UTS, &err), -ESRCH);
    close(other.meeting[0]);
    close(other.pidfd);
}

static void what_cannot_be_opened_is_refused(void **state)
{
    (void)state;
    assert_int_equal(scratch_namespace_open(-1, 0, &err), -EINVAL);
    assert_int_equal(scratch_namespace_open(-1, SCRATCH_NS_UTS | SCRATCH_NS_IPC, &err), -EINVAL);
    assert_int_equal(scratch_namespace_open(999, SCRATCH_NS_UTS, &err), -EBADF);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(scratch_namespace_open(null, SCRATCH_NS_UTS, &err), -EBADF);
    assert_non_null(strstr(err.hint, "pidfd"));
    close(null);
    if (test_privileged())
        return;
    int init = (int)syscall(SYS_pidfd_open, 1, 0);
    assert_int_equal(scratch_namespace_open(init, SCRATCH_NS_UTS, &err), -EACCES);
    close(init);
}

/* ---- join ------------------------------------------------------------------------------------ */

static uint64_t besides(void)
{
    return test_privileged() ? 0 : SCRATCH_NS_USER;
}

static void expect_to_be_there(void)
{
    char name[65];
    EXPECT(gethostname(name, sizeof name) == 0);
    EXPECT(strcmp(name, "there") == 0);
}

static void join_by_pidfd(void)
{
    EXPECT_OK(scratch_namespace_join_self(
        other.pidfd, SCRATCH_NS_UTS | SCRATCH_NS_IPC | SCRATCH_NS_NET | besides(), &err));
    expect_to_be_there();
}

static void join_by_fd(void)
{
    int uts = scratch_namespace_open(other.pidfd, SCRATCH_NS_UTS, &err);
    EXPECT_OK(uts);
    if (!test_privileged())
        EXPECT_OK(scratch_namespace_join_self(other.pidfd, SCRATCH_NS_USER, &err));
    EXPECT_OK(scratch_namespace_join_self(uts, 0, &err));
    expect_to_be_there();
    EXPECT(fcntl(uts, F_GETFD) == FD_CLOEXEC); /* it stays the caller's */
}

static void join_by_path(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns", (int)other.pid);
    int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (!test_privileged())
        EXPECT_OK(scratch_namespace_join_path_self(directory, "user", SCRATCH_NS_USER, &err));
    EXPECT_OK(scratch_namespace_join_path_self(directory, "uts", SCRATCH_NS_UTS, &err));
    expect_to_be_there();
}

static void a_namespace_is_joined_by_pidfd_or_fd_or_path(void **state)
{
    set_up(state);
    TEST_IN_CHILD(join_by_pidfd);
    TEST_IN_CHILD(join_by_fd);
    TEST_IN_CHILD(join_by_path);
    tear_down();
}

static void *sleep_on(void *argument)
{
    pause();
    return argument;
}

static void join_wrongly(void)
{
    pthread_t thread;
    int uts = scratch_namespace_open(-1, SCRATCH_NS_UTS, &err);
    EXPECT(scratch_namespace_join_self(uts, SCRATCH_NS_IPC, &err) == -EINVAL);
    EXPECT(strstr(err.cause, "no namespace of that type"));
    EXPECT(scratch_namespace_join_self(uts, 1, &err) == -EINVAL);
    EXPECT(scratch_namespace_join_self(-1, SCRATCH_NS_UTS, &err) == -EBADF);
    EXPECT(scratch_namespace_join_path_self(AT_FDCWD, "/no/such", 0, &err) == -ENOENT);
    EXPECT(strcmp(err.subject, "/no/such") == 0);
    EXPECT(scratch_namespace_join_path_self(AT_FDCWD, "/dev/null", 0, &err) == -EINVAL);
    EXPECT(strcmp(err.subject, "/dev/null") == 0);
    EXPECT(pthread_create(&thread, NULL, sleep_on, NULL) == 0);
    EXPECT(scratch_namespace_join_self(other.pidfd, SCRATCH_NS_USER | SCRATCH_NS_UTS, &err) ==
               -EINVAL ||
           test_privileged());
    EXPECT(scratch_namespace_join_self(other.pidfd, SCRATCH_NS_MNT | besides(), &err) == -EINVAL);
    EXPECT(strstr(err.cause, "2 threads"));
}

static void a_join_that_is_refused_says_why(void **state)
{
    set_up(state);
    TEST_IN_CHILD(join_wrongly);
    tear_down();
}

/* A pipe, which nobody writes to, at the path of a namespace. */
static void a_spec_does_not_wait_for_what_is_no_namespace(void **state)
{
    const char *const argv[] = {"true", NULL};
    struct scratch_namespace_join join = {.type = SCRATCH_NS_NET, .fd = -1};
    struct minimal m;
    char path[300];
    (void)state;
    if (!test_privileged())
        TEST_SKIP("an ordinary user joins no network namespace");
    snprintf(path, sizeof path, "%s/pipe", test_directory());
    assert_int_equal(mkfifo(path, 0600), 0);
    join.path = path;
    minimal_begin(&m, argv);
    m.namespaces.join = &join;
    m.namespaces.join_count = 1;
    alarm(60);
    assert_int_equal(scratch_run(&m.spec, NULL, &err), -EINVAL);
    alarm(0);
    unlink(path);
}

static void join_without_privilege(void)
{
    int uts = scratch_namespace_open(other.pidfd, SCRATCH_NS_UTS, &err);
    scratch_capabilities_self(0, NULL);
    EXPECT(scratch_namespace_join_self(uts, SCRATCH_NS_UTS, &err) == -EPERM);
    EXPECT(strstr(err.cause, "CAP_SYS_ADMIN"));
}

static void joining_takes_privilege_there(void **state)
{
    set_up(state);
    TEST_IN_CHILD(join_without_privilege);
    tear_down();
}

/* ---- keep ------------------------------------------------------------------------------------ */

static char kept[256];

static void join_kept(void)
{
    EXPECT_OK(scratch_namespace_join_path_self(AT_FDCWD, kept, SCRATCH_NS_UTS, &err));
    expect_to_be_there();
}

static void a_kept_namespace_outlives_its_processes(void **state)
{
    if (!test_privileged())
        TEST_SKIP("keeping a namespace is mounting, and needs root");
    set_up(state);
    const char *directory = test_directory();
    snprintf(kept, sizeof kept, "%s/uts", directory);
    int at = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int uts = scratch_namespace_open(other.pidfd, SCRATCH_NS_UTS, &err);
    TEST_OK(scratch_namespace_keep(uts, at, "uts", &err), &err);
    tear_down();
    TEST_IN_CHILD(join_kept);

    assert_int_equal(scratch_namespace_keep(uts, at, "uts", &err), -EBUSY);
    close(uts);
    TEST_OK(scratch_namespace_release(at, "uts", &err), &err);
    assert_int_equal(access(kept, F_OK), -1);
    assert_int_equal(scratch_namespace_release(at, "uts", &err), -ENOENT);
    close(at);
}

static void only_a_namespace_is_kept_or_released(void **state)
{
    const char *directory = test_directory();
    (void)state;
    snprintf(kept, sizeof kept, "%s/plain", directory);
    int plain = open(kept, O_CREAT | O_RDWR | O_CLOEXEC, 0644);
    assert_int_equal(scratch_namespace_release(AT_FDCWD, kept, &err), -EINVAL);
    assert_int_equal(access(kept, F_OK), 0);
    snprintf(kept, sizeof kept, "%s/other", directory);
    assert_int_equal(scratch_namespace_keep(plain, AT_FDCWD, kept, &err), -EINVAL);
    assert_int_equal(access(kept, F_OK), -1);
    close(plain);
}

static void what_cannot_be_kept_leaves_no_file(void **state)
{
    int uts = scratch_namespace_open(-1, SCRATCH_NS_UTS, &err);
    const char *directory = test_directory();
    (void)state;
    snprintf(kept, sizeof kept, "%s/uts", directory);
    if (test_privileged()) /* its own mount namespace cannot hold itself */
        uts = (close(uts), scratch_namespace_open(-1, SCRATCH_NS_MNT, &err));
    assert_int_equal(scratch_namespace_keep(uts, AT_FDCWD, kept, &err),
                     test_privileged() ? -EINVAL : -EPERM);
    assert_string_not_equal(err.hint, "");
    assert_int_equal(access(kept, F_OK), -1);
    close(uts);
}

TEST_MAIN(a_processs_namespaces_are_opened_by_its_pidfd, ones_own_namespaces_are_opened_without_one,
          older_kernels_give_them_through_proc, a_process_that_has_ended_has_none,
          what_cannot_be_opened_is_refused, a_namespace_is_joined_by_pidfd_or_fd_or_path,
          a_join_that_is_refused_says_why, a_spec_does_not_wait_for_what_is_no_namespace,
          joining_takes_privilege_there, a_kept_namespace_outlives_its_processes,
          only_a_namespace_is_kept_or_released, what_cannot_be_kept_leaves_no_file)
