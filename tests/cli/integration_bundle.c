/* SPDX-License-Identifier: MIT */
/*
 * Bundles at the command line: from create to delete, as container engines and people call it.
 */
#include "cli/bundle.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

static void a_bundle_goes_from_create_to_delete(void **state)
{
    (void)state;
    write_config("sleep 60", "", "");
    struct ctl ctl = CREATE(id("whole"));
    if (ctl.status != 0)
        fail_msg("%s", ctl.err);
    fails(CREATE(id("whole")), "there is a container of that name");
    assert_non_null(strstr(OCI("state", id("whole")).out, "\"status\":\"created\""));
    assert_non_null(strstr(OCI("list", "-q").out, id("whole")));
    assert_int_equal(OCI("start", id("whole")).status, 0);
    fails(OCI("start", id("whole")), "it is running");
    fails(OCI("delete", id("whole")), "it is running");
    delete (id("whole"));
    delete (id("whole"));
    fails(OCI("state", id("whole")), "does not exist");
    fails(OCI("ps", id("whole")), "does not exist");
    assert_int_equal(OCI("exec", id("whole"), "true").status, 255);
    assert_int_equal(CTL("exec", "--process", "/dev/null", id("whole")).status, 255);
    assert_int_equal(CTL("exec", id("whole"), "true").status, 125);
}

static void what_was_never_started_goes_without_force(void **state)
{
    (void)state;
    write_config("sleep 60", "", "");
    assert_int_equal(CREATE(id("never")).status, 0);
    assert_int_equal(OCI("delete", id("never")).status, 0);
    delete (id("never"));
}

static void what_has_no_process_cannot_be_started(void **state)
{
    (void)state;
    write_config_alone();
    assert_int_equal(CREATE(id("bare")).status, 0);
    fails(OCI("start", id("bare")), "give the bundle a process");
    delete (id("bare"));
    fails(OCI("run", "--bundle", bundle_directory(), id("bare")), "give a command to run");
}

static void a_configuration_that_is_wrong_leaves_nothing(void **state)
{
    (void)state;
    write_config("true", ",\"namespaces\":3", "");
    fails(CREATE(id("wrong")), "namespaces");
    write_config("true", ",\"sysctl\":{\"kernel.hostname\":\"x\"}", "");
    fails(CREATE(id("wrong")), "hostname is a key of its own");
    write_config("true", ",\"sysctl\":{\"kernel.domainname\":\"x\"}", ",\"domainname\":\"y\"");
    fails(CREATE(id("wrong")), "domainname says something else");
    write_config("true",
                 ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":["
                 "{\"names\":[\"mkdir\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}",
                 "");
    fails(CREATE(id("wrong")), "linux.seccomp.listenerPath");
    fails(OCI("create", "--bundle", "/nowhere", id("wrong")), "/nowhere");
    assert_false(kept_is_there(id("wrong")));
}

static void who_has_the_terminal_is_asked(void **state)
{
    (void)state;
    FILE *out = begin_config();
    fprintf(out,
            "{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"%s\"},\"process\":{\"args\":[\"true\"],"
            "\"cwd\":\"/\",\"terminal\":true},\"linux\":{\"namespaces\":[{\"type\":\"mount\"}%s]}}",
            test_rootfs(), geteuid() == 0 ? "" : ",{\"type\":\"user\"}");
    assert_int_equal(fclose(out), 0);
    fails(CREATE(id("seat")), "(use --console-socket)");
}

static void another_process_has_what_it_is_given(void **state)
{
    (void)state;
    write_config("sleep 60", "", "");
    assert_int_equal(OCI("run", DETACHED, id("busy")).status, 0);
    ctl_outputs(OCI("exec", id("busy"), "sh", "-c", "echo $WHO"), "bundle\n");
    ctl_outputs(OCI("exec", "--env", "WHO=me", id("busy"), "sh", "-c", "echo $WHO"), "me\n");
    struct ctl ctl = OCI("exec", "--cap", "CAP_NOT_THERE", id("busy"), "echo", "all the same");
    assert_string_equal(ctl.out, "all the same\n");
    assert_non_null(strstr(ctl.err, "CAP_NOT_THERE"));
    assert_int_equal(OCI("exec", id("busy"), "nowhere").status, 255);
    delete (id("busy"));
}

