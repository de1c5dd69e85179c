/* SPDX-License-Identifier: MIT */
/*
 * A function in new namespaces.
 */
#include "support/child.h"
#include "namespace/types.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>

static struct scratch_error err;

/* Call a function there and wait; its status, negative when a signal ended it. */
static int call(const struct scratch_namespace_options *options, int (*function)(void *),
                void *argument)
{
    siginfo_t info = {0};
    int pidfd = scratch_namespace_call(options, function, argument, &err);
    TEST_OK(pidfd, &err);
    assert_int_equal(fcntl(pidfd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED), 0);
    close(pidfd);
    return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

static bool file_says(const char *path, const char *expected)
{
    char text[512];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    return strcmp(text, expected) == 0;
}

/* ---- which namespaces ------------------------------------------------------------------------ */

struct inodes {
    ino_t of[NAMESPACE_TYPES];
};

static struct inodes own_inodes(void)
{
    struct inodes inodes = {{0}};
    for (int i = 0; i < NAMESPACE_TYPES; i++) {
        char path[64];
        struct stat st;
        snprintf(path, sizeof path, "/proc/self/ns/%s", namespace_types[i].name);
        if (stat(path, &st) == 0)
            inodes.of[i] = st.st_ino;
    }
    return inodes;
}

/* Returns a bit for each type that is another than the parent's. */
static int compare(void *parents)
{
    const struct inodes *before = parents, now = own_inodes();
    int different = 0;
    for (int i = 0; i < NAMESPACE_TYPES; i++)
        different |= (now.of[i] != before->of[i]) << i;
    return different;
}

static void all_eight_types_can_be_new(void **state)
{
    struct scratch_namespace_options options = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct inodes own = own_inodes();
    (void)state;
    options.create = NAMESPACE_ALL;
    assert_int_equal(call(&options, compare, &own), 0xff);
}

static void only_those_asked_for_are_new(void **state)
{
    struct scratch_namespace_options options = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct inodes own = own_inodes();
    (void)state;
    options.create = SCRATCH_NS_UTS | SCRATCH_NS_USER;
    assert_int_equal(call(&options, compare, &own), 1 << 6 | 1 << 7);
    options.create = 0;
    assert_int_equal(call(&options, compare, &own), 0);
}

/* The caller leaves its UTS namespace; what it calls goes back there. */
static void join_the_old_one(void)
{
    struct scratch_namespace_options options = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_namespace_join join = {SCRATCH_NS_UTS, -1, NULL};
    struct inodes own = own_inodes();
    join.fd = scratch_namespace_open(-1, SCRATCH_NS_UTS, &err);
    EXPECT_OK(scratch_namespace_unshare_self(SCRATCH_NS_UTS, &err));
    options.create = SCRATCH_NS_IPC;
    options.join = &join;
    options.join_count = 1;
    EXPECT(call(&options, compare, &own) == 1 << 1);
}

static void a_namespace_can_be_joined_instead(void **state)
{
    (void)state;
    if (!test_privileged())
        TEST_SKIP("joining the host's namespaces needs root");
    TEST_IN_CHILD(join_the_old_one);
}

/* ---- what is set up -------------------------------------------------------------------------- */

static int see_name_and_pid(void *argument)
{
    char name[65];
    (void)argument;
    EXPECT(getpid() == 1);
    EXPECT(gethostname(name, sizeof name) == 0 && strcmp(name, "there") == 0);
    EXPECT(file_says("/proc/sys/kernel/domainname", "nowhere\n"));
    return 23;
}

static void names_are_set_and_the_result_is_the_status(void **state)
{
    struct scratch_namespace_options options = SCRATCH_NAMESPACE_OPTIONS_INIT;
    (void)state;
    options.hostname = "there";
    options.domainname = "nowhere";
    assert_int_equal(call(&options, see_name_and_pid, NULL), 23);
}

static int be_root(void *argument)
{
    (void)argument;
    EXPECT(getuid() == 0 && getgid() == 0);
    EXPECT(file_says("/proc/self/setgroups", "deny\n"));
    return 0;
}

static void ones_own_id_becomes_0(void **state)
{
    struct scratch_namespace_options options = SCRATCH_NAMESPACE_OPTIONS_INIT;
    (void)state;
    options.create |= SCRATCH_NS_USER;
    assert_int_equal(call(&options, be_root, NULL), 0);
}

static int be_another_root(void *argument)
{
    (void)argument;
    EXPECT(getuid() == 0 && getgid() == 0 && getgroups(0, NULL) == 0);
    EXPECT(file_says("/proc/self/uid_map", "         0     100000       1000\n"
                                           "      5000     200000          1\n"));
    EXPECT(setresgid(7, 7, 7) == 0 && setresuid(999, 999, 999) == 0);
    return 0;
}

static void ranges_of_ids_are_mapped_by_the_caller(void **state)
{
    static const struct scratch_id_map map[] = {{0, 100000, 1000}, {5000, 200000, 1}};
    struct scratch_namespace_options options = SCRATCH_NAMESPACE_OPTIONS_INIT;
    (void)state;
    options.create |= SCRATCH_NS_USER;
    options.uid_map = options.gid_map = map;
    options.uid_map_count = options.gid_map_count = 2;
    if (!test_privileged()) {
        /* newuidmap does not give what is in no file to a user that it does not know. */
        assert_true(scratch_namespace_call(&options, be_another_root, NULL, &err) < 0);
        assert_true(strstr(err.cause, "newuidmap") || strstr(err.subject, "newuidmap"));
        TEST_SKIP("ranges need CAP_SETUID");
    }
    assert_int_equal(call(&options, be_another_root, NULL), 0);
}

static int find_shared_mounts(void *argument)
{
    char line[4096];
    FILE *in = fopen("/proc/self/mountinfo", "re");
    (void)argument;
    EXPECT(in);
    while (fgets(line, sizeof line, in))
        EXPECT(!strstr(line, " shared:") && !strstr(line, " master:"));
    fclose(in);
    return 0;
}

/* Where the caller's mounts are shared, as systemd makes them. */
static void share_and_call(void)
{
    struct scratch_namespace_options options = SCRATCH_NAMESPACE_OPTIONS_INIT;
    EXPECT(unshare(CLONE_NEWNS) == 0);
    EXPECT(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) == 0);
    EXPECT(call(&options, find_shared_mounts, NULL) == 0);
}

