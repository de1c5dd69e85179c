/* SPDX-License-Identifier: MIT */
/*
 * A start leaves the calling process as it was, whether it succeeds or fails: all that the kernel
 * tells of a process is written down before and after, and compared.
 */
#include "plan/minimal.h"
#include "plan/plan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/securebits.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

extern char **environ;

/* ---- what the kernel tells of this process -------------------------------------------------- */

/* Lines of /proc/self/status that change by themselves. */
static bool is_restless(const char *line)
{
    static const char *const restless[] = {"Vm",     "Rss",     "Hugetlb", "State", "voluntary",
                                           "nonvol", "Threads", "FDSize",  "Untag", "SigQ"};
    for (size_t i = 0; i < sizeof restless / sizeof *restless; i++)
        if (strncmp(line, restless[i], strlen(restless[i])) == 0)
            return true;
    return false;
}

static void write_file(FILE *out, const char *path)
{
    char line[4096];
    FILE *in = fopen(path, "re");
    fprintf(out, "--- %s\n", path);
    while (in && fgets(line, sizeof line, in))
        if (!is_restless(line))
            fputs(line, out);
    if (in)
        fclose(in);
}

static void write_link(FILE *out, const char *path)
{
    char text[4096];
    ssize_t n = readlink(path, text, sizeof text - 1);
    fprintf(out, "%s -> %.*s\n", path, n < 0 ? 0 : (int)n, text);
}

static void write_files(FILE *out)
{
    static const char *const files[] = {
        "status",  "cgroup",        "limits",          "mountinfo", "uid_map",
        "gid_map", "oom_score_adj", "coredump_filter", "timers",    "timerslack_ns",
        "cmdline", "comm",          "loginuid",        "setgroups", "task",
    };
    static const char *const links[] = {"cwd",
                                        "root",
                                        "exe",
                                        "ns/mnt",
                                        "ns/pid",
                                        "ns/uts",
                                        "ns/user",
                                        "ns/net",
                                        "ns/cgroup",
                                        "ns/ipc",
                                        "ns/pid_for_children",
                                        "ns/time_for_children"};
    char path[64];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "/proc/self/%s", files[i]);
        write_file(out, path);
    }
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        snprintf(path, sizeof path, "/proc/self/%s", links[i]);
        write_link(out, path);
    }
}

static int lowest_free_fd(void)
{
    int fd = dup(0);
    close(fd);
    return fd;
}

static void write_fds(FILE *out)
{
    for (int fd = 0; fd < 512; fd++) {
        char path[64];
        int flags = fcntl(fd, F_GETFD);
        if (flags < 0)
            continue;
        fprintf(out, "%d %d ", flags, fcntl(fd, F_GETFL));
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        write_link(out, path);
    }
    fprintf(out, "lowest free fd %d\n", lowest_free_fd());
}

static void write_signals(FILE *out)
{
    struct {
        void *handler;
        unsigned long flags;
        void *restorer;
        uint64_t mask;
    } action;
    uint64_t mask;
    for (int i = 1; i <= 64; i++)
        if (syscall(SYS_rt_sigaction, i, NULL, &action, sizeof mask) == 0)
            fprintf(out, "signal %d: %p %lx %llx\n", i, action.handler, action.flags,
                    (unsigned long long)action.mask);
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof mask);
    fprintf(out, "signal mask %llx\n", (unsigned long long)mask);
    stack_t stack;
    sigaltstack(NULL, &stack);
    fprintf(out, "signal stack %p %zu %d\n", stack.ss_sp, stack.ss_size, stack.ss_flags);
}

static void write_prctls(FILE *out)
{
    static const int options[] = {PR_GET_DUMPABLE,     PR_GET_KEEPCAPS,   PR_GET_SECUREBITS,
                                  PR_GET_NO_NEW_PRIVS, PR_GET_TIMERSLACK, PR_GET_SECCOMP,
                                  PR_GET_THP_DISABLE};
    static const int into_pointer[] = {PR_GET_PDEATHSIG, PR_GET_CHILD_SUBREAPER};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        fprintf(out, "prctl %d: %d\n", options[i], prctl(options[i], 0, 0, 0, 0));
    for (size_t i = 0; i < sizeof into_pointer / sizeof *into_pointer; i++) {
        int value = -1;
        prctl(into_pointer[i], &value, 0, 0, 0);
        fprintf(out, "prctl %d: %d\n", into_pointer[i], value);
    }
}