/* What it may be called before its command runs, too. */
static void a_process_joins_what_is_created(void **state)
{
    (void)state;
    write_config("sleep 60", "", "");
    assert_int_equal(CREATE(id("early")).status, 0);
    ctl_outputs(OCI("exec", id("early"), "echo", "here"), "here\n");
    assert_non_null(strstr(OCI("state", id("early")).out, "\"status\":\"created\""));
    delete (id("early"));
}

static bool holds(pid_t pid, const char *words)
{
    char path[64], target[300];
    bool found = false;
    for (int fd = 0; fd < 100 && !found; fd++) {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
        ssize_t n = readlink(path, target, sizeof target - 1);
        target[n < 0 ? 0 : n] = '\0';
        found = strstr(target, words);
    }
    return found;
}

static void what_waits_holds_nothing_of_the_hosts(void **state)
{
    (void)state;
    if (geteuid() != 0)
        TEST_SKIP("what it has open is root's to see");
    write_config("true", "", "");
    assert_int_equal(CREATE(id("light")).status, 0);
    scratch_container *container = kept_open(id("light"));
    pid_t pid = scratch_container_pid(container);
    scratch_container_free(container);
    assert_true(holds(pid, "socket:"));
    assert_false(holds(pid, "/sys/fs/cgroup"));
    assert_false(holds(pid, kept_root()));
    delete (id("light"));
}

/* Its root is found by another way than through a mount namespace. */
static void a_process_joins_what_has_no_mount_namespace(void **state)
{
    (void)state;
    if (geteuid() != 0 || !test_has_call(SYS_open_tree))
        TEST_SKIP("such a container needs root and open_tree(2)");
    write_config_in("{\"type\":\"pid\"}", "sleep 60", "", "");
    const char *name = id("unmounted");
    struct test_residue before = test_residue();
    assert_int_equal(CREATE(name).status, 0);
    ctl_outputs(OCI("exec", name, "sh", "-c", "cd ..; ls -d bin"), "bin\n");
    assert_int_equal(OCI("start", name).status, 0);
    ctl_outputs(OCI("exec", name, "sh", "-c", "cd ..; ls -d bin proc/1"), "bin\nproc/1\n");
    assert_int_equal(test_residue().mounts, before.mounts);
    delete (name);
}

static void a_process_is_in_the_group_that_is_asked_for(void **state)
{
    char path[300];
    (void)state;
    if (geteuid() != 0)
        TEST_SKIP("the groups here are root's");
    write_config("sleep 60", "", "");
    const char *name = id("groups");
    assert_int_equal(OCI("run", DETACHED, name).status, 0);
    fails(OCI("exec", "--cgroup", "..", name, "true"), "bad sub cgroup path: ..");
    fails(OCI("exec", "--cgroup", "whaaat:/", name, "true"), "unknown controller whaaat");
    fails(OCI("exec", "--cgroup", "nowhere", name, "true"), "nowhere");
    assert_int_equal(OCI("exec", "--cgroup", "/", name, "true").status, 0);
    bool v2 = access("/sys/fs/cgroup/cgroup.procs", F_OK) == 0;
    snprintf(path, sizeof path, "/sys/fs/cgroup/%s%s/inner", v2 ? "" : "pids/", name);
    assert_int_equal(mkdir(path, 0755), 0);
    struct ctl ctl =
        OCI("exec", "--cgroup", v2 ? "inner" : "pids:inner", name, "cat", "/proc/self/cgroup");
    assert_int_equal(ctl.status, 0);
    assert_non_null(strstr(ctl.out, strrchr(path, '/')));
    delete (name);
}