static void mounts_are_private(void **state)
{
    (void)state;
    if (!test_privileged())
        TEST_SKIP("sharing mounts needs root");
    TEST_IN_CHILD(share_and_call);
}

static double uptime(void)
{
    double seconds = 0;
    FILE *in = fopen("/proc/uptime", "re");
    EXPECT(in && fscanf(in, "%lf", &seconds) == 1);
    fclose(in);
    return seconds;
}

static int look_at_clocks(void *argument)
{
    struct timespec *before = argument, now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long seconds = (long)(before->tv_sec - now.tv_sec);
    EXPECT(seconds == 5 || seconds == 6); /* set back by 5.5 s, within the last half */
    EXPECT(uptime() > 1000000);
    return 0;
}

static void clocks_are_offset(void **state)
{
    struct scratch_namespace_options options = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct timespec now;
    (void)state;
    options.create |= SCRATCH_NS_TIME;
    options.boottime_offset = INT64_C(1000000) * 1000000000;
    options.monotonic_offset = -INT64_C(5500000000);
    clock_gettime(CLOCK_MONOTONIC, &now);
    assert_int_equal(call(&options, look_at_clocks, &now), 0);
}

/* ---- the child ------------------------------------------------------------------------------- */

static int count_fds(void *argument)
{
    return (int)test_residue().fds - *(const int *)argument;
}

static void nothing_of_the_librarys_is_left_open_in_the_child(void **state)
{
    struct scratch_namespace_options options = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_namespace_join join = {SCRATCH_NS_UTS, -1, "/proc/self/ns/uts"};
    int fds = (int)test_residue().fds;
    (void)state;
    if (test_privileged()) {
        options.create &= ~SCRATCH_NS_UTS;
        options.join = &join;
        options.join_count = 1;
    }
    assert_int_equal(call(&options, count_fds, &fds), 0);
}