static void write_others(FILE *out)
{
    static const int keyrings[] = {KEY_SPEC_THREAD_KEYRING, KEY_SPEC_PROCESS_KEYRING,
                                   KEY_SPEC_SESSION_KEYRING, KEY_SPEC_USER_KEYRING};
    struct itimerval timer;
    mode_t mask = umask(077);
    umask(mask);
    fprintf(out, "umask %o\n", mask);
    fprintf(out, "nice %d, policy %d, personality %x\n", getpriority(PRIO_PROCESS, 0),
            sched_getscheduler(0), personality(0xffffffff));
    fprintf(out, "ioprio %ld\n", syscall(SYS_ioprio_get, 1, 0));
    fprintf(out, "session %d, group %d, parent %d\n", getsid(0), getpgrp(), getppid());
    for (size_t i = 0; i < sizeof keyrings / sizeof *keyrings; i++)
        fprintf(out, "keyring %ld\n",
                syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, keyrings[i], 0, 0, 0));
    for (int which = 0; which < 3; which++) {
        getitimer((__itimer_which_t)which, &timer);
        fprintf(out, "timer %d: %d\n", which, timer.it_value.tv_sec > 0);
    }
    for (char **v = environ; *v; v++)
        fprintf(out, "env %p %s\n", (void *)*v, *v);
}

static char *snapshot(void)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    write_files(out);
    write_fds(out);
    write_signals(out);
    write_prctls(out);
    write_others(out);
    fclose(out);
    return text;
}

/* Fails with the first line that differs. */
static void assert_same(const char *what, const char *before, const char *after)
{
    while (*before && *after) {
        size_t n = strcspn(before, "\n"), m = strcspn(after, "\n");
        if (n != m || strncmp(before, after, n) != 0) {
            print_error("%s:\nbefore: %.*s\nafter:  %.*s\n", what, (int)n, before, (int)m, after);
            fail();
        }
        before += n + (before[n] == '\n');
        after += m + (after[m] == '\n');
    }
    assert_string_equal(before, after);
}

/* ---- callers with something to lose --------------------------------------------------------- */

static void handle(int signal)
{
    (void)signal;
}

/* Set what can be set to something that a careless start would change. */
static void the_caller_has_something_to_lose(void **state)
{
    static char stack[16384];
    static const struct itimerval far = {{0, 0}, {3600, 0}};
    sigset_t some;
    (void)state;
    sigemptyset(&some);
    sigaddset(&some, SIGUSR2);
    sigaddset(&some, SIGRTMIN + 3);
    sigprocmask(SIG_BLOCK, &some, NULL);
    signal(SIGHUP, handle);
    signal(SIGPIPE, SIG_IGN);
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    setitimer(ITIMER_VIRTUAL, &far, NULL);
    umask(0137);
    setenv("LIBSCRATCH_TEST", "kept", 1);
    assert_int_equal(chdir("/usr"), 0);
    assert_int_equal(setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + 1), 0);
    prctl(PR_SET_TIMERSLACK, 77777, 0, 0, 0);
}

/* ---- the specs ------------------------------------------------------------------------------ */

static const char *const true_argv[] = {"/bin/true", NULL};

static void be_minimal(struct minimal *m)
{
    (void)m;
}

static void have_a_user_namespace(struct minimal *m)
{
    m->namespaces.create |= SCRATCH_NS_USER;
}

static void have_ranges(struct minimal *m)
{
    static const struct scratch_id_map map[] = {{0, 100000, 65536}};
    m->namespaces.create |= SCRATCH_NS_USER;
    m->namespaces.uid_map = m->namespaces.gid_map = map;
    m->namespaces.uid_map_count = m->namespaces.gid_map_count = 1;
}

static void have_a_time_namespace(struct minimal *m)
{
    m->namespaces.create |= SCRATCH_NS_TIME;
    m->namespaces.monotonic_offset = INT64_C(1000000000);
}

static void have_the_default_root(struct minimal *m)
{
    m->namespaces = (struct scratch_namespace_options)SCRATCH_NAMESPACE_OPTIONS_INIT;
    m->namespaces.hostname = "inside";
    m->rootfs = (struct scratch_rootfs_options)SCRATCH_ROOTFS_OPTIONS_INIT;
    m->process.seccomp = SCRATCH_SECCOMP_DEFAULT;
    m->process.die_with_parent = true;
}

