/* SPDX-License-Identifier: MIT */
/*
 * A spec's mounts, seen from inside the container.
 */
#include "support/rootfs.h"
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Run a shell script in a root that is written through, unless it is to be thrown away. */
static char *run(const char *root, bool throw_away, const struct scratch_mount *mounts,
                 size_t count, const char *script, int *status, struct scratch_error *err)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    process.argv = argv;
    rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    rootfs.path = root;
    rootfs.throw_away = throw_away;
    spec.rootfs = &rootfs;
    spec.process = &process;
    spec.mounts = mounts;
    spec.mount_count = count;
    return test_output(&spec, NULL, status, err);
}

static void expect(const char *root, const struct scratch_mount *mounts, size_t count,
                   const char *script, const char *expected)
{
    struct scratch_error err;
    int status;
    char *output = run(root, true, mounts, count, script, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(output, expected);
    free(output);
}

static void expect_refused(const char *root, bool throw_away, const struct scratch_mount *mount,
                           int errnum, const char *sentence)
{
    struct scratch_error err;
    char line[SCRATCH_ERROR_LINE];
    int status;
    free(run(root, throw_away, mount, 1, "echo ran", &status, &err));
    assert_int_equal(status, -errnum);
    scratch_error_format(&err, line, sizeof line);
    const char *text = err.step ? strstr(line, ": ") + 2 : line;
    assert_string_equal(text, sentence);
}

static void a_tmpfs_has_its_options(void **state)
{
    const struct scratch_mount mount[] = {
        {"tmpfs", "/data", "tmpfs", "size=4m,mode=1770,nosuid,noexec"}};
    (void)state;
    expect(test_rootfs(), mount, 1,
           "stat -c %a /data; grep ' /data ' /proc/self/mountinfo | cut -d' ' -f6; "
           "cp /bin/true /data/true; /data/true 2>/dev/null || echo not executed;"
           "dd if=/dev/zero of=/data/big bs=1M count=5 2>/dev/null || echo full",
           "1770\nrw,nosuid,noexec,relatime\nnot executed\nfull\n");
}

static void a_read_only_tmpfs_is_read_only(void **state)
{
    const struct scratch_mount mount[] = {{NULL, "/data", "tmpfs", "ro"}};
    (void)state;
    expect(test_rootfs(), mount, 1,
           "touch /data/x 2>&1; grep ' /data ' /proc/self/mountinfo | sed 's/.* //' | cut -c1-2",
           "touch: /data/x: Read-only file system\nro\n");
}

static void other_file_systems_are_mounted(void **state)
{
    const struct scratch_mount mounts[] = {
        {"proc", "/proc2", "proc", "nosuid"},
        {"sysfs", "/sys2", "sysfs", "ro"},
        {"devpts", "/pts2", "devpts", "newinstance,ptmxmode=666"},
        {"mqueue", "/mq2", "mqueue", NULL},
    };
    (void)state;
    expect(test_rootfs(), mounts, COUNT(mounts),
           "cat /proc2/self/comm; ls -d /sys2/kernel; ls /pts2; ls -d /mq2",
           "cat\n/sys2/kernel\nptmx\n/mq2\n");
}

static void a_directory_and_a_file_are_bound(void **state)
{
    const char *volume = test_directory();
    const char *file = test_make_file(volume, "file", "outside\n");
    const struct scratch_mount mounts[] = {
        {volume, "/data", NULL, "bind"},
        {file, "/etc/file", "none", "bind,ro"},
        {file, "/new/deep/file", NULL, "rbind"},
    };
    (void)state;
    expect(test_rootfs(), mounts, COUNT(mounts),
           "cat /data/file /etc/file /new/deep/file; echo more >/data/second;"
           "echo x 2>/dev/null >/etc/file || echo read-only",
           "outside\noutside\noutside\nread-only\n");
    char path[4096];
    snprintf(path, sizeof path, "%s/second", volume);
    assert_int_equal(access(path, F_OK), 0);
}

/* The host's /dev has mounts below it on any machine. */
static void a_read_only_tree_is_read_only_to_its_last_mount(void **state)
{
    const struct scratch_mount mounts[] = {
        {"/proc", "/seen", NULL, "rbind,ro,nosuid"},
        {"/dev", "/devices", NULL, "rbind,ro"},
    };
    /* One that another mount covers is out of mount(2)'s reach, as it is out of everyone's. */
    const char *script =
        test_has_call(SYS_mount_setattr)
            ? "grep -c ' /devices/' /proc/self/mountinfo | grep -qv '^0$' && echo mounts below;"
              "grep ' /devices' /proc/self/mountinfo | cut -d' ' -f6 | grep -v '^ro';"
              "touch /devices/shm/x 2>/dev/null || echo not written"
            : "awk '$5 ~ \"^/devices\" { at[$1] = $5; has[$1] = $6; on[$2 $5] = 1; count++ }"
              "END { if (count > 1) print \"mounts below\";"
              "for (id in at) if (!((id at[id]) in on) && has[id] !~ \"^ro\") print at[id] }' "
              "/proc/self/mountinfo; touch /devices/shm/x 2>/dev/null || echo not written";
    (void)state;
    expect(test_rootfs(), mounts, COUNT(mounts), script, "mounts below\nnot written\n");
}

static void a_plain_bind_leaves_out_what_is_mounted_below(void **state)
{
    const struct scratch_mount mount = {"/dev", "/devices", NULL, "bind"};
    (void)state;
    if (test_privileged())
        expect(test_rootfs(), &mount, 1, "grep -c ' /devices' /proc/self/mountinfo", "1\n");
    else
        expect_refused(
            test_rootfs(), true, &mount, EINVAL,
            "bind /dev on /devices: EINVAL: '/dev' is unbindable, or has mounts below it, "
            "which a user namespace cannot leave out (use rbind)");
}

static void a_missing_source_is_named(void **state)
{
    const struct scratch_mount missing = {"/nonexistent/volume", "/data", NULL, "bind"};
    const struct scratch_mount nofail = {"/nonexistent/volume", "/data", NULL, "bind,nofail"};
    (void)state;
    expect_refused(test_rootfs(), true, &missing, ENOENT,
                   "source of a bind '/nonexistent/volume': ENOENT: No such file or directory "
                   "(make it first, or add the option nofail)");
    expect(test_rootfs(), &nofail, 1, "echo ran", "ran\n");
}

static void a_refused_option_is_named(void **state)
{
    const struct scratch_mount unknown = {"tmpfs", "/data", "tmpfs", "ro,size=1m,foo=bar,mode=700"};
    const struct scratch_mount value = {"tmpfs", "/data", "tmpfs", "size=lots"};
    const struct scratch_mount nofail = {"tmpfs", "/data", "tmpfs", "foo,nofail"};
    (void)state;
    if (!test_has_call(SYS_fsopen))
        TEST_SKIP("mount(2) does not say which option it is");
    expect_refused(test_rootfs(), true, &unknown, EINVAL,
                   "mount tmpfs on /data: EINVAL: the file system refuses the option 'foo=bar' "
                   "(see the section of this file system in mount(8))");
    expect_refused(test_rootfs(), true, &value, EINVAL,
                   "mount tmpfs on /data: EINVAL: the file system refuses the option 'size=lots' "
                   "(see the section of this file system in mount(8))");
    expect(test_rootfs(), &nofail, 1, "echo ran", "ran\n");
}

static void an_unknown_type_is_named(void **state)
{
    const struct scratch_mount mount = {"x", "/data", "nosuchfs", NULL};
    (void)state;
    expect_refused(test_rootfs(), true, &mount, ENODEV,
                   "mount nosuchfs on /data: ENODEV: this kernel does not know the file system "
                   "type 'nosuchfs' (see /proc/filesystems, or load its module)");
}

static void what_makes_no_sense_is_refused(void **state)
{
    static const struct {
        struct scratch_mount mount;
        const char *sentence;
    } rows[] = {
        {{"tmpfs", "data", "tmpfs", NULL},
         "mount target 'data': EINVAL: Invalid argument (give an absolute path inside the root)"},
        {{"tmpfs", "//", "tmpfs", NULL},
         "mount target '//': EINVAL: the root itself is not mounted over (give the root file "
         "system what shall be in \"/\")"},
        {{"/tmp", "/data", NULL, "ro"},
         "file system type '/data': EINVAL: Invalid argument (give a type, or bind or rbind among "
         "the options)"},
        {{"/tmp", "/data", "tmpfs", "bind"},
         "file system type 'tmpfs': EINVAL: a bind shows what is there, and has no type (use "
         "\"none\", or leave out bind and rbind)"},
        {{"/tmp", "/data", NULL, "bind,size=1m"},
         "mount options 'size=1m': EINVAL: a bind has no options of a file system (leave them "
         "out: they are those of the mount that is bound)"},
        {{NULL, "/data", NULL, "rbind"},
         "source of a bind: EINVAL: Invalid argument (give the directory or file to bind)"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        expect_refused(test_rootfs(), true, &rows[i].mount, EINVAL, rows[i].sentence);
}

static void a_missing_target_is_made_where_that_is_asked_for(void **state)
{
    const char *root = test_rootfs_new();
    const struct scratch_mount plain = {"tmpfs", "/made/deep", "tmpfs", NULL};
    const struct scratch_mount made = {"tmpfs", "/made/deep", "tmpfs", "X-mount.mkdir"};
    struct scratch_error err;
    int status;
    (void)state;
    expect_refused(
        root, false, &plain, ENOENT,
        "mount tmpfs on /made/deep: ENOENT: '/made/deep' is not there in the root (make it "
        "there first, ask for it with X-mount.mkdir, or give the root an upper layer: --volatile)");
    expect(root, &plain, 1, "ls -d /made/deep", "/made/deep\n");
    char path[4096];
    snprintf(path, sizeof path, "%s/made", root);
    assert_int_equal(access(path, F_OK), -1);
    free(run(root, false, &made, 1, "true", &status, &err));
    TEST_OK(status, &err);
    assert_int_equal(access(path, F_OK), 0);
}

static void a_target_that_leads_out_stays_in(void **state)
{
    const char *root = test_rootfs_new(), *outside = test_directory();
    const struct scratch_mount mounts[] = {
        {"tmpfs", "/absolute/data", "tmpfs", "X-mount.mkdir"},
        {"tmpfs", "/climbing", "tmpfs", NULL},
    };
    char link[4096], path[4096];
    struct scratch_error err;
    int status;
    (void)state;
    snprintf(link, sizeof link, "%s/absolute", root);
    assert_int_equal(symlink("/etc", link), 0);
    snprintf(link, sizeof link, "%s/climbing", root);
    snprintf(path, sizeof path, "../../../../../../..%s", outside);
    assert_int_equal(symlink(path, link), 0);
    snprintf(path, sizeof path, "mkdir -p %s%s", root, outside); /* the same path, inside */
    assert_int_equal(system(path), 0);
    char *output = run(root, false, mounts, COUNT(mounts),
                       "touch /absolute/data/x /climbing/x;"
                       "cut -d' ' -f5 /proc/self/mountinfo | grep -e data -e libscratch-test",
                       &status, &err);
    TEST_OK(status, &err);
    snprintf(path, sizeof path, "/etc/data\n%s\n", outside);
    assert_string_equal(output, path);
    free(output);
    snprintf(path, sizeof path, "%s/x", outside);
    assert_int_equal(access(path, F_OK), -1);
}

static void propagation_is_what_was_asked_for(void **state)
{
    const char *volume = test_directory();
    const struct scratch_mount mounts[] = {
        {volume, "/private", NULL, "bind"},
        {volume, "/shared", NULL, "bind,shared"},
        {volume, "/slave", NULL, "bind,slave"},
        {"tmpfs", "/unbindable", "tmpfs", "unbindable"},
    };
    (void)state;
    expect(test_rootfs(), mounts, COUNT(mounts),
           "grep ' /private ' /proc/self/mountinfo | cut -d' ' -f7;"
           "grep ' /shared ' /proc/self/mountinfo | cut -d' ' -f7 | cut -d: -f1;"
           "grep ' /unbindable ' /proc/self/mountinfo | cut -d' ' -f7;"
           "grep ' / / ' /proc/self/mountinfo | cut -d' ' -f7",
           "-\nshared\nunbindable\n-\n");
}

static void mounts_come_in_their_order(void **state)
{
    const struct scratch_mount mounts[] = {
        {"tmpfs", "/a", "tmpfs", NULL},
        {"tmpfs", "/a/b", "tmpfs", "X-mount.mkdir"},
        {"tmpfs", "/a/b/c", "tmpfs", "X-mount.mkdir,ro"},
    };
    (void)state;
    expect(test_rootfs(), mounts, COUNT(mounts), "cut -d' ' -f5 /proc/self/mountinfo | grep ^/a",
           "/a\n/a/b\n/a/b/c\n");
}

TEST_MAIN(a_tmpfs_has_its_options, a_read_only_tmpfs_is_read_only, other_file_systems_are_mounted,
          a_directory_and_a_file_are_bound, a_read_only_tree_is_read_only_to_its_last_mount,
          a_plain_bind_leaves_out_what_is_mounted_below, a_missing_source_is_named,
          a_refused_option_is_named, an_unknown_type_is_named, what_makes_no_sense_is_refused,
          a_missing_target_is_made_where_that_is_asked_for, a_target_that_leads_out_stays_in,
          propagation_is_what_was_asked_for, mounts_come_in_their_order)