static int raise_signal(void *argument)
{
    raise(*(const int *)argument);
    return 0;
}

static void the_child_can_signal_itself(void **state)
{
    struct scratch_namespace_options options = SCRATCH_NAMESPACE_OPTIONS_INIT;
    int signal = SIGTERM;
    (void)state;
    options.create = SCRATCH_NS_UTS;
    /* raise(3) looks up its thread's id in memory that the child has a copy of. */
    assert_int_equal(call(&options, raise_signal, &signal), -SIGTERM);
}

static void *sleep_on(void *argument)
{
    pause();
    return argument;
}

static int answer(void *argument)
{
    return *(const int *)argument;
}

static void call_from_a_thread(void)
{
    struct scratch_namespace_options options = SCRATCH_NAMESPACE_OPTIONS_INIT;
    int number = 42;
    siginfo_t info = {0};
    pthread_t thread;
    EXPECT(pthread_create(&thread, NULL, sleep_on, NULL) == 0);
    options.create |= SCRATCH_NS_USER;
    int pidfd = scratch_namespace_call(&options, answer, &number, &err);
    EXPECT_OK(pidfd);
    EXPECT(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) == 0 && info.si_status == 42);
}

static void threads_are_not_in_its_way(void **state)
{
    (void)state;
    TEST_IN_CHILD(call_from_a_thread);
}

/* ---- failures -------------------------------------------------------------------------------- */

static int never(void *argument)
{
    (void)argument;
    EXPECT(!"the function is called though a step failed");
    return 0;
}

static void a_step_that_fails_is_described(void **state)
{
    struct scratch_namespace_options options = SCRATCH_NAMESPACE_OPTIONS_INIT;
    (void)state;
    options.create |= SCRATCH_NS_TIME;
    options.boottime_offset = INT64_MAX; /* 292 years: the kernel allows it no more than half */
    options.monotonic_offset = -INT64_MAX;
    assert_int_equal(scratch_namespace_call(&options, never, NULL, &err), -ERANGE);
    assert_int_equal(err.side, SCRATCH_SIDE_CHILD);
    assert_non_null(strstr(err.what, "clocks' offsets"));
}

static void a_join_that_fails_is_described(void **state)
{
    struct scratch_namespace_options options = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_namespace_join join = {SCRATCH_NS_UTS, -1, "/dev/null"};
    (void)state;
    options.create = SCRATCH_NS_IPC;
    options.join = &join;
    options.join_count = 1;
    assert_int_equal(scratch_namespace_call(&options, never, NULL, &err), -EINVAL);
    assert_int_equal(err.side, SCRATCH_SIDE_CONTAINER);
    join.path = "/no/such/namespace";
    assert_int_equal(scratch_namespace_call(&options, never, NULL, &err), -ENOENT);
    assert_string_equal(err.subject, join.path);
}

static void options_of_other_headers_are_refused(void **state)
{
    struct scratch_namespace_options options = SCRATCH_NAMESPACE_OPTIONS_INIT;
    (void)state;
    options.size = sizeof options + 8;
    assert_int_equal(scratch_namespace_call(&options, never, NULL, &err), -EINVAL);
    options.size = 1;
    assert_int_equal(scratch_namespace_call(&options, never, NULL, &err), -EINVAL);
}

TEST_MAIN(all_eight_types_can_be_new, only_those_asked_for_are_new,
          a_namespace_can_be_joined_instead, names_are_set_and_the_result_is_the_status,
          ones_own_id_becomes_0, ranges_of_ids_are_mapped_by_the_caller, mounts_are_private,
          clocks_are_offset, nothing_of_the_librarys_is_left_open_in_the_child,
          the_child_can_signal_itself, threads_are_not_in_its_way, a_step_that_fails_is_described,
          a_join_that_fails_is_described, options_of_other_headers_are_refused)
