/* SPDX-License-Identifier: MIT */
/*
 * The options of `scratchctl run` that are about the network: reached from inside, and from the
 * host.
 */
#include "cli/ctl.h"
#include "support/rootfs.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The two programs. */
static const struct program {
    const char *name, *userns, *server, *with_host, *host;
} programs[] = {
    {"pasta", "host", "nameserver 169.254.1.1\n", "pasta:--map-gw",
     "$(ip route show default | cut -d\" \" -f3)"},
    {"slirp4netns", "host", "nameserver 10.0.2.3\n", "slirp4netns:allow_host_loopback=true",
     "10.0.2.2"},
};
#define PROGRAMS (sizeof programs / sizeof *programs)

static bool is_installed(const char *name)
{
    char command[128];
    snprintf(command, sizeof command, "command -v %s >/dev/null", name);
    return system(command) == 0;
}

static void need(const struct program *program)
{
    ctl_need_containers();
    if (!is_installed(program->name))
        TEST_SKIP("%s is not installed", program->name);
    if (access("/dev/net/tun", R_OK | W_OK) < 0)
        TEST_SKIP("/dev/net/tun is not for this user: %s", strerror(errno));
    if (program->host[0] == '1' && geteuid() != 0 && !getenv("XDG_RUNTIME_DIR"))
        assert_int_equal(setenv("XDG_RUNTIME_DIR", test_directory(), 1), 0);
}

static int listen_anywhere(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 5), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static uint16_t free_port(void)
{
    uint16_t port;
    close(listen_anywhere(&port));
    return port;
}

/* What is read from a port of 127.0.0.1; "" when nothing answers. */
static const char *ask(uint16_t port)
{
    static char text[64];
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
    struct timeval patience = {2, 0};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t n = -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        n = recv(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    close(fd);
    return text;
}

static void pause_a_moment(void)
{
    const struct timespec moment = {0, 50000000};
    nanosleep(&moment, NULL);
}

/* ---- from the host to the container ---------------------------------------------------------- */

static void a_published_port_leads_inside(const struct program *program)
{
    need(program);
    char ports[64];
    uint16_t port = free_port();
    int out;
    snprintf(ports, sizeof ports, "127.0.0.1:%u:80", port);
    pid_t pid = CTL_START(&out, "run", "--userns", program->userns, "--net", program->name, "-p",
                          ports, test_rootfs(), "--", "sh", "-c",
                          "echo ready; exec busybox nc -ll -p 80 -e /bin/echo from inside");
    ctl_expect(out, "ready");
    const char *text = ask(port);
    for (int i = 0; i < 200 && strcmp(text, "from inside\n") != 0; i++) {
        pause_a_moment();
        text = ask(port);
    }
    assert_string_equal(text, "from inside\n");
    assert_int_equal(kill(pid, SIGTERM), 0);
    ctl_wait(pid);
    close(out);
    assert_string_equal(ask(port), "");
}

static void pasta_publishes_ports(void **state)
{
    (void)state;
    a_published_port_leads_inside(&programs[0]);
}

static void pasta_reaches_into_a_user_namespace(void **state)
{
    struct program pasta = programs[0];
    (void)state;
    pasta.userns = "private";
    a_published_port_leads_inside(&pasta);
}

static void slirp4netns_publishes_ports(void **state)
{
    (void)state;
    a_published_port_leads_inside(&programs[1]);
}

static void a_port_that_is_taken_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROGRAMS; i++) {
        need(&programs[i]);
        char ports[64];
        uint16_t port;
        int fd = listen_anywhere(&port);
        snprintf(ports, sizeof ports, "127.0.0.1:%u:80", port);
        struct ctl ctl = CTL("run", "--userns", programs[i].userns, "--net", programs[i].name, "-p",
                             ports, "--", "true");
        close(fd);
        ctl_refused(ctl, programs[i].name);
        assert_non_null(strstr(ctl.err, "it says: "));
    }
}

/* ---- from the container to the host ---------------------------------------------------------- */

