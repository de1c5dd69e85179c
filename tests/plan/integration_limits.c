/* SPDX-License-Identifier: MIT */
/*
 * A caller under tight limits gets a clean error, or its container: never a signal, a hang or a
 * crash.
 */
#include "plan/minimal.h"
#include "support/child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PASSED 0

/* A limit, or a refusal, and the start under it: run in a child of ours. */
struct attempt {
    struct minimal minimal;
    scratch_plan *plan; /* compiled before */
    struct scratch_error err;
    int resource;
    rlim_t limit;
};

static int start_under(struct attempt *a)
{
    struct rlimit limit = {a->limit, a->limit};
    scratch_container *c = NULL;
    if (setrlimit((__rlimit_resource_t)a->resource, &limit) < 0)
        _exit(99);
    int rc = scratch_plan_start(a->plan, NULL, &c, &a->err);
    return rc < 0 ? rc : minimal_end(c);
}

/* What start_under() returned, or 1000 and the signal that ended the child. */
static int attempt(struct attempt *a)
{
    int status;
    struct attempt *shared =
        mmap(NULL, sizeof *a, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    *shared = *a;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(120);
        _exit(-start_under(shared));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    a->err = shared->err;
    munmap(shared, sizeof *a);
    return WIFEXITED(status) ? -WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void begin(struct attempt *a, int resource, rlim_t limit)
{
    memset(a, 0, sizeof *a);
    minimal_shell(&a->minimal, "exit 0");
    a->plan = minimal_compile(&a->minimal);
    a->resource = resource;
    a->limit = limit;
}

/* ---- RLIMIT_FSIZE --------------------------------------------------------------------------- */

static volatile sig_atomic_t trapped;

static void trap(int signal)
{
    trapped = signal;
}

static void no_file_size_is_an_error_and_not_a_signal(void **state)
{
    struct attempt a;
    (void)state;
    begin(&a, RLIMIT_FSIZE, 0);
    assert_int_equal(attempt(&a), -EFBIG);
    assert_int_equal(a.err.errnum, EFBIG);
    void (*before)(int) = signal(SIGXFSZ, trap);
    struct rlimit old, none = {0, RLIM_INFINITY};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    none.rlim_max = old.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    scratch_container *c;
    assert_int_equal(scratch_plan_start(a.plan, NULL, &c, NULL), -EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(trapped, 0);
    signal(SIGXFSZ, before);
    scratch_plan_free(a.plan);
}

static void a_sigxfsz_of_the_callers_own_is_left_to_it(void **state)
{
    struct attempt a;
    sigset_t set, old_mask, pending;
    struct rlimit old, none;
    scratch_container *c;
    (void)state;
    begin(&a, RLIMIT_FSIZE, 0);
    sigemptyset(&set);
    sigaddset(&set, SIGXFSZ);
    sigprocmask(SIG_BLOCK, &set, &old_mask);
    raise(SIGXFSZ);
    getrlimit(RLIMIT_FSIZE, &old);
    none = (struct rlimit){0, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    int rc = scratch_plan_start(a.plan, NULL, &c, NULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(rc, -EFBIG);
    sigpending(&pending);
    assert_true(sigismember(&pending, SIGXFSZ));
    assert_int_equal(sigtimedwait(&set, NULL, &(struct timespec){0, 0}), SIGXFSZ);
    sigprocmask(SIG_SETMASK, &old_mask, NULL);
    scratch_plan_free(a.plan);
}

/* ---- others --------------------------------------------------------------------------------- */

static void few_fds_are_an_error_or_enough(void **state)
{
    int failures = 0;
    (void)state;
    for (rlim_t limit = 3; limit < 24; limit++) {
        struct attempt a;
        begin(&a, RLIMIT_NOFILE, limit);
        int rc = attempt(&a);
        if (rc != PASSED) {
            /* EINVAL, EBADF: of a number above the limit, from fcntl(2) and dup3(2) */
            assert_true(rc == -EMFILE || rc == -EINVAL || rc == -EBADF);
            assert_int_equal(a.err.errnum, -rc);
            failures++;
        }
        scratch_plan_free(a.plan);
    }
    assert_in_range(failures, 1, 16);
}

static void no_more_processes_is_eagain(void **state)
{
    struct attempt a;
    (void)state;
    if (getuid() == 0)
        TEST_SKIP("RLIMIT_NPROC does not hold for root");
    begin(&a, RLIMIT_NPROC, 1);
    assert_int_equal(attempt(&a), -EAGAIN);
    assert_string_equal(a.err.call, "clone3(2)");
    scratch_plan_free(a.plan);
}

static rlim_t address_space(void)
{
    unsigned long pages = 0;
    FILE *in = fopen("/proc/self/statm", "re");
    assert_non_null(in);
    assert_int_equal(fscanf(in, "%lu", &pages), 1);
    fclose(in);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void little_memory_is_an_error_or_enough(void **state)
{
    (void)state;
    for (rlim_t room = 0; room < 64 << 20; room = room ? room * 4 : 16384) {
        struct attempt a;
        begin(&a, RLIMIT_AS, address_space() + room);
        int rc = attempt(&a);
        if (rc == -127 || rc == 1000 + SIGKILL) /* the command itself had too little */
            rc = PASSED;
        if (rc != PASSED && rc != -ECANCELED)
            assert_int_equal(rc, -ENOMEM);
        scratch_plan_free(a.plan);
    }
}

/* ---- surroundings that refuse what a start makes use of -------------------------------------- */

static int refuse(long call, uint32_t answer)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | answer),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

static void expect_42_without(long call)
{
    static const uint32_t answers[] = {ENOSYS, EPERM};
    for (int i = 0; i < 4; i++) {
        struct minimal m;
        struct scratch_error err = {0};
        int status;
        minimal_shell(&m, "exit 42");
        m.process.init = i % 2;
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            alarm(120);
            int rc = refuse(call, answers[i / 2]);
            _exit(rc < 0 ? 77 : scratch_run(&m.spec, NULL, &err));
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
            TEST_SKIP("this process may not load a system call filter");
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 42);
    }
}

static void without_clone3_clone_does(void **state)
{
    (void)state;
    expect_42_without(SYS_clone3);
}

static void without_memfds_a_file_does(void **state)
{
    (void)state;
    expect_42_without(SYS_memfd_create);
}

/* The setting is a pid namespace's own: in a new one, that of the caller stays as it is. */
static void refuse_memfds_and_start(void)
{
    static struct scratch_error err;
    struct minimal m;
    int fd = open("/proc/sys/vm/memfd_noexec", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "2", 1) != 1)
        _exit(77);
    close(fd);
    EXPECT(FAILS_WITH(memfd_create("test", 0x0010 /* MFD_EXEC */), EACCES));
    minimal_shell(&m, "exit 42");
    _exit(scratch_run(&m.spec, NULL, &err));
}

static void where_no_memfd_may_be_executed_a_file_does(void **state)
{
    int status;
    (void)state;
    if (!test_privileged() || access("/proc/sys/vm/memfd_noexec", W_OK) < 0)
        TEST_SKIP("vm.memfd_noexec (Linux 6.3) is not this user's to set");
    if (!test_has_call(SYS_memfd_create))
        TEST_SKIP("there are no memfds");
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        EXPECT(unshare(CLONE_NEWPID) == 0);
        pid = fork();
        if (pid == 0)
            refuse_memfds_and_start();
        EXPECT(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
        _exit(WEXITSTATUS(status));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

TEST_MAIN(no_file_size_is_an_error_and_not_a_signal, a_sigxfsz_of_the_callers_own_is_left_to_it,
          few_fds_are_an_error_or_enough, no_more_processes_is_eagain,
          little_memory_is_an_error_or_enough, without_clone3_clone_does,
          without_memfds_a_file_does, where_no_memfd_may_be_executed_a_file_does)
