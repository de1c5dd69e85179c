/* SPDX-License-Identifier: MIT */
/*
 * The options of `scratchctl run` that say which namespaces there are, and what is set in them.
 */
#include "cli/ctl.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *own(const char *type)
{
    static char link[64];
    char path[64];
    snprintf(path, sizeof path, "/proc/self/ns/%s", type);
    ssize_t n = readlink(path, link, sizeof link - 2);
    assert_true(n > 0);
    link[n] = '\n';
    link[n + 1] = '\0';
    return link;
}

static void hosts_namespaces_are_shared(void **state)
{
    static const char *const types[][2] = {{"uts", "uts"}, {"ipc", "ipc"},
                                           {"pid", "pid"}, {"cgroupns", "cgroup"},
                                           {"net", "net"}, {"network", "net"}};
    (void)state;
    ctl_need_containers();
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char option[32], path[64];
        snprintf(option, sizeof option, "--%s", types[i][0]);
        snprintf(path, sizeof path, "/proc/self/ns/%s", types[i][1]);
        ctl_outputs(CTL("run", option, "host", "--", "readlink", path), own(types[i][1]));
        struct ctl ctl = CTL("run", option, strcmp(types[i][1], "net") ? "private" : "none", "--",
                             "readlink", path);
        assert_int_equal(ctl.status, 0);
        assert_string_not_equal(ctl.out, own(types[i][1]));
        /* The last one holds. */
        ctl_outputs(CTL("run", option, strcmp(types[i][1], "net") ? "private" : "none", option,
                        "host", "--", "readlink", path),
                    own(types[i][1]));
    }
}

/* A process in namespaces of its own, of which it is pid 1. */
static pid_t start_other(void)
{
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (unshare(CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET) < 0 ||
            sethostname("other", 5) < 0)
            _exit(1);
        pid_t inner = fork();
        if (inner == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            pause();
            _exit(0);
        }
        if (write(ready[1], &inner, sizeof inner) != sizeof inner)
            _exit(1);
        waitpid(inner, NULL, 0);
        _exit(0);
    }
    close(ready[1]);
    pid_t inner = -1;
    assert_int_equal(read(ready[0], &inner, sizeof inner), sizeof inner);
    close(ready[0]);
    return inner;
}

static void others_namespaces_are_joined(void **state)
{
    (void)state;
    ctl_need_containers();
    if (!test_privileged())
        TEST_SKIP("another's namespaces are not this user's to join");
    pid_t other = start_other();
    char uts[64], ipc[64], pid[64], net[64];
    snprintf(uts, sizeof uts, "ns:/proc/%d/ns/uts", other);
    snprintf(ipc, sizeof ipc, "ns:/proc/%d/ns/ipc", other);
    snprintf(pid, sizeof pid, "ns:/proc/%d/ns/pid", other);
    snprintf(net, sizeof net, "ns:/proc/%d/ns/net", other);
    struct ctl ctl = CTL("run", "--uts", uts, "--ipc", ipc, "--net", net, "--", "hostname");
    ctl_outputs(ctl, "other\n");
    /* It is pid 2 or later there, and /proc shows the other as pid 1. */
    ctl = CTL("run", "--pid", pid, "--", "sh", "-c",
              "test $$ != 1 && cat /proc/1/comm /proc/$$/comm && exit 7");
    assert_int_equal(ctl.status, 7);
    assert_non_null(strstr(ctl.out, "test-cli-namesp\nsh\n"));
    /* Its end is the command's, however that ended. */
    assert_int_equal(CTL("run", "--pid", pid, "--", "sh", "-c", "kill -9 $$").status, 137);
    assert_int_equal(kill(other, SIGKILL), 0);
    wait(NULL);
}

static void a_joined_container_ends_with_scratchctl(void **state)
{
    (void)state;
    ctl_need_containers();
    if (!test_privileged())
        TEST_SKIP("another's namespaces are not this user's to join");
    pid_t other = start_other();
    char pid[64], line[16] = "";
    snprintf(pid, sizeof pid, "ns:/proc/%d/ns/pid", other);
    int out;
    pid_t ctl = CTL_START(&out, "run", "--pid", pid, "--", "sh", "-c", "echo ready; exec sleep 60");
    ctl_expect(out, "ready");
    assert_int_equal(kill(ctl, SIGKILL), 0);
    ctl_wait(ctl);
    /* Its standard output is closed when the last of its processes is gone, and not before. */
    struct pollfd end = {.fd = out, .events = POLLIN};
    assert_int_equal(poll(&end, 1, 60000), 1);
    assert_int_equal(read(out, line, sizeof line), 0);
    assert_int_equal(kill(other, SIGKILL), 0);
    close(out);
    wait(NULL);
}

static void what_is_no_namespace_is_refused(void **state)
{
    (void)state;
    ctl_refused(CTL("run", "--uts", "mine", "--", "true"), "private, host, or ns:PATH");
    ctl_refused(CTL("run", "--pid", "ns:", "--", "true"), "private, host, or ns:PATH");
    ctl_refused(CTL("run", "--ipc", "ns:/nowhere", "--", "true"), "/nowhere");
    ctl_refused(CTL("run", "--uts", "host", "--hostname", "x", "--", "true"),
                "make a new UTS namespace");
}