/* It stays in the caller's groups, where that may make none: they are what it is shown. */
static void a_user_without_groups_is_shown_the_callers(void **state)
{
    (void)state;
    if (geteuid() == 0 || access("/sys/fs/cgroup/pids/cgroup.procs", F_OK) < 0 ||
        access("/sys/fs/cgroup/pids", W_OK) == 0)
        TEST_SKIP("it is about an ordinary user, with cgroup v1");
    FILE *out = begin_config();
    fprintf(out,
            "{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"%s\"},"
            "\"process\":{\"args\":[\"test\",\"-e\",\"/sys/pids/cgroup.procs\"],\"cwd\":\"/\","
            "\"env\":[\"PATH=/bin\"]},"
            "\"mounts\":[{\"destination\":\"/sys\",\"type\":\"cgroup\",\"options\":[\"ro\"]}],"
            "\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"user\"}]}}",
            test_rootfs());
    assert_int_equal(fclose(out), 0);
    struct ctl ctl = OCI("run", "--bundle", bundle_directory(), id("shown"));
    if (ctl.status != 0)
        fail_msg("%d %s", ctl.status, ctl.err);
}

static void its_environment_has_each_name_once(void **state)
{
    (void)state;
    write_config("echo $WHO; env | grep -c WHO=; env | grep -c HOME=/", "", "");
    struct ctl ctl = OCI("run", "--bundle", bundle_directory(), id("names"));
    assert_int_equal(ctl.status, 0);
    assert_string_equal(ctl.out, "bundle\n1\n1\n");
}

static void lists_say_when_and_whose(void **state)
{
    (void)state;
    write_config("sleep 60", "", "");
    const char *name = id("listed");
    assert_int_equal(OCI("run", DETACHED, name).status, 0);
    const char *text = OCI("list").out;
    assert_non_null(strstr(text, "CREATED"));
    assert_null(strstr(strstr(text, "CREATED") + 1, "CREATED"));
    assert_non_null(strstr(text, name));
    if (access("/usr/bin/ps", X_OK) == 0 || access("/bin/ps", X_OK) == 0) {
        assert_non_null(strstr(OCI("ps", name).out, "PPID"));
        text = OCI("ps", name, "-o", "pid,args").out;
        assert_non_null(strstr(text, "sleep 60"));
        assert_null(strstr(text, "PPID"));
    }
    delete (name);
}

static void figures_are_told_as_runc_tells_them(void **state)
{
    (void)state;
    if (geteuid() != 0)
        TEST_SKIP("the groups here are root's");
    write_config("sleep 60", "", "");
    const char *name = id("figures");
    assert_int_equal(OCI("run", DETACHED, name).status, 0);
    struct ctl ctl = OCI("events", "--stats", name);
    assert_int_equal(ctl.status, 0);
    assert_int_equal(strncmp(ctl.out, "{\"type\":\"stats\",\"id\":\"", 22), 0);
    assert_non_null(strstr(ctl.out, "\"pids\":{\"current\":"));
    fails(OCI("events", "--interval", "often", name), "write 5s, or 100ms");
    delete (name);
    fails(OCI("events", "--stats", name), "does not exist");
}

/* Read until these words have come, or the end, or there is no more room. */
static void read_until(int out, const char *words, char *text, size_t size)
{
    size_t length = 0;
    ssize_t n;
    text[0] = '\0';
    while (!strstr(text, words) && (n = read(out, text + length, size - 1 - length)) > 0) {
        length += (size_t)n;
        text[length] = '\0';
    }
}

#define EATS "x=0123456789; while :; do x=$x$x; done"

/* Its first child is killed before anybody listens; a process that joins is killed later. */
static void what_was_killed_before_is_no_event(void **state)
{
    static const char memory[] = ",\"resources\":{\"memory\":{\"limit\":16777216}}";
    static char text[65536];
    int out, tries = 0;
    (void)state;
    if (geteuid() != 0)
        TEST_SKIP("the groups here are root's");
    if (access("/usr/bin/ps", X_OK) < 0 && access("/bin/ps", X_OK) < 0)
        TEST_SKIP("ps(1) is not installed");
    write_config("(" EATS "); exec sleep 600", memory, "");
    const char *name = id("events");
    assert_int_equal(OCI("run", DETACHED, name).status, 0);
    while (!strstr(OCI("ps", name, "-o", "pid,args").out, "sleep 600") && tries++ < 600)
        usleep(100000);
    pid_t pid = CTL_START(&out, "--root", kept_root(), "events", "--interval", "500ms", name);
    read_until(out, "\"type\":\"stats\"", text, sizeof text);
    assert_null(strstr(text, "\"type\":\"oom\""));
    assert_int_not_equal(OCI("exec", name, "sh", "-c", EATS).status, 0);
    read_until(out, "\"type\":\"oom\"", text, sizeof text);
    assert_non_null(strstr(text, "\"type\":\"oom\""));
    kill(pid, SIGTERM);
    ctl_wait(pid);
    close(out);
    delete (name);
}

