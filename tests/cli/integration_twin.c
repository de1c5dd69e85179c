/* SPDX-License-Identifier: MIT */
/*
 * The static scratchctl, and the dynamic twin that it becomes where it needs a library.
 */
#include "cli/ctl.h"

#include <elf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void need_twin(void)
{
#ifndef TEST_TWIN
    TEST_SKIP("scratchctl is not linked with musl");
#endif
}

/* True when the kernel has to start a program's interpreter before it. */
static bool has_interpreter(const char *path)
{
    Elf64_Ehdr header;
    Elf64_Phdr segment;
    bool found = false;
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    assert_int_equal(fread(&header, sizeof header, 1, in), 1);
    assert_int_equal(fseek(in, (long)header.e_phoff, SEEK_SET), 0);
    for (int i = 0; i < header.e_phnum; i++) {
        assert_int_equal(fread(&segment, sizeof segment, 1, in), 1);
        found = found || segment.p_type == PT_INTERP;
    }
    fclose(in);
    return found;
}

static void it_is_static_and_the_twin_is_not(void **state)
{
    (void)state;
    need_twin();
    assert_false(has_interpreter(ctl_program("scratchctl")));
    assert_true(has_interpreter(ctl_program("dynamic/scratchctl")));
}

/* The lines of strace before the one that has a word; -1: it is in none. */
static int lines_before(const char *path, const char *word)
{
    char *line = NULL;
    size_t size = 0;
    int count = 0;
    bool found = false;
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    while (!found && getline(&line, &size, in) > 0) {
        found = strstr(line, word);
        count += !found;
    }
    free(line);
    fclose(in);
    return found ? count : -1;
}

/* So many that one or two may be added for a good reason, and a library's start is noticed. */
static void few_system_calls_lead_to_the_container(void **state)
{
    char trace[256], command[2048];
    (void)state;
    need_twin();
    ctl_need_containers();
    snprintf(trace, sizeof trace, "%s/trace", test_directory());
    snprintf(command, sizeof command, "strace -q -o %s %s run / -- true 2>/dev/null", trace,
             ctl_program("scratchctl"));
    if (system(command) != 0)
        TEST_SKIP("strace is not installed, or may not trace");
    assert_in_range(lines_before(trace, "clone3("), 1, 60);
}

/* What a process executes now. */
static bool executes_twin(pid_t pid)
{
    static const char twin[] = "/dynamic/scratchctl";
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
    ssize_t n = readlink(link, path, sizeof path - 1);
    assert_true(n > (ssize_t)strlen(twin));
    path[n] = '\0';
    return strcmp(path + n - strlen(twin), twin) == 0;
}

/* Start a container with an option, see what stays with it, and end it by a signal. */
static bool needs_twin(const char *option, const char *value)
{
    int out;
    pid_t pid = CTL_START(&out, "run", option, value, "/", "--", "sh", "-c", "echo up; sleep 60");
    ctl_expect(out, "up");
    bool twin = executes_twin(pid);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(ctl_wait(pid), 128 + SIGTERM);
    close(out);
    return twin;
}

static void it_becomes_the_twin_only_for_a_library(void **state)
{
    (void)state;
    need_twin();
    ctl_need_containers();
    assert_false(needs_twin("-v", "/usr:/mnt:ro"));
    assert_false(needs_twin("--tmpfs", "/srv"));
    assert_false(needs_twin("--cap-drop", "KILL"));
    assert_true(needs_twin("--cap-add", "SYS_PTRACE"));
}

/* libseccomp builds a filter once: from then on it is read. */
static void a_filter_that_is_there_needs_no_library(void **state)
{
    static const char profile[] = "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": ["
                                  "{\"names\": [\"kexec_load\"], \"action\": \"SCMP_ACT_ERRNO\"}]}";
    char option[300];
    (void)state;
    need_twin();
    ctl_need_containers();
    if (geteuid() == 0)
        TEST_SKIP("root's filters stay in /var/cache");
    snprintf(option, sizeof option, "seccomp=%s/profile.json", test_directory());
    FILE *out = fopen(strchr(option, '/'), "we");
    assert_non_null(out);
    assert_true(fputs(profile, out) >= 0);
    assert_int_equal(fclose(out), 0);
    setenv("XDG_CACHE_HOME", test_directory(), 1);
    assert_true(needs_twin("--security-opt", option));
    assert_false(needs_twin("--security-opt", option));
    unsetenv("XDG_CACHE_HOME");
}

static void the_twin_has_the_command_line_and_the_streams(void **state)
{
    static const char *const arguments[] = {
        "run", "--cap-add", "SYS_PTRACE",  "-e",
        "A=",  "-e",        "B",           "/",
        "--",  "sh",        "-c",          "cat; echo \"$A$B,$#,$1,$2\"; echo err >&2; exit 7",
        "sh",  "",          "two words\n", NULL};
    (void)state;
    need_twin();
    ctl_need_containers();
    setenv("B", "from here", 1);
    struct ctl ctl = ctl_run("in,", arguments);
    assert_string_equal(ctl.err, "err\n");
    assert_string_equal(ctl.out, "in,from here,2,,two words\n\n");
    assert_int_equal(ctl.status, 7);
}

/* A copy of the program, without the rest of libscratch. */
#define ALONE(...)                                                                                 \
    ctl_run_program("alone/scratchctl", NULL, (const char *const[]){__VA_ARGS__, NULL})

static void alone_it_does_what_needs_no_library(void **state)
{
    char records[300];
    (void)state;
    need_twin();
    assert_int_equal(ALONE("--version").status, 0);
    assert_int_equal(ALONE("run", "--help").status, 0);
    ctl_need_containers();
    struct ctl ctl = ALONE("run", "-v", "/usr:/mnt:ro", "/", "--", "sh", "-c", "exit 9");
    assert_string_equal(ctl.err, "");
    assert_int_equal(ctl.status, 9);
    assert_int_equal(ALONE("run", "--dry-run=json", "/", "--", "true").status, 0);
    snprintf(records, sizeof records, "%s/records", test_directory());
    ctl = ALONE("--root", records, "run", "-d", "--rm", "--name", "web", "--", "sleep", "600");
    assert_int_equal(ctl.status, 0);
    assert_int_equal(ALONE("--root", records, "rm", "-f", "web").status, 0); /* a record is JSON */
}

static void alone_it_says_what_is_missing(void **state)
{
    (void)state;
    need_twin();
    struct ctl ctl = ALONE("run", "--cap-add", "SYS_PTRACE", "/", "--", "true");
    assert_int_equal(ctl.status, 125);
    assert_non_null(strstr(ctl.err, "/nowhere/libscratch/scratchctl"));
    assert_non_null(strstr(ctl.err, "(install libscratch as a whole"));
    ctl = ALONE("features", "--text");
    assert_int_equal(ctl.status, 0);
    assert_non_null(strstr(ctl.out, "/nowhere/libscratch/scratchctl"));
}

TEST_MAIN(it_is_static_and_the_twin_is_not, few_system_calls_lead_to_the_container,
          it_becomes_the_twin_only_for_a_library, a_filter_that_is_there_needs_no_library,
          the_twin_has_the_command_line_and_the_streams, alone_it_does_what_needs_no_library,
          alone_it_says_what_is_missing)
