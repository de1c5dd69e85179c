/* SPDX-License-Identifier: MIT */
/*
 * Paths that are hidden or made read-only, and device nodes that are given, seen from inside.
 */
#include "support/rootfs.h"
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct scratch_rootfs_options throw_away(void)
{
    struct scratch_rootfs_options o = SCRATCH_ROOTFS_OPTIONS_INIT;
    o.kind = SCRATCH_ROOTFS_DIRECTORY;
    o.path = test_rootfs();
    o.throw_away = true;
    return o;
}

static char *run(const struct scratch_rootfs_options *o, const char *script, int *status,
                 struct scratch_error *err)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    process.argv = argv;
    spec.rootfs = o;
    spec.process = &process;
    return test_output(&spec, NULL, status, err);
}

static void expect(const struct scratch_rootfs_options *o, const char *script, const char *expected)
{
    struct scratch_error err;
    int status;
    char *output = run(o, script, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(output, expected);
    free(output);
}

static void expect_refused(const struct scratch_rootfs_options *o, int errnum, const char *sentence)
{
    struct scratch_error err;
    char line[SCRATCH_ERROR_LINE];
    int status;
    free(run(o, "echo ran", &status, &err));
    assert_int_equal(status, -errnum);
    scratch_error_format(&err, line, sizeof line);
    assert_string_equal(err.step ? strstr(line, ": ") + 2 : line, sentence);
}

/* ---- paths ---------------------------------------------------------------------------------- */

static void what_is_masked_is_empty(void **state)
{
    static const char *const paths[] = {"/etc", "/proc/uptime", "/missing"};
    struct scratch_rootfs_options o = throw_away();
    (void)state;
    o.masked_paths = paths;
    o.masked_path_count = COUNT(paths);
    expect(&o,
           "ls /etc; cat /proc/uptime; stat -c %a /etc; touch /etc/x 2>/dev/null ||"
           "echo not written; stat -c '%t %T' /proc/uptime; test -e /missing || echo missing",
           "555\nnot written\n1 3\nmissing\n");
}

/* The defaults are not added to a list that is given. */
static void an_empty_list_hides_nothing(void **state)
{
    static const char *const none[] = {NULL};
    struct scratch_rootfs_options o = throw_away();
    (void)state;
    o.masked_paths = o.read_only_paths = none;
    expect(&o, "grep -c -e ' /proc/' -e ' /sys/' /proc/self/mountinfo", "0\n");
}

static void read_only_paths_are_kept_from_writing(void **state)
{
    static const char *const paths[] = {"/tmp", "/missing"};
    struct scratch_rootfs_options o = throw_away();
    (void)state;
    o.read_only_paths = paths;
    o.read_only_path_count = COUNT(paths);
    expect(&o, "touch /tmp/x 2>&1; touch /etc/x && echo written",
           "touch: /tmp/x: Read-only file system\nwritten\n");
}

static void a_mask_is_laid_on_what_a_link_leads_to(void **state)
{
    static const char *const paths[] = {"/link"};
    struct scratch_rootfs_options o = throw_away();
    char link[4096];
    (void)state;
    o.path = test_rootfs_new();
    snprintf(link, sizeof link, "%s/link", o.path);
    assert_int_equal(symlink("../../../../etc", link), 0);
    o.masked_paths = paths;
    o.masked_path_count = 1;
    test_make_file(o.path, "etc/secret", "secret");
    expect(&o, "cat /etc/secret 2>/dev/null; stat -c %a /etc", "555\n");
    assert_int_equal(access("/etc/passwd", R_OK), 0);
}

/* CVE-2025-31133: a root whose /dev/null is something else would have that shown instead. */
static void another_null_device_is_not_taken(void **state)
{
    static const char *const files[] = {"/bin/busybox"}, *const directories[] = {"/etc"};
    struct scratch_rootfs_options o = throw_away();
    (void)state;
    o.standard_mounts = false;
    o.path = test_rootfs_new();
    test_make_directory(o.path, "dev");
    test_make_file(o.path, "dev/null", "not the null device");
    o.masked_paths = files;
    o.masked_path_count = 1;
    expect_refused(&o, ENODEV,
                   "hide /bin/busybox: ENODEV: /dev/null in the container is not the null device "
                   "(leave out the mount that lies over /dev, or do not mask paths)");
    o.masked_paths = directories; /* these need none */
    expect(&o, "ls /etc", "");
}

static void paths_are_absolute(void **state)
{
    static const char *const paths[] = {"/etc", "etc"};
    struct scratch_rootfs_options o = throw_away();
    (void)state;
    o.masked_paths = paths;
    o.masked_path_count = 2;
    expect_refused(&o, EINVAL,
                   "masked path 'etc': EINVAL: Invalid argument (give an absolute path inside the "
                   "root)");
    o = throw_away();
    o.read_only_paths = paths;
    o.read_only_path_count = 2;
    expect_refused(&o, EINVAL,
                   "read-only path 'etc': EINVAL: Invalid argument (give an absolute path inside "
                   "the root)");
}

static void the_defaults_can_be_read(void **state)
{
    size_t masked, read_only;
    (void)state;
    assert_string_equal(scratch_rootfs_masked_paths(&masked)[0], "/proc/acpi");
    assert_string_equal(scratch_rootfs_read_only_paths(&read_only)[0], "/proc/bus");
    assert_true(masked > 5 && read_only > 3);
}

/* ---- devices -------------------------------------------------------------------------------- */

static void a_device_is_given(void **state)
{
    static const struct scratch_device devices[] = {
        {.source = "/dev/zero", .target = "/dev/deep/nothing"},
        {.source = "/dev/null", .target = "/data/null"},
        {.source = "/dev/tty"}};
    struct scratch_rootfs_options o = throw_away();
    (void)state;
    o.devices = devices;
    o.device_count = COUNT(devices);
    expect(&o,
           "head -c 3 /dev/deep/nothing | od -An -tx1; echo x >/data/null;"
           "stat -c '%n %t %T %a' /dev/deep/nothing /data/null /dev/tty",
           " 00 00 00\n/dev/deep/nothing 1 5 666\n/data/null 1 3 666\n/dev/tty 5 0 666\n");
}

/*
 * What root inside does to the node shall not be done to the host's. That one is the test's own: a
 * library that is broken here must not change the machine's.
 */
static void a_node_is_the_containers_own(void **state)
{
    struct scratch_rootfs_options o = throw_away();
    struct stat st;
    char path[4096];
    (void)state;
    if (!test_privileged())
        TEST_SKIP("nodes are not this user's to make: the host's is bound, and root's");
    snprintf(path, sizeof path, "%s/zero", test_directory());
    if (mknod(path, S_IFCHR | 0640, makedev(1, 5)) < 0)
        TEST_SKIP("device nodes may not be made here");
    const struct scratch_device device = {.source = path, .target = "/dev/mine"};
    o.devices = &device;
    o.device_count = 1;
    expect(&o, "stat -c '%t %T %a' /dev/mine; chmod 600 /dev/mine; stat -c %a /dev/mine",
           "1 5 640\n600\n");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
}

/* Nodes are bound in a user namespace, whose root may be the host's. */
static void a_node_that_is_bound_keeps_its_mode(void **state)
{
    const char *const argv[] = {
        "sh", "-c", "chmod 600 /dev/mine 2>&1; head -c 2 /dev/mine | wc -c; echo >/dev/mine", NULL};
    struct scratch_rootfs_options o = throw_away();
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_error err;
    struct stat st;
    char path[4096];
    int status;
    (void)state;
    if (!test_privileged())
        TEST_SKIP("this is about the host's root");
    snprintf(path, sizeof path, "%s/zero", test_directory());
    if (mknod(path, S_IFCHR | 0640, makedev(1, 5)) < 0)
        TEST_SKIP("device nodes may not be made here");
    const struct scratch_device device = {.source = path, .target = "/dev/mine"};
    o.devices = &device;
    o.device_count = 1;
    namespaces.create |= SCRATCH_NS_USER;
    process.argv = argv;
    spec.namespaces = &namespaces;
    spec.rootfs = &o;
    spec.process = &process;
    char *output = test_output(&spec, NULL, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(output, "chmod: /dev/mine: Read-only file system\n2\n");
    free(output);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
}

static void in_a_root_that_is_written_through_a_file_has_to_be_there(void **state)
{
    static const struct scratch_device device = {.source = "/dev/null", .target = "/data/null"};
    struct scratch_rootfs_options o = throw_away();
    char path[4096];
    (void)state;
    o.path = test_rootfs_new();
    o.throw_away = false;
    o.devices = &device;
    o.device_count = 1;
    expect_refused(&o, ENOENT,
                   "bind the device /data/null, which is /dev/null outside: ENOENT: '/data/null' "
                   "is not there in the root (make it there first, ask for it with X-mount.mkdir, "
                   "or give the root an upper layer: --volatile)");
    snprintf(path, sizeof path, "%s/data", o.path);
    assert_int_equal(access(path, F_OK), -1);
    test_make_directory(o.path, "data");
    test_make_file(o.path, "data/null", "");
    expect(&o, "stat -c '%t %T' /data/null", "1 3\n");
}

static void what_is_no_device_is_refused(void **state)
{
    static const struct {
        struct scratch_device device;
        int errnum;
        const char *sentence;
    } rows[] = {
        {{.source = "/etc/passwd"},
         ENODEV,
         "device '/etc/passwd': ENODEV: it is no device node (files and directories are bound with "
         "a mount)"},
        {{.source = "/dev/nonexistent"},
         ENOENT,
         "device '/dev/nonexistent': ENOENT: No such file or directory (name a device node of "
         "the host)"},
        {{.target = "/dev/x"},
         EINVAL,
         "device: EINVAL: Invalid argument (name a device node of the host)"},
        {{.source = "/dev/null", .target = "dev/x"},
         EINVAL,
         "place of a device 'dev/x': EINVAL: Invalid argument (give an absolute path inside the "
         "root, such as /dev/fuse)"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct scratch_rootfs_options o = throw_away();
        o.devices = &rows[i].device;
        o.device_count = 1;
        expect_refused(&o, rows[i].errnum, rows[i].sentence);
    }
}

static void another_device_is_not_replaced(void **state)
{
    static const struct scratch_device device = {.source = "/dev/zero", .target = "/dev/null"};
    struct scratch_rootfs_options o = throw_away();
    (void)state;
    if (!test_privileged())
        TEST_SKIP("the host's node is bound, over what is there");
    o.devices = &device;
    o.device_count = 1;
    expect_refused(&o, EEXIST,
                   "make the device /dev/null, which is /dev/zero outside: EEXIST: there is "
                   "something else at '/dev/null' (choose another place in /dev)");
}

TEST_MAIN(what_is_masked_is_empty, an_empty_list_hides_nothing,
          read_only_paths_are_kept_from_writing, a_mask_is_laid_on_what_a_link_leads_to,
          another_null_device_is_not_taken, paths_are_absolute, the_defaults_can_be_read,
          a_device_is_given, a_node_is_the_containers_own, a_node_that_is_bound_keeps_its_mode,
          in_a_root_that_is_written_through_a_file_has_to_be_there, what_is_no_device_is_refused,
          another_device_is_not_replaced)