static void limits_are_read_from_standard_input(void **state)
{
    (void)state;
    if (geteuid() != 0)
        TEST_SKIP("the groups here are root's");
    write_config("sleep 60", "", "");
    const char *name = id("limits");
    assert_int_equal(OCI("run", DETACHED, name).status, 0);
    const char *const update[] = {"--root", kept_root(), "update", "-r", "-", name, NULL};
    struct ctl ctl = ctl_run("{\"pids\":{\"limit\":31}}", update);
    if (ctl.status != 0)
        fail_msg("%s", ctl.err);
    fails(ctl_run("{\"memory\":{\"limit\":1024,\"checkBeforeUpdate\":true}}", update), "EBUSY");
    assert_non_null(strstr(OCI("state", name).out, "\"running\""));
    assert_int_equal(OCI("update", "--cpu-period", "50000", name).status, 0);
    assert_int_equal(OCI("update", "--cpu-share", "200", name).status, 0);
    assert_int_equal(OCI("update", "--cpu-idle", "2", name).status, 1);
    assert_non_null(strstr(OCI("events", "--stats", name).out, "\"limit\":31"));
    delete (name);
}

static void hooks_that_fail_behind_the_start_are_told(void **state)
{
    (void)state;
    write_config("true", "", ",\"hooks\":{\"poststop\":[{\"path\":\"/bin/false\"}]}");
    struct ctl ctl = OCI("run", "--bundle", bundle_directory(), id("told"));
    assert_int_equal(ctl.status, 0);
    assert_non_null(strstr(ctl.err, "run the poststop hook '/bin/false'"));
}

static void a_hook_that_fails_behind_the_start_ends_it(void **state)
{
    static const char words[] = "error running poststart hook #1: it ended with status 1";
    (void)state;
    write_config("sleep 60", "",
                 ",\"hooks\":{\"poststart\":[{\"path\":\"/bin/true\"},{\"path\":\"/bin/false\"}]}");
    fails(OCI("run", "--bundle", bundle_directory(), id("ended")), words);
    fails(OCI("run", DETACHED, id("ended")), words);
    fails(OCI("state", id("ended")), "does not exist");
    assert_int_equal(CREATE(id("ended")).status, 0);
    fails(OCI("start", id("ended")), words);
    assert_non_null(strstr(OCI("state", id("ended")).out, "\"status\":\"stopped\""));
    delete (id("ended"));
}

/* ---- who answers for a filter --------------------------------------------------------------- */

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_true(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

/* What is sent, as text; the file that comes with it is closed. */
static void receive(int listening, char *text, size_t size)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } rights = {0};
    struct iovec data = {text, size - 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights};
    int fd = accept(listening, NULL, NULL);
    assert_true(fd >= 0);
    ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    assert_true(n > 0);
    text[n] = '\0';
    close(fd);
    struct cmsghdr *first = CMSG_FIRSTHDR(&message);
    assert_non_null(first);
    assert_int_equal(first->cmsg_type, SCM_RIGHTS);
    memcpy(&fd, CMSG_DATA(first), sizeof fd);
    close(fd);
}

