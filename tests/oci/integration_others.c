/* SPDX-License-Identifier: MIT */
/*
 * What the specification leaves open, and runc and crun have settled: engines and people rely on
 * it.
 */
#include "support/apart.h"
#include "support/bundle.h"
#include "support/rootfs.h"
#include "support/test.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- mounts --------------------------------------------------------------------------------- */

#define TMPFS(path, options)                                                                       \
    ",{\"destination\":\"" path "\",\"type\":\"tmpfs\",\"source\":\"tmpfs\",\"options\":[" options \
    "]}"

static void a_read_only_tmpfs_is_filled_first(void **state)
{
    static const struct bundle_parts p = {
        .command = "touch /data/x 2>/dev/null || echo no; touch /data/below/x && echo yes",
        .mounts = TMPFS("/data", "\"ro\"") TMPFS("/data/below", "")};
    static const struct bundle_parts dev = {
        .command = "touch /dev/x 2>/dev/null || echo no; ls -d /dev/null /dev/late",
        .mounts = TMPFS("/dev", "\"ro\",\"mode=755\"") TMPFS("/dev/late", "")};
    (void)state;
    bundle_expect(&p, "no\nyes\n");
    bundle_expect(&dev, "no\n/dev/late\n/dev/null\n");
}

/* And mountinfo(5) tells of it, as of any option. */
static void a_tmpfs_has_the_mode_of_what_it_covers(void **state)
{
    static const struct bundle_parts covering = {
        .command = "stat -c %a /covered; grep -c ' /covered .*mode=710' /proc/self/mounts",
        .mounts = TMPFS("/covered", "")};
    static const struct bundle_parts said = {.command = "stat -c %a /covered",
                                             .mounts = TMPFS("/covered", "\"mode=1500\"")};
    static const struct bundle_parts made = {
        .command = "stat -c %a /made/anew; grep -c ' /made/anew .*mode=' /proc/self/mounts || true",
        .mounts = TMPFS("/made/anew", "")};
    char path[600];
    (void)state;
    snprintf(path, sizeof path, "%s/covered", bundle_root());
    assert_int_equal(mkdir(path, 0710), 0);
    assert_int_equal(chmod(path, 0710), 0);
    bundle_expect(&covering, "710\n1\n");
    bundle_expect(&said, "1500\n");
    bundle_expect(&made, "1777\n0\n");
}

static void the_kernels_views_go_on_directories(void **state)
{
    static const struct bundle_parts proc = {
        .command = "true",
        .mounts = ",{\"destination\":\"/link\",\"type\":\"proc\",\"source\":\"proc\"}"};
    static const struct bundle_parts other = {.command = "touch /link/x && ls /led-to",
                                              .mounts = TMPFS("/link", "")};
    char path[600];
    (void)state;
    test_make_directory(bundle_root(), "led-to");
    snprintf(path, sizeof path, "%s/link", bundle_root());
    assert_int_equal(symlink("led-to", path), 0);
    bundle_expect_error(&proc, ENOTDIR, "must be mounted on ordinary directory");
    bundle_expect(&other, "x\n");
}

/* What is mounted there before is part of it, and links in it stay inside. */
static void a_source_below_the_root_is_the_containers(void **state)
{
    char mounts[2048];
    const struct bundle_parts p = {.command = "touch /first/x; ls /second /third",
                                   .mounts = mounts};
    (void)state;
    snprintf(mounts, sizeof mounts,
             TMPFS("/first", "") ",{\"destination\":\"/second\",\"source\":\"%s/first\","
                                 "\"options\":[\"bind\"]}"
                                 ",{\"destination\":\"%s/third\",\"source\":\"%s/second\","
                                 "\"options\":[\"rbind\"]}",
             bundle_root(), bundle_root(), bundle_root());
    bundle_expect(&p, "/second:\nx\n\n/third:\nx\n");
}

#define MAPPED                                                                                     \
    ",\"uidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}],"                     \
    "\"gidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}]"

static void sources_are_opened_by_who_may(void **state)
{
    char mounts[1024];
    const char *shut = test_make_directory(test_directory(), "shut");
    const char *source = test_make_directory(shut, "source");
    const struct bundle_parts p = {
        .command = "ls /data; touch /data/x 2>/dev/null || echo no",
        .mounts = mounts,
        .namespaces = "{\"type\":\"user\"},{\"type\":\"mount\"},{\"type\":\"pid\"}",
        .section = MAPPED};
    (void)state;
    if (!test_privileged())
        TEST_SKIP("it needs root");
    if (!test_has_call(SYS_open_tree))
        TEST_SKIP("open_tree(2) is not here: sources are opened in the container");
    test_make_file(source, "a-file", "");
    assert_int_equal(chmod(shut, 0700), 0);
    assert_int_equal(chmod(source, 0777), 0);
    snprintf(mounts, sizeof mounts,
             ",{\"destination\":\"/data\",\"source\":\"%s\",\"options\":[\"bind\",\"ro\"]}",
             source);
    bundle_expect(&p, "a-file\nno\n");
}