static void have_limits(struct minimal *m)
{
    static struct scratch_cgroup_options limits = SCRATCH_CGROUP_OPTIONS_INIT;
    limits.memory_max = 256 << 20;
    limits.pids_max = 100;
    have_the_default_root(m);
    m->spec.cgroup = &limits;
}

static const struct kind {
    const char *name;
    void (*prepare)(struct minimal *m);
    bool privileged;
} kinds[] = {
    {"minimal", be_minimal, false},
    {"user namespace", have_a_user_namespace, false},
    {"ranges of ids", have_ranges, true},
    {"time namespace", have_a_time_namespace, false},
    {"default root", have_the_default_root, false},
    {"limits", have_limits, true},
};

static scratch_plan *compile_kind(const struct kind *kind, bool in_place)
{
    struct minimal m;
    minimal_begin(&m, true_argv);
    kind->prepare(&m);
    m.process.init = !in_place;
    return minimal_compile(&m);
}

static bool can_be_tried(const struct kind *kind)
{
    return !kind->privileged || test_privileged();
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void succeed(bool in_place)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct scratch_error err;
        struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
        scratch_container *c;
        if (!can_be_tried(&kinds[i]))
            continue;
        options.in_place = in_place;
        scratch_plan *plan = compile_kind(&kinds[i], in_place);
        char *before = snapshot();
        TEST_OK(scratch_plan_start(plan, &options, &c, &err), &err);
        TEST_OK(scratch_container_wait(c, &err), &err);
        scratch_container_free(c);
        char *after = snapshot();
        assert_same(kinds[i].name, before, after);
        free(before);
        free(after);
        scratch_plan_free(plan);
    }
}

static void fail_each_step(bool in_place)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!can_be_tried(&kinds[i]))
            continue;
        scratch_plan *plan = compile_kind(&kinds[i], in_place);
        char *before = snapshot();
        for (unsigned step = 1; step <= plan->block->step_count; step++) {
            struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
            scratch_container *c;
            options.in_place = in_place;
            options.fail_step = step;
            options.fail_errno = EXDEV;
            assert_int_equal(scratch_plan_start(plan, &options, &c, NULL), -EXDEV);
            assert_null(c);
        }
        char *after = snapshot();
        assert_same(kinds[i].name, before, after);
        free(before);
        free(after);
        scratch_plan_free(plan);
    }
}

static void a_start_that_succeeds_changes_nothing(void **state)
{
    (void)state;
    succeed(false);
}

static void a_start_that_fails_changes_nothing(void **state)
{
    (void)state;
    fail_each_step(false);
}

/* This is what it changes. */
static void nor_does_one_in_place_where_the_caller_is_not_dumpable(void **state)
{
    (void)state;
    test_need_in_place();
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    succeed(true);
    fail_each_step(true);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static void compiling_and_freeing_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!can_be_tried(&kinds[i]))
            continue;
        scratch_plan_free(compile_kind(&kinds[i], false)); /* libraries are loaded, and stay so */
        char *before = snapshot();
        scratch_plan_free(compile_kind(&kinds[i], false));
        char *after = snapshot();
        assert_same(kinds[i].name, before, after);
        free(before);
        free(after);
    }
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static void a_thousand_starts_take_no_memory(void **state)
{
    (void)state;
    TEST_SKIP("the allocator is the sanitizer's");
}
#else
static void a_thousand_starts_take_no_memory(void **state)
{
    scratch_plan *plan = compile_kind(&kinds[0], false);
    size_t used = 0;
    (void)state;
    for (int i = 0; i < 1020; i++) {
        struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
        scratch_container *c = NULL;
        if (i == 20)
            used = mallinfo2().uordblks;
        options.fail_step = i % 2 ? 0 : 1 + (unsigned)i % plan->block->step_count;
        int rc = scratch_plan_start(plan, &options, &c, NULL);
        assert_int_equal(rc, i % 2 ? 0 : -EIO);
        if (c)
            assert_int_equal(minimal_end(c), 0);
    }
    assert_int_equal(mallinfo2().uordblks, used);
    scratch_plan_free(plan);
}
#endif

TEST_MAIN_SEALED(the_caller_has_something_to_lose, compiling_and_freeing_changes_nothing,
                 a_start_that_succeeds_changes_nothing, a_start_that_fails_changes_nothing,
                 nor_does_one_in_place_where_the_caller_is_not_dumpable,
                 a_thousand_starts_take_no_memory)