static void who_answers_for_a_filter_is_told(void **state)
{
    char section[500], path[300], text[2000];
    (void)state;
    snprintf(path, sizeof path, "%s/agent", test_directory());
    snprintf(section, sizeof section,
             ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"%s\","
             "\"listenerMetadata\":\"some words\",\"syscalls\":[{\"names\":[\"mkdir\",\"mkdirat\"],"
             "\"action\":\"SCMP_ACT_NOTIFY\"}]}",
             path);
    write_config("sleep 60", section, "");
    int listening = listen_at(path);
    assert_int_equal(CREATE(id("asks")).status, 0);
    assert_int_equal(OCI("start", id("asks")).status, 0);
    receive(listening, text, sizeof text);
    assert_non_null(strstr(text, "\"fds\":[\"seccompFd\"]"));
    assert_non_null(strstr(text, "\"metadata\":\"some words\",\"state\":{"));
    assert_non_null(strstr(text, id("asks")));
    delete (id("asks"));
    snprintf(section, sizeof section,
             ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"%s\"}", path);
    write_config("sleep 60", section, "");
    assert_int_equal(CREATE(id("asks-nothing")).status, 0);
    assert_int_equal(OCI("start", id("asks-nothing")).status, 0);
    receive(listening, text, sizeof text);
    assert_non_null(strstr(text, "\"status\":\"creating\""));
    delete (id("asks-nothing"));
    close(listening);
    assert_int_equal(unlink(path), 0);
    fails(OCI("run", "--bundle", bundle_directory(), id("alone")),
          "failed to connect with seccomp agent: No such file or directory");
    delete (id("alone"));
}

#define ASKING                                                                                     \
    ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"%s\",\"syscalls\":["    \
    "{\"names\":[\"mkdir\",\"mkdirat\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}"
#define ASK "timeout -s KILL 30 mkdir /proc/x 2>&1 | grep -o not.implemented"

/* Nobody else has what was handed over: a call is not held up for ever when the other ends. */
static void who_answers_may_end(void **state)
{
    char section[500], path[300], text[2000];
    int out;
    (void)state;
    snprintf(path, sizeof path, "%s/mortal", test_directory());
    snprintf(section, sizeof section, ASKING, path);
    write_config(ASK, section, "");
    int listening = listen_at(path);
    const char *name = id("held");
    pid_t pid = CTL_START(&out, "--root", kept_root(), "run", "--bundle", bundle_directory(), name);
    receive(listening, text, sizeof text);
    ctl_expect(out, "not implemented");
    assert_int_equal(ctl_wait(pid), 0);
    close(out);
    close(listening);
    assert_int_equal(unlink(path), 0);
}

/* Its filter is another one, which asks for itself. */
static void an_execed_process_asks_as_well(void **state)
{
    char section[500], path[300], text[2000];
    int out;
    (void)state;
    snprintf(path, sizeof path, "%s/twice", test_directory());
    snprintf(section, sizeof section, ASKING, path);
    write_config("sleep 60", section, "");
    int listening = listen_at(path);
    const char *name = id("twice");
    assert_int_equal(CREATE(name).status, 0);
    assert_int_equal(OCI("start", name).status, 0);
    receive(listening, text, sizeof text);
    pid_t pid = CTL_START(&out, "--root", kept_root(), "exec", name, "sh", "-c", ASK);
    receive(listening, text, sizeof text);
    assert_non_null(strstr(text, "\"status\":\"running\""));
    ctl_expect(out, "not implemented");
    assert_int_equal(ctl_wait(pid), 0);
    delete (name);
    close(out);
    close(listening);
    assert_int_equal(unlink(path), 0);
}

/* What ends any other program ends one that waits to be started. */
static void one_that_waits_can_be_ended(void **state)
{
    (void)state;
    write_config("sleep 60", "", "");
    const char *name = id("waits");
    assert_int_equal(CREATE(name).status, 0);
    assert_int_equal(OCI("kill", name, "TERM").status, 0);
    for (int i = 0; i < 1000 && !strstr(OCI("state", name).out, "\"stopped\""); i++)
        usleep(10000);
    assert_non_null(strstr(OCI("state", name).out, "\"stopped\""));
    delete (name);
}

/* Its starter is still at work, and `state` has said so already: it is waited for. */
static void what_is_being_created_can_be_started(void **state)
{
    int out;
    (void)state;
    write_config(
        "echo here", "",
        ",\"hooks\":{\"createRuntime\":[{\"path\":\"/bin/sleep\",\"args\":[\"sleep\",\"1\"]}]}");
    const char *name = id("slow");
    pid_t pid =
        CTL_START(&out, "--root", kept_root(), "create", "--bundle", bundle_directory(), name);
    for (int i = 0; i < 1000 && OCI("state", name).status != 0; i++)
        usleep(10000);
    struct ctl ctl = OCI("start", name);
    if (ctl.status != 0)
        fail_msg("%s", ctl.err);
    ctl_expect(out, "here");
    assert_int_equal(ctl_wait(pid), 0);
    delete (name);
    close(out);
}