static _Noreturn void serve(int fd)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        int client = accept(fd, NULL, NULL);
        if (client >= 0 && send(client, "from the host\n", 14, MSG_NOSIGNAL) == 14)
            close(client);
    }
}

static void the_host_is_reached_when_that_is_allowed(void **state)
{
    (void)state;
    uint16_t port;
    for (size_t i = 0; i < PROGRAMS; i++)
        need(&programs[i]);
    int fd = listen_anywhere(&port);
    pid_t server = fork();
    if (server == 0)
        serve(fd);
    close(fd);
    for (size_t i = 0; i < PROGRAMS; i++) {
        char script[256], briefly[256];
        /* pasta of 2023 may hand on the data more than once, and never the end of the connection.
         */
        snprintf(script, sizeof script,
                 "busybox nc -w 60 %s %u </dev/null >/tmp/said & until [ -s /tmp/said ] || "
                 "! kill -0 $! 2>/dev/null; do sleep 0.05; done; head -n 1 /tmp/said",
                 programs[i].host, port);
        snprintf(briefly, sizeof briefly, "timeout 3 busybox nc -w 3 %s %u </dev/null; true",
                 programs[i].host, port);
        ctl_outputs(CTL("run", "--userns", programs[i].userns, "--net", programs[i].with_host, "--",
                        "sh", "-c", script),
                    "from the host\n");
        struct ctl ctl = CTL("run", "--userns", programs[i].userns, "--net", programs[i].name, "--",
                             "sh", "-c", briefly);
        assert_null(strstr(ctl.out, "from the host"));
    }
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
}

/* ---- the program ----------------------------------------------------------------------------- */

/* True while there is a process with a word in its command line. */
static bool runs(const char *word)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    bool found = false;
    while (!found && (entry = readdir(proc))) {
        char path[512], text[4096];
        snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
        FILE *in = fopen(path, "re");
        size_t n = in ? fread(text, 1, sizeof text - 1, in) : 0;
        text[n] = '\0';
        if (in)
            fclose(in);
        for (size_t at = 0; at < n && !found; at += strlen(text + at) + 1)
            found = strcmp(text + at, word) == 0;
    }
    closedir(proc);
    return found;
}

static void the_program_ends_with_a_killed_scratchctl(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROGRAMS; i++) {
        need(&programs[i]);
        char option[64], mark[32];
        int out;
        /* The hardware address is the program's own argument: by it the process is known. */
        snprintf(mark, sizeof mark,
                 i == 0 ? "02:00:00:%02x:%02x:01" : "--macaddress=02:00:00:%02x:%02x:01",
                 (unsigned)getpid() >> 8 & 0xff, (unsigned)getpid() & 0xff);
        snprintf(option, sizeof option, i == 0 ? "pasta:--ns-mac-addr,%s" : "slirp4netns:%s", mark);
        pid_t pid = CTL_START(&out, "run", "--userns", programs[i].userns, "--net", option, "--",
                              "sh", "-c", "echo ready; sleep 60");
        ctl_expect(out, "ready");
        assert_true(runs(mark));
        assert_int_equal(kill(pid, SIGKILL), 0);
        ctl_wait(pid);
        close(out);
        for (int tries = 0; tries < 200 && runs(mark); tries++)
            pause_a_moment();
        assert_false(runs(mark));
    }
}

static void a_program_that_is_not_there_is_named_with_its_package(void **state)
{
    static const char *const packages[] = {"the package passt", "the package slirp4netns"};
    (void)state;
    ctl_need_containers();
    char *path = strdup(getenv("PATH"));
    assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
    for (size_t i = 0; i < PROGRAMS; i++)
        ctl_refused(CTL("run", "--net", programs[i].name, "--", "/bin/true"), packages[i]);
    assert_int_equal(setenv("PATH", path, 1), 0);
    free(path);
}