/* ---- settings -------------------------------------------------------------------------------- */

static void settings_are_the_namespaces_own(void **state)
{
    (void)state;
    ctl_need_containers();
    ctl_outputs(CTL("run", "--sysctl", "net.ipv4.ip_default_ttl=7", "--sysctl",
                    "net/ipv4/ip_forward=1", "--", "sh", "-c",
                    "cd /proc/sys/net/ipv4; cat ip_default_ttl ip_forward"),
                "7\n1\n");
    if (!test_privileged())
        return; /* before 5.19 those of ipc are root's */
    ctl_outputs(CTL("run", "--sysctl", "kernel.shmmni=99", "--sysctl", "fs.mqueue.msg_max=9",
                    "--sysctl", "kernel.domainname=example", "--", "sh", "-c",
                    "cd /proc/sys; cat kernel/shmmni fs/mqueue/msg_max kernel/domainname"),
                "99\n9\nexample\n");
}

static void settings_of_the_machine_are_refused(void **state)
{
    static const char *const machine[] = {
        "kernel.panic=1", "vm.swappiness=1", "net=1",       "kernel.hostname.x=1",
        "fs.file-max=1",  "kernel.semx=1",   "fs.mqueue=1",
    };
    static const char *const elsewhere[] = {
        "net.=1",      "net/./x=1",           "net/../kernel/panic=1", "../../etc/hostname=x",
        "net..ipv4=1", "/net/ipv4/forward=1", ".net.ipv4.forward=1",
    };
    (void)state;
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        ctl_refused(CTL("run", "--sysctl", elsewhere[i], "--", "true"), "an invalid path");
    for (size_t i = 0; i < sizeof machine / sizeof *machine; i++)
        ctl_refused(CTL("run", "--sysctl", machine[i], "--", "true"), "the whole machine's");
    ctl_refused(CTL("run", "--sysctl", "x", "--", "true"), "NAME=VALUE");
    ctl_refused(CTL("run", "--net", "host", "--sysctl", "net.ipv4.ip_forward=1", "--", "true"),
                "would not be the container's own");
}

static void a_setting_that_is_not_there_is_named(void **state)
{
    (void)state;
    ctl_need_containers();
    ctl_refused(CTL("run", "--sysctl", "net.no.such=1", "--", "true"), "no such setting");
    ctl_refused(CTL("run", "--sysctl", "net.ipv4.ip_default_ttl=lots", "--", "true"),
                "refuses the value 'lots'");
}

/* What lies at /proc in a root that is not trusted is not written to. */
static void a_file_that_is_not_procs_is_not_written(void **state)
{
    (void)state;
    ctl_need_containers();
    ctl_refused(CTL("run", "--tmpfs", "/proc", "--sysctl", "net.ipv4.ip_forward=1", "--", "true"),
                "is not procfs");
    /* A tree that looks like it, over all of /proc and over a part of it. */
    char volume[600], file[600], text[16] = "";
    const char *fake = test_directory();
    snprintf(file, sizeof file, "mkdir -p %s/sys/net && echo mine >%s/sys/net/x", fake, fake);
    assert_int_equal(system(file), 0);
    snprintf(volume, sizeof volume, "%s:/proc", fake);
    ctl_refused(CTL("run", "-v", volume, "--sysctl", "net.x=1", "--", "true"), "is not procfs");
    snprintf(volume, sizeof volume, "%s/sys/net:/proc/sys/net", fake);
    ctl_refused(CTL("run", "-v", volume, "--sysctl", "net.x=1", "--", "true"), "is not procfs");
    snprintf(file, sizeof file, "%s/sys/net/x", fake);
    FILE *in = fopen(file, "re");
    assert_non_null(in);
    assert_non_null(fgets(text, sizeof text, in));
    assert_string_equal(text, "mine\n");
    fclose(in);
    ctl_refused(
        CTL("run", "--tmpfs", "/proc/sys/net", "--sysctl", "net.ipv4.ip_forward=1", "--", "true"),
        "no such setting");
}

/* ---- memory that is shared, and the network to oneself --------------------------------------- */

static void shared_memory_has_a_size(void **state)
{
    (void)state;
    ctl_need_containers();
    ctl_outputs(CTL("run", "--shm-size", "4m", "--", "stat", "-f", "-c", "%b %S", "/dev/shm"),
                "1024 4096\n");
    ctl_outputs(CTL("run", "--", "stat", "-f", "-c", "%b %S", "/dev/shm"), "16384 4096\n");
}

static void the_loopback_interface_is_up(void **state)
{
    (void)state;
    ctl_need_containers();
    /* The flags are IFF_UP and IFF_LOOPBACK. */
    ctl_outputs(CTL("run", "--", "cat", "/sys/class/net/lo/flags"), "0x9\n");
}

TEST_MAIN(hosts_namespaces_are_shared, others_namespaces_are_joined,
          a_joined_container_ends_with_scratchctl, what_is_no_namespace_is_refused,
          settings_are_the_namespaces_own, settings_of_the_machine_are_refused,
          a_setting_that_is_not_there_is_named, a_file_that_is_not_procs_is_not_written,
          shared_memory_has_a_size, the_loopback_interface_is_up)