/* From a pipe, as a shell's <(…) is one. */
static void another_process_is_scheduled_as_it_says(void **state)
{
    static const char process[] = "{\"args\":[\"sh\",\"-c\",\"ionice; uname -m\"],\"cwd\":\"/\","
                                  "\"env\":[\"PATH=/bin\"],"
                                  "\"ioPriority\":{\"class\":\"IOPRIO_CLASS_IDLE\"}}";
    (void)state;
    write_config("sleep 60", ",\"personality\":{\"domain\":\"LINUX32\"}", "");
    const char *name = id("other");
    assert_int_equal(OCI("run", DETACHED, name).status, 0);
    struct ctl ctl = ctl_run(process, (const char *const[]){"--root", kept_root(), "exec", "-p",
                                                            "/dev/stdin", name, NULL});
    if (ctl.status != 0)
        fail_msg("%s", ctl.err);
    assert_non_null(strstr(ctl.out, "idle"));
#if defined(__x86_64__)
    assert_non_null(strstr(ctl.out, "i686"));
#endif
    delete (name);
}

/* Of those that the container's processes may inherit, as with runc. */
static void a_capability_more_is_ambient(void **state)
{
    (void)state;
    if (geteuid() != 0)
        TEST_SKIP("it is about root's capabilities");
    write_config("sleep 60", "", "");
    const char *name = id("ambient");
    assert_int_equal(OCI("run", DETACHED, name).status, 0);
    ctl_outputs(OCI("exec", "--cap", "CAP_KILL", name, "sh", "-c",
                    "grep -E 'Cap(Eff|Amb)' /proc/self/status | cut -f2"),
                "0000000000000020\n0000000000000000\n");
    delete (name);
}

/* The socket is named by an option, or in the bundle. */
static void its_pidfd_is_handed_over(void **state)
{
    char path[300], text[100], annotation[400];
    (void)state;
    snprintf(path, sizeof path, "%s/pidfds", test_directory());
    snprintf(annotation, sizeof annotation, ",\"annotations\":{\"run.oci.pidfd_receiver\":\"%s\"}",
             path);
    int listening = listen_at(path);
    for (int in_bundle = 0; in_bundle < 2; in_bundle++) {
        write_config("sleep 60", "", in_bundle ? annotation : "");
        const char *name = id("watched");
        struct ctl ctl =
            in_bundle ? CREATE(name)
                      : OCI("create", "--pidfd-socket", path, "--bundle", bundle_directory(), name);
        if (ctl.status != 0)
            fail_msg("%s", ctl.err);
        receive(listening, text, sizeof text);
        assert_string_equal(text, "pidfd");
        delete (name);
    }
    close(listening);
    assert_int_equal(unlink(path), 0);
}

TEST_MAIN(a_bundle_goes_from_create_to_delete, what_was_never_started_goes_without_force,
          what_has_no_process_cannot_be_started, a_configuration_that_is_wrong_leaves_nothing,
          who_has_the_terminal_is_asked, another_process_has_what_it_is_given,
          a_process_joins_what_is_created, what_waits_holds_nothing_of_the_hosts,
          a_process_joins_what_has_no_mount_namespace, a_process_is_in_the_group_that_is_asked_for,
          a_user_without_groups_is_shown_the_callers, its_environment_has_each_name_once,
          lists_say_when_and_whose, figures_are_told_as_runc_tells_them,
          what_was_killed_before_is_no_event, limits_are_read_from_standard_input,
          a_hook_that_fails_behind_the_start_ends_it, hooks_that_fail_behind_the_start_are_told,
          who_answers_for_a_filter_is_told, its_pidfd_is_handed_over, who_answers_may_end,
          an_execed_process_asks_as_well, one_that_waits_can_be_ended,
          what_is_being_created_can_be_started, another_process_is_scheduled_as_it_says,
          a_capability_more_is_ambient)