static void a_program_that_fails_is_quoted(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROGRAMS; i++) {
        need(&programs[i]);
        char option[64];
        snprintf(option, sizeof option, "%s:--no-such-option", programs[i].name);
        struct ctl ctl = CTL("run", "--userns", programs[i].userns, "--net", option, "--", "true");
        ctl_refused(ctl, "it says: ");
    }
}

static void ports_need_a_program(void **state)
{
    (void)state;
    ctl_refused(CTL("run", "-p", "80:80", "--", "true"), "use pasta or slirp4netns");
    ctl_refused(CTL("run", "--net", "host", "-p", "80:80", "--", "true"), "use pasta");
    ctl_refused(CTL("run", "--net", "bridge", "--", "true"), "none, host, pasta, slirp4netns");
    ctl_refused(CTL("run", "--net", "pastas", "--", "true"), "not a network");
}

/* ---- names ----------------------------------------------------------------------------------- */

static void name_servers_are_the_programs_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROGRAMS; i++) {
        need(&programs[i]);
        struct ctl ctl = CTL("run", "--userns", programs[i].userns, "--net", programs[i].name, "--",
                             "cat", "/etc/resolv.conf");
        assert_int_equal(ctl.status, 0);
        assert_int_equal(strncmp(ctl.out, programs[i].server, strlen(programs[i].server)), 0);
    }
}

static void names_are_shown_over_the_roots_own_files(void **state)
{
    (void)state;
    ctl_need_containers();
    const char *root = test_rootfs_new();
    test_make_file(root, "etc/hosts", "1.2.3.4 own\n");
    struct ctl ctl =
        CTL("run", "--dns", "192.0.2.53", "--dns=192.0.2.54", "--add-host", "db:192.0.2.5",
            "--add-host=v6:::1", root, "--", "cat", "/etc/resolv.conf", "/etc/hosts");
    assert_int_equal(ctl.status, 0);
    assert_int_equal(strncmp(ctl.out, "nameserver 192.0.2.53\nnameserver 192.0.2.54\n", 44), 0);
    assert_non_null(strstr(ctl.out, "127.0.0.1\tlocalhost\n"));
    assert_non_null(strstr(ctl.out, "192.0.2.5\tdb\n::1\tv6\n"));
    assert_null(strstr(ctl.out, "own"));
    /* Nothing of it stays. */
    ctl_outputs(CTL("run", root, "--", "cat", "/etc/resolv.conf", "/etc/hosts"), "1.2.3.4 own\n");
    ctl_refused(CTL("run", "--dns", "example.org", "--", "true"), "give its address");
    ctl_refused(CTL("run", "--add-host", "x", "--", "true"), "NAME:IP");
    ctl_refused(CTL("run", "--add-host", "x:y", "--", "true"), "IPv4 or IPv6");
}

/* As systemd-resolved leaves it: what it leads to is not there before it runs. */
static void a_link_that_leads_nowhere_is_followed(void **state)
{
    (void)state;
    ctl_need_containers();
    const char *root = test_rootfs_new();
    char path[512];
    snprintf(path, sizeof path, "%s/etc/resolv.conf", root);
    assert_int_equal(symlink("../run/resolve/stub.conf", path), 0);
    ctl_outputs(CTL("run", "--dns", "192.0.2.53", "--volatile", root, "--", "sh", "-c",
                    "head -n 1 /etc/resolv.conf; readlink /etc/resolv.conf"),
                "nameserver 192.0.2.53\n../run/resolve/stub.conf\n");
    snprintf(path, sizeof path, "%s/run", root);
    assert_int_not_equal(access(path, F_OK), 0);
}

TEST_MAIN(pasta_publishes_ports, pasta_reaches_into_a_user_namespace, slirp4netns_publishes_ports,
          a_port_that_is_taken_is_an_error, the_host_is_reached_when_that_is_allowed,
          the_program_ends_with_a_killed_scratchctl,
          a_program_that_is_not_there_is_named_with_its_package, a_program_that_fails_is_quoted,
          ports_need_a_program, name_servers_are_the_programs_own,
          names_are_shown_over_the_roots_own_files, a_link_that_leads_nowhere_is_followed)
