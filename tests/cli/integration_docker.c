/* SPDX-License-Identifier: MIT */
/*
 * The habits of docker: lines as they are typed there work as they are, with a directory for the
 * image, and "--" before the command.
 */
#include "cli/ctl.h"
#include "support/rootfs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* "docker run OPTIONS IMAGE COMMAND", what it writes, and whether it is for root alone. */
static const struct line {
    const char *options, *command, *says;
    bool root;
} lines[] = {
    {"--rm", "echo hello", "hello\n", false},
    {"-i", "cat", "input\n", false},
    {"-t", "tty", "/dev/pts/0\r\n", false},
    {"-e NAME=value --env OTHER=one", "sh -c 'echo $NAME $OTHER'", "value one\n", false},
    {"--env-file \"$DIR/variables\"", "sh -c 'echo $FROM_FILE'", "yes\n", false},
    {"-v \"$DIR\":/tmp", "cat /tmp/file", "outside\n", false},
    {"-v \"$DIR\":/tmp:ro", "sh -c 'touch /tmp/x 2>/dev/null || echo no'", "no\n", false},
    {"--mount type=bind,source=\"$DIR\",target=/tmp,readonly", "cat /tmp/file", "outside\n", false},
    {"--tmpfs /tmp:size=1m", "ls -a /tmp", ".\n..\n", false},
    {"-w /tmp", "pwd", "/tmp\n", false},
    {"-u 1000:1000", "id -u", "1000\n", true},
    {"--user web", "id", "uid=33(web) gid=33(www)\n", true},
    {"-u 1000 --group-add 7", "id -G", "0 7\n", true},
    {"--hostname web", "hostname", "web\n", false},
    {"-h web", "hostname", "web\n", false},
    {"-m 64m --memory 128m", "echo limited", "limited\n", true},
    {"--cpus 0.5 --pids-limit 50 --cpuset-cpus 0", "nproc", "1\n", true},
    {"--cap-drop ALL --cap-add NET_BIND_SERVICE", "grep CapEff /proc/self/status",
     "CapEff:\t0000000000000400\n", false},
    {"--read-only --tmpfs /tmp", "sh -c 'touch /tmp/x && ! touch /x 2>/dev/null && echo so'",
     "so\n", false},
    {"--security-opt no-new-privileges", "grep NoNewPrivs /proc/self/status", "NoNewPrivs:\t1\n",
     false},
    {"--network none", "sh -c 'sed -n s/:.*//p /proc/net/dev | tr -d \" \"'", "lo\n", false},
    {"--net host", "echo there", "there\n", false},
    {"--ulimit nofile=100:200", "sh -c 'ulimit -n; ulimit -Hn'", "100\n200\n", false},
    {"--shm-size 1m", "sh -c 'df -k /dev/shm | tail -n 1 | tr -s \" \" | cut -d\" \" -f2'",
     "1024\n", false},
    {"--name \"$NAME\"", "echo named", "named\n", false},
    {"--entrypoint /bin/echo", "hello", "hello\n", false},
    {"--init", "sh -c 'test $$ != 1 && echo reaped'", "reaped\n", false},
    {"--device /dev/zero:/dev/nought", "sh -c 'test -c /dev/nought && echo there'", "there\n",
     false},
    {"--sysctl net.ipv4.ip_default_ttl=77", "cat /proc/sys/net/ipv4/ip_default_ttl", "77\n", false},
    {"--add-host db:10.0.0.5", "grep db /etc/hosts", "10.0.0.5\tdb\n", false},
    {"--dns 192.0.2.1", "cat /etc/resolv.conf", "nameserver 192.0.2.1\n", false},
    {"--oom-score-adj 900", "cat /proc/self/oom_score_adj", "900\n", false},
    {"--privileged", "echo all", "all\n", true},
    {"--pid host --uts host --ipc host", "echo shared", "shared\n", true},
    {"--userns host", "echo here", "here\n", false},
};

/* What a line refers to: a root, a directory of the host's, and a name. */
static void prepare(void)
{
    char name[64];
    const char *root = test_rootfs_new(), *directory = test_directory();
    test_make_file(root, "etc/passwd", "web:x:33:33::/:/bin/sh\n");
    test_make_file(root, "etc/group", "www:x:33:\n");
    test_make_file(directory, "file", "outside\n");
    test_make_file(directory, "variables", "# of a file\nFROM_FILE=yes\n");
    snprintf(name, sizeof name, "test.docker_%d", (int)getpid());
    assert_int_equal(setenv("ROOT", root, 1), 0);
    assert_int_equal(setenv("DIR", directory, 1), 0);
    assert_int_equal(setenv("NAME", name, 1), 0);
    if (!test_privileged())
        assert_int_equal(setenv("XDG_RUNTIME_DIR", test_directory(), 1), 0);
}

static void works(const struct line *line)
{
    char command[1024], text[1024];
    snprintf(command, sizeof command, "echo input | %s run %s \"$ROOT\" -- %s 2>&1",
             ctl_program("scratchctl"), line->options, line->command);
    FILE *out = popen(command, "re");
    assert_non_null(out);
    size_t size = fread(text, 1, sizeof text - 1, out);
    text[size] = '\0';
    int status = pclose(out);
    if (status != 0 || strcmp(text, line->says) != 0)
        fail_msg("docker run %s IMAGE %s: status %d, '%s' rather than '%s'", line->options,
                 line->command, status, text, line->says);
}

static void lines_of_dockers_work(void **state)
{
    (void)state;
    ctl_need_containers();
    prepare();
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (test_privileged() || !lines[i].root)
            works(&lines[i]);
}

TEST_MAIN(lines_of_dockers_work)