/* ---- paths ---------------------------------------------------------------------------------- */

static void a_masked_directory_can_be_entered(void **state)
{
    static const struct bundle_parts p = {
        .command = "cd /hidden && ls; touch /hidden/x 2>&1 | grep -o Read-only",
        .process = ",\"capabilities\":{}",
        .section = ",\"maskedPaths\":[\"/hidden\"]"};
    const char *hidden = test_make_directory(bundle_root(), "hidden");
    (void)state;
    test_make_file(hidden, "secret", "");
    bundle_expect(&p, "Read-only\n");
}

/* A new /proc, with nothing masked, is to be had where an old one shows all. */
static void without_pivot_root_the_old_proc_is_gone(void **state)
{
    static const struct bundle_parts p = {
        .command = "unshare -m -U -r -p -f mount -t proc none /proc 2>&1 | grep -o denied",
        .process = ",\"user\":{\"uid\":1000,\"gid\":1000}",
        .section = ",\"maskedPaths\":[\"/proc/uptime\"]"};
    struct scratch_error err = {0};
    scratch_oci_bundle *bundle;
    int status;
    (void)state;
    if (!test_privileged())
        TEST_SKIP("one id alone is mapped");
    TEST_OK(bundle_load(&p, &bundle, &err), &err);
    struct scratch_spec spec = *scratch_oci_spec(bundle);
    struct scratch_rootfs_options rootfs = *spec.rootfs;
    rootfs.enter = SCRATCH_ROOTFS_CHROOT;
    spec.rootfs = &rootfs;
    char *out = test_output(&spec, NULL, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(out, "denied\n");
    assert_int_equal(access("/proc/self/mountinfo", F_OK), 0); /* the caller's own stays */
    free(out);
    scratch_oci_free(bundle);
}

/* ---- the process ---------------------------------------------------------------------------- */

/* "0-3" of a process. */
static void read_cpus(char *list, size_t size)
{
    char line[256];
    FILE *in = fopen("/proc/self/status", "re");
    assert_non_null(in);
    *list = '\0';
    while (fgets(line, sizeof line, in))
        if (strncmp(line, "Cpus_allowed_list:\t", 19) == 0)
            snprintf(list, size, "%s", line + 19);
    fclose(in);
}

static void the_callers_cpus_are_its_own(void **state)
{
    static const struct bundle_parts p = {.command =
                                              "grep Cpus_allowed_list /proc/self/status | cut -f2"};
    cpu_set_t all, one;
    char expected[256];
    int first = 0;
    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    if (CPU_COUNT(&all) < 2)
        TEST_SKIP("there is one CPU");
    read_cpus(expected, sizeof expected);
    while (!CPU_ISSET(first, &all))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    bundle_expect(&p, expected);
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
}

static void a_hook_inside_has_the_process_environment(void **state)
{
    static const struct bundle_parts p = {
        .command = "cat /told",
        .mounts = TMPFS("/tmp", ""),
        .more = ",\"hooks\":{\"startContainer\":[{\"path\":\"/bin/sh\","
                "\"args\":[\"sh\",\"-c\",\"echo $PATH $HOME >/told\"]}]}"};
    (void)state;
    bundle_expect(&p, "/bin /root\n");
}

/* ---- features ------------------------------------------------------------------------------- */

/* As before Linux 5.19: a flag that is not known is EINVAL. */
static void only_flags_of_the_kernel_work(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1 << 5, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    TEST_EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
    char *text = scratch_oci_features();
    char *known = text ? strstr(text, "\"knownFlags\"") : NULL;
    char *supported = known ? strstr(known, "\"supportedFlags\"") : NULL;
    char *last = known ? strstr(known, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV") : NULL;
    TEST_EXPECT(last && supported && last < supported);
    TEST_EXPECT(supported && !strstr(supported, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"));
    TEST_EXPECT(supported && strstr(supported, "SECCOMP_FILTER_FLAG_LOG"));
    free(text);
}

static void flags_of_filters_are_those_of_the_kernel(void **state)
{
    (void)state;
    test_apart(only_flags_of_the_kernel_work);
}

TEST_MAIN(a_read_only_tmpfs_is_filled_first, a_tmpfs_has_the_mode_of_what_it_covers,
          the_kernels_views_go_on_directories, a_source_below_the_root_is_the_containers,
          sources_are_opened_by_who_may, a_masked_directory_can_be_entered,
          without_pivot_root_the_old_proc_is_gone, the_callers_cpus_are_its_own,
          a_hook_inside_has_the_process_environment, flags_of_filters_are_those_of_the_kernel)
