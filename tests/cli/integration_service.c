/* SPDX-License-Identifier: MIT */
/*
 * Bundles: what hooks see and say, services that say when they are ready, groups and devices.
 */
#include "cli/bundle.h"
#include "base/sys.h"
#include "support/apart.h"

#include <net/if.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>

/* ---- hooks ---------------------------------------------------------------------------------- */

#define HOOK(point, script)                                                                        \
    ",\"hooks\":{\"" point "\":[{\"path\":\"/bin/sh\",\"args\":[\"sh\",\"-c\",\"" script           \
    "\"],\"env\":[\"PATH=/usr/sbin:/usr/bin:/sbin:/bin\"]}]}"

#define FAILS "echo one; echo two >&2; echo it is broken >&2; exit 3"
#define SAID  "it ended with status 3: two it is broken"

/* It is written where the hook's caller writes. */
static bool is_heard(void)
{
    int fd = (int)sys2(SYS_memfd_create, (long)"test", MFD_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void what_a_failing_hook_says_is_told(void **state)
{
    static const char *const hooks[] = {HOOK("createRuntime", FAILS),
                                        HOOK("createContainer", FAILS),
                                        HOOK("startContainer", FAILS), HOOK("poststart", FAILS)};
    (void)state;
    if (!is_heard())
        TEST_SKIP("there is no memfd_create(2)");
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++) {
        write_config("true", "", hooks[i]);
        fails(OCI("run", "--bundle", bundle_directory(), id("hook")), SAID);
    }
    write_config("true", "", HOOK("poststop", FAILS));
    struct ctl ctl = OCI("run", "--bundle", bundle_directory(), id("hook"));
    assert_int_equal(ctl.status, 0);
    assert_non_null(strstr(ctl.err, SAID));
}

/* Also where another process than its creator has started it. */
static void what_a_start_hook_says_is_told_by_start(void **state)
{
    (void)state;
    if (!is_heard())
        TEST_SKIP("there is no memfd_create(2)");
    write_config("true", "", HOOK("startContainer", FAILS));
    const char *name = id("started");
    assert_int_equal(CREATE(name).status, 0);
    fails(OCI("start", name), SAID);
    delete (name);
}

/* One that goes on in the background has its output still open. */
static void a_hook_may_leave_something_running(void **state)
{
    (void)state;
    write_config("true", "", HOOK("createRuntime", "sleep 2 & exit 0"));
    assert_int_equal(OCI("run", "--bundle", bundle_directory(), id("leaves")).status, 0);
}

/* With /proc mounted in it: the state that it reads says which process's. */
static void a_hook_finds_the_root_in_the_mount_namespace(void **state)
{
    char hook[900];
    (void)state;
    if (geteuid() != 0)
        TEST_SKIP("an ordinary user's hook may not enter the namespace alone");
    if (sys_open_tree(AT_FDCWD, "", 0) == -ENOSYS) /* else -ENOENT */
        TEST_SKIP("without open_tree(2) mounts lie over the namespace's root by then");
    snprintf(hook, sizeof hook,
             HOOK("createRuntime", "p=$(sed 's/.*pid.:\\\\([0-9]*\\\\).*/\\\\1/'); "
                                   "nsenter -t $p -m test -e %s/proc/1/status"),
             test_rootfs());
    write_config("true", "", hook);
    struct ctl ctl = OCI("run", "--bundle", bundle_directory(), id("enters"));
    if (ctl.status != 0)
        fail_msg("%s", ctl.err);
}

static int count_mounts(void)
{
    int c, count = 0;
    FILE *in = fopen("/proc/self/mountinfo", "re");
    while (in && (c = getc(in)) != EOF)
        count += c == '\n';
    if (in)
        fclose(in);
    return count;
}

static void run_in_shared_root(void)
{
    const char *root = test_rootfs();
    TEST_EXPECT(mount(root, root, NULL, MS_BIND, NULL) == 0);
    TEST_EXPECT(mount(NULL, root, NULL, MS_SHARED, NULL) == 0);
    int before = count_mounts();
    struct ctl ctl = OCI("run", "--bundle", bundle_directory(), id("shared"));
    TEST_EXPECT(ctl.status == 0);
    if (ctl.status != 0)
        print_error("%s", ctl.err);
    TEST_EXPECT(before > 0 && count_mounts() == before);
}

/* As docker asks for a volume with rshared: nothing may be attached there that the host would see.
 */
static void a_shared_root_is_no_place_for_it(void **state)
{
    (void)state;
    if (geteuid() != 0)
        TEST_SKIP("an ordinary user's mounts are in a namespace of their own");
    write_config("true", ",\"rootfsPropagation\":\"rshared\"", HOOK("createRuntime", "exit 0"));
    test_apart(run_in_shared_root);
}

/* As its command: with runc and crun it has its filter, its user and its capabilities. */
static void a_start_hook_is_confined(void **state)
{
    (void)state;
    write_config("true",
                 ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":["
                 "{\"names\":[\"mkdir\",\"mkdirat\"],\"action\":\"SCMP_ACT_ERRNO\"}]}",
                 HOOK("startContainer", "grep -q CapEff:.*[1-9a-f] /proc/self/status && exit 9; "
                                        "mkdir /proc/x"));
    fails(OCI("run", "--bundle", bundle_directory(), id("confined")), "Operation not permitted");
}

/* ---- a service ------------------------------------------------------------------------------ */

/* Who waits to hear that it is ready. */
static int wait_for_services(void)
{
    static char path[400];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    ctl_need_containers();
    snprintf(path, sizeof path, "%s/ready", test_directory());
    assert_true(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
    return fd;
}

static void heard(int fd, char *text, size_t size)
{
    struct pollfd pollfd = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&pollfd, 1, 60000), 1);
    ssize_t n = recv(fd, text, size - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    close(fd);
    unsetenv("NOTIFY_SOCKET");
}

/* The service: it says so as soon as there is a socket. Ends by itself. */
static pid_t say_ready(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    pid_t child = fork();
    if (child != 0)
        return child;
    int n = snprintf(address.sun_path, sizeof address.sun_path, "%s/%s/notify/notify.sock",
                     kept_root(), name);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    static const char text[] = "STATUS=nearly\nREADY=1\n";
    for (int i = 0; i < 3000 && n < (int)sizeof address.sun_path; i++) {
        if (sendto(fd, text, sizeof text - 1, 0, (const struct sockaddr *)&address,
                   sizeof address) > 0)
            _exit(0);
        usleep(10000);
    }
    _exit(1);
}

static void start_waits_until_it_is_ready(void **state)
{
    char text[100] = "", expected[100];
    int status;
    (void)state;
    int fd = wait_for_services();
    write_config("test -S $NOTIFY_SOCKET && sleep 60", "", "");
    const char *name = id("service");
    struct ctl ctl = CREATE(name);
    if (ctl.status != 0)
        fail_msg("%s", ctl.err);
    pid_t service = say_ready(name);
    ctl = OCI("start", name);
    if (ctl.status != 0)
        fail_msg("%s", ctl.err);
    assert_int_equal(waitpid(service, &status, 0), service);
    assert_int_equal(status, 0);
    heard(fd, text, sizeof text);
    scratch_container *container = kept_open(name);
    snprintf(expected, sizeof expected, "READY=1\nMAINPID=%d", (int)kept_state(container).pid);
    scratch_container_free(container);
    assert_string_equal(text, expected);
    delete (name);
}

static void one_that_runs_is_ready_as_scratchctl(void **state)
{
    char text[100] = "", expected[100];
    int out, status;
    (void)state;
    int fd = wait_for_services();
    write_config("test -S $NOTIFY_SOCKET && echo there; sleep 1", "", "");
    const char *name = id("runs");
    pid_t service = say_ready(name);
    pid_t ctl = CTL_START(&out, "--root", kept_root(), "run", "--bundle", bundle_directory(), name);
    ctl_expect(out, "there");
    assert_int_equal(waitpid(service, &status, 0), service);
    assert_int_equal(status, 0);
    heard(fd, text, sizeof text);
    snprintf(expected, sizeof expected, "READY=1\nMAINPID=%d", (int)ctl);
    assert_string_equal(text, expected);
    assert_int_equal(ctl_wait(ctl), 0);
    close(out);
    assert_false(kept_is_there(name));
}

static void one_that_ends_is_not_waited_for(void **state)
{
    (void)state;
    int fd = wait_for_services();
    write_config("true", "", "");
    const char *name = id("ends");
    assert_int_equal(CREATE(name).status, 0);
    assert_int_equal(OCI("start", name).status, 0);
    delete (name);
    assert_int_equal(OCI("run", DETACHED, name).status, 0);
    delete (name);
    close(fd);
    unsetenv("NOTIFY_SOCKET");
}

/* ---- groups --------------------------------------------------------------------------------- */

static void a_kept_one_keeps_its_group(void **state)
{
    char path[400];
    struct stat st;
    (void)state;
    write_config("true", "", "");
    const char *name = id("kept");
    assert_int_equal(OCI("run", "--keep", "--bundle", bundle_directory(), name).status, 0);
    assert_non_null(strstr(OCI("state", name).out, "\"status\":\"stopped\""));
    assert_non_null(strstr(OCI("list", "-q").out, name));
    scratch_container *container = kept_open(name);
    const char *const *groups = kept_state(container).cgroups;
    snprintf(path, sizeof path, "%s", *groups ? *groups : "");
    scratch_container_free(container);
    if (*path)
        assert_int_equal(stat(path, &st), 0);
    assert_int_equal(OCI("delete", name).status, 0);
    assert_false(kept_is_there(name));
    if (*path)
        assert_int_equal(stat(path, &st), -1);
}

/* ---- files ---------------------------------------------------------------------------------- */

#define MANY  100
#define LIMIT 200 /* there is no room for them twice, beside all else */

static void many_files_are_handed_over(void **state)
{
    char number[16];
    int flags[MANY], null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)state;
    assert_true(null >= 0);
    write_config("test -e /proc/self/fd/102 && test ! -e /proc/self/fd/103", "", "");
    for (int i = 0; i < MANY; i++) { /* some of these are open, and closed by an exec */
        flags[i] = fcntl(3 + i, F_GETFD);
        assert_true((flags[i] < 0 ? dup2(null, 3 + i) : fcntl(3 + i, F_SETFD, 0)) >= 0);
    }
    snprintf(number, sizeof number, "%d", MANY);
    const char *const arguments[] = {"--root",           kept_root(), "run",
                                     "--preserve-fds",   number,      "--bundle",
                                     bundle_directory(), id("files"), NULL};
    struct ctl ctl = ctl_run_limited(RLIMIT_NOFILE, LIMIT, arguments);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(flags[i] < 0 ? close(3 + i) : fcntl(3 + i, F_SETFD, flags[i]), 0);
    close(null);
    if (ctl.status != 0)
        fail_msg("%d %s", ctl.status, ctl.err);
}

/* ---- network devices ------------------------------------------------------------------------ */

/* The last of two members is taken. */
#define DEVICES                                                                                    \
    ",\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"mount\"},{\"type\":\"network\"}],"            \
    "\"netDevices\":{\"test-veth0\":{\"name\":\"eth7\"}}"

static void a_network_device_moves_with_its_addresses(void **state)
{
    (void)state;
    if (geteuid() != 0)
        TEST_SKIP("only root can give a device away");
    if (system("ip link add test-veth0 type veth peer name test-veth1 2>/dev/null && "
               "ip addr add 10.99.7.1/24 dev test-veth0 && "
               "ip addr add 10.99.7.2/24 dev test-veth0 && ip link set test-veth1 up") != 0)
        TEST_SKIP("no pair of network devices can be made");
    write_config("busybox ip addr show eth7", DEVICES, "");
    struct ctl ctl = OCI("run", "--bundle", bundle_directory(), id("device"));
    if (ctl.status != 0)
        fail_msg("%s", ctl.err);
    const char *first = strstr(ctl.out, "10.99.7.1/24");
    assert_non_null(first);
    assert_non_null(strstr(first, "10.99.7.2/24"));
    assert_int_equal(if_nametoindex("test-veth0"), 0); /* it has ended with the namespace */
    fails(OCI("run", "--bundle", bundle_directory(), id("device")), "test-veth0");
}

static void a_device_needs_a_namespace(void **state)
{
    (void)state;
    write_config("true", ",\"netDevices\":{\"lo\":{}}", "");
    fails(OCI("run", "--bundle", bundle_directory(), id("device")), "network namespace");
    write_config("true", ",\"netDevices\":{\"a/b\":{}}", "");
    fails(OCI("run", "--bundle", bundle_directory(), id("device")), "a/b");
}

TEST_MAIN(what_a_failing_hook_says_is_told, what_a_start_hook_says_is_told_by_start,
          a_hook_may_leave_something_running, a_hook_finds_the_root_in_the_mount_namespace,
          a_shared_root_is_no_place_for_it, a_start_hook_is_confined, start_waits_until_it_is_ready,
          one_that_runs_is_ready_as_scratchctl, one_that_ends_is_not_waited_for,
          a_kept_one_keeps_its_group, many_files_are_handed_over,
          a_network_device_moves_with_its_addresses, a_device_needs_a_namespace)
