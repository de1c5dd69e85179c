/* SPDX-License-Identifier: MIT */
/*
 * What a bundle says of its mounts, besides what fstab(5) has words for.
 */
#include "support/bundle.h"
#include "support/rootfs.h"
#include "support/test.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* ---- maps of their own ---------------------------------------------------------------------- */

#define MAPPING(name, inside, outside)                                                             \
    "\"" name "\":[{\"containerID\":" inside ",\"hostID\":" outside ",\"size\":1}]"

#define ALL_IDS                                                                                    \
    ",\"uidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}],"                     \
    "\"gidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}]"

static const char *owned_source(void)
{
    static const char *source;
    if (source)
        return source;
    source = test_make_directory(test_directory(), "owned");
    const char *file = test_make_file(source, "file", "");
    assert_int_equal(chown(file, 1000, 1001), 0);
    return source;
}

static void a_mount_has_the_map_it_is_given(void **state)
{
    static const char *const maps[] = {
        "\"options\":[\"bind\"]," MAPPING("uidMappings", "1000", "5") "," MAPPING("gidMappings",
                                                                                  "1001", "6"),
        "\"options\":[\"rbind\",\"ridmap\"]," MAPPING("uidMappings", "1000",
                                                      "5") "," MAPPING("gidMappings", "1001", "6"),
        "\"options\":[\"rbind\",\"idmap=uids=0-9-1#1000-5-1;gids=1001-6-1\"]",
    };
    char mounts[1024];
    const struct bundle_parts p = {.command = "stat -c '%u %g' /data/file", .mounts = mounts};
    (void)state;
    if (!test_privileged())
        TEST_SKIP("it needs root");
    test_need_idmaps();
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        snprintf(mounts, sizeof mounts, ",{\"destination\":\"/data\",\"source\":\"%s\",%s}",
                 owned_source(), maps[i]);
        bundle_expect(&p, "5 6\n");
    }
}

/* What is mounted there before is part of it. */
static void a_source_below_the_root_has_a_map(void **state)
{
    char mounts[2048];
    const struct bundle_parts p = {
        .command = "stat -c '%u %g' /below/file /other/file /mapped/file", .mounts = mounts};
    (void)state;
    if (!test_privileged())
        TEST_SKIP("it needs root");
    test_need_idmaps();
    snprintf(mounts, sizeof mounts,
             ",{\"destination\":\"/below\",\"source\":\"%s\",\"options\":[\"bind\"]}"
             ",{\"destination\":\"/other\",\"source\":\"%s\",\"options\":[\"bind\"]," MAPPING(
                 "uidMappings", "1000",
                 "3") "," MAPPING("gidMappings", "1001",
                                  "4") "}"
                                       ",{\"destination\":\"/mapped\",\"source\":\"%s/"
                                       "below\",\"options\":[\"rbind\"]," MAPPING(
                                           "uidMappings", "1000", "5") "," MAPPING("gidMappings",
                                                                                   "1001", "6") "}",
             owned_source(), owned_source(), bundle_root());
    bundle_expect(&p, "1000 1001\n3 4\n5 6\n");
}

/* The kernel gives no new one to a user namespace that does not own the network's. */
static void the_hosts_sysfs_stands_in_for_a_new_one(void **state)
{
    const struct bundle_parts p = {
        .command = "ls /sys/class/net | grep -c .; touch /sys/x 2>/dev/null || echo no;"
                   "grep ' /sys[ /]' /proc/self/mountinfo | grep -cv ' ro,' || true",
        .mounts = ",{\"destination\":\"/sys\",\"type\":\"sysfs\",\"source\":\"sysfs\","
                  "\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"ro\"]}",
        .namespaces = geteuid() == 0 ? "{\"type\":\"user\"},{\"type\":\"mount\"},{\"type\":\"pid\"}"
                                     : "{\"type\":\"mount\"},{\"type\":\"pid\"}"};
    char expected[64];
    unsigned interfaces = 0;
    (void)state;
    struct if_nameindex *list = if_nameindex();
    assert_non_null(list);
    while (list[interfaces].if_index)
        interfaces++;
    if_freenameindex(list);
    snprintf(expected, sizeof expected, "%u\nno\n0\n", interfaces);
    bundle_expect(&p, expected);
}

/* There its map is for the caller to set. */
static void a_source_below_the_root_of_a_user_namespace_has_a_map(void **state)
{
    char mounts[2048];
    const struct bundle_parts p = {
        .command = "stat -c '%u %g' /below/file /other/file /mapped/file; cat /words",
        .mounts = mounts,
        .namespaces = "{\"type\":\"pid\"},{\"type\":\"mount\"},{\"type\":\"user\"}",
        .section = ALL_IDS};
    (void)state;
    if (!test_privileged())
        TEST_SKIP("it needs root");
    test_need_idmaps();
    test_make_file(owned_source(), "words", "some words");
    test_make_file(bundle_root(), "words", "");
    snprintf(mounts, sizeof mounts,
             ",{\"destination\":\"/below\",\"source\":\"%s\",\"options\":[\"bind\"]}"
             ",{\"destination\":\"/other\",\"source\":\"%s/below\",\"options\":[\"bind\"]," MAPPING(
                 "uidMappings", "1000",
                 "100003") "," MAPPING("gidMappings", "1001",
                                       "100004") "}"
                                                 ",{\"destination\":\"/mapped\",\"source\":\"%s/"
                                                 "below\",\"options\":[\"rbind\",\"idmap\"]}"
                                                 ",{\"destination\":\"/words\",\"source\":\"%s/"
                                                 "below/words\",\"options\":[\"bind\",\"idmap\"]}",
             owned_source(), bundle_root(), bundle_root(), bundle_root());
    bundle_expect(&p, "65534 65534\n3 4\n1000 1001\nsome words");
}

/* Two of them, each with its own, and one without any. */
static void each_mount_has_its_own(void **state)
{
    char mounts[2048];
    const char *source;
    const struct bundle_parts p = {.command = "stat -c %u /one/file /two/file /none/file",
                                   .mounts = mounts};
    (void)state;
    if (!test_privileged())
        TEST_SKIP("it needs root");
    test_need_idmaps();
    source = owned_source();
    snprintf(mounts, sizeof mounts,
             ",{\"destination\":\"/one\",\"source\":\"%s\",\"options\":[\"bind\"]," MAPPING(
                 "uidMappings", "1000",
                 "5") "," MAPPING("gidMappings", "1001",
                                  "6") "},"
                                       "{\"destination\":\"/"
                                       "none\",\"source\":\"%s\",\"options\":[\"bind\"]},"
                                       "{\"destination\":\"/"
                                       "two\",\"source\":\"%s\",\"options\":[\"bind\"]," MAPPING(
                                           "uidMappings", "1000", "7") "," MAPPING("gidMappings",
                                                                                   "1001", "6") "}",
             source, source, source);
    bundle_expect(&p, "5\n7\n1000\n");
}

/* "@": the second number is one of the container's. */
static void a_map_may_be_about_the_containers_ids(void **state)
{
    char mounts[1024];
    const struct bundle_parts p = {
        .command = "stat -c '%u %g' /data/file",
        .mounts = mounts,
        .namespaces = "{\"type\":\"user\"},{\"type\":\"mount\"},{\"type\":\"pid\"}",
        .section = ",\"uidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":100}],"
                   "\"gidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":100}]"};
    (void)state;
    if (!test_privileged())
        TEST_SKIP("it needs root");
    test_need_idmaps();
    snprintf(mounts, sizeof mounts,
             ",{\"destination\":\"/data\",\"source\":\"%s\","
             "\"options\":[\"bind\",\"idmap=uids=@1000-5-1;gids=@1001-6-1\"]}",
             owned_source());
    bundle_expect(&p, "5 6\n");
}

static void maps_that_are_none_are_refused(void **state)
{
    static const struct {
        const char *mount, *words;
    } rows[] = {
        {"\"options\":[\"bind\"]," MAPPING("uidMappings", "0", "5"), "a map of users alone"},
        {"\"options\":[\"bind\",\"idmap=uids=0-1-1\"]", "users without groups"},
        {"\"options\":[\"bind\",\"idmap=uids=0-1;gids=0-1-1\"]", "not three numbers"},
        {"\"options\":[\"bind\",\"idmap=uids=0-1-1;gids=@7-8-1\"]", "has no such id"},
        {"\"options\":[\"bind\",\"idmap=0-1-1\"]", "neither uids= nor gids="},
    };
    char mounts[1024];
    const struct bundle_parts p = {.command = "true", .mounts = mounts};
    (void)state;
    if (!test_privileged())
        TEST_SKIP("without privilege, there is another reason");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(mounts, sizeof mounts, ",{\"destination\":\"/data\",\"source\":\"/etc\",%s}",
                 rows[i].mount);
        bundle_expect_error(&p, EINVAL, rows[i].words);
    }
}

static void without_privilege_there_are_none(void **state)
{
    const struct bundle_parts p = {
        .command = "true",
        .mounts = ",{\"destination\":\"/data\",\"source\":\"/etc\",\"options\":[\"bind\"]," MAPPING(
            "uidMappings", "0", "5") "," MAPPING("gidMappings", "0", "6") "}"};
    (void)state;
    if (test_privileged())
        TEST_SKIP("it is about an ordinary user");
    bundle_expect_error(&p, EPERM, "it needs CAP_SYS_ADMIN where the file system is mounted");
}

/* ---- words ---------------------------------------------------------------------------------- */

static void a_link_is_copied_as_it_is(void **state)
{
    char link[256], mounts[1024];
    const struct bundle_parts p = {.command = "readlink /deep/er/link", .mounts = mounts};
    const struct bundle_parts other = {.command = "true", .mounts = mounts};
    (void)state;
    snprintf(link, sizeof link, "%s/link", test_directory());
    assert_int_equal(symlink("no/where", link), 0);
    snprintf(mounts, sizeof mounts,
             ",{\"destination\":\"/deep/er/link\",\"source\":\"%s\","
             "\"options\":[\"bind\",\"copy-symlink\"]}",
             link);
    bundle_expect(&p, "no/where\n");
    bundle_expect(&p, "no/where\n"); /* it is there, and says the same */
    snprintf(mounts, sizeof mounts,
             ",{\"destination\":\"/bin/busybox\",\"source\":\"%s\","
             "\"options\":[\"bind\",\"copy-symlink\"]}",
             link);
    bundle_expect_error(&other, EEXIST, "make the link /bin/busybox");
}

/* As other runtimes: a template's options are given to all mounts, binds among them. */
static void a_bind_passes_over_values_for_a_file_system(void **state)
{
    char mounts[1024];
    const struct bundle_parts p = {.command = "ls /data", .mounts = mounts};
    const char *source = test_make_directory(test_directory(), "values");
    (void)state;
    test_make_file(source, "a-file", "");
    snprintf(mounts, sizeof mounts,
             ",{\"destination\":\"/data\",\"source\":\"%s\","
             "\"options\":[\"mode=755\",\"size=1k\",\"rbind\",\"private\",\"rasync\",\"rsync\"]}",
             source);
    bundle_expect(&p, "a-file\n");
    snprintf(mounts, sizeof mounts,
             ",{\"destination\":\"/data\",\"source\":\"%s\",\"options\":[\"bind\",\"raed-only\"]}",
             source);
    bundle_expect_error(&p, EINVAL, "raed-only");
}

#define ATTRIBUTES "grep ' /data ' /proc/mounts | cut -d' ' -f4"
/* What a bind of a restricted mount has then; NULL: it is refused. */
static const struct {
    const char *options, *has, *in_user_namespace;
} restricted[] = {
    {"", "ro,nosuid,nodev,noexec,noatime", "ro,nosuid,nodev,noexec,noatime"},
    {",\"rprivate\"", "ro,nosuid,nodev,noexec,noatime", "ro,nosuid,nodev,noexec,noatime"},
    {",\"nodev\"", "rw,nodev,noatime", "ro,nosuid,nodev,noexec,noatime"},
    {",\"ro\"", "ro,noatime", "ro,nosuid,nodev,noexec,noatime"},
    {",\"rw\"", "rw,noatime", "ro,nosuid,nodev,noexec,noatime"},
    {",\"ro\",\"rw\"", "rw,noatime", "ro,nosuid,nodev,noexec,noatime"},
    {",\"exec\"", "rw,noatime", NULL},
    {",\"atime\"", "rw,noatime", "ro,nosuid,nodev,noexec,noatime"},
    {",\"relatime\"", "rw,relatime", "ro,nosuid,nodev,noexec,noatime"},
    {",\"ro\",\"nodiratime\"", "ro,nodiratime,relatime", "ro,nosuid,nodev,noexec,noatime"},
};

static void expect_attributes(struct bundle_parts *p, const char *has)
{
    char line[128];
    snprintf(line, sizeof line, "%s\n", has ? has : "");
    if (has)
        bundle_expect(p, line);
    else
        bundle_expect_error(p, EPERM, "an attribute of a mount is locked");
}

/* As with runc and crun: what other attributes the source has are taken away. */
static void a_bind_has_the_attributes_that_are_named(void **state)
{
    char mounts[512];
    const char *source = test_make_directory(test_directory(), "restricted");
    const unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME;
    struct bundle_parts p = {.command = ATTRIBUTES, .mounts = mounts}, user = p;
    (void)state;
    if (!test_privileged())
        TEST_SKIP("it needs root");
    user.namespaces = "{\"type\":\"pid\"},{\"type\":\"mount\"},{\"type\":\"user\"}";
    user.section = ALL_IDS;
    assert_int_equal(mount("tmpfs", source, "tmpfs", 0, NULL), 0);
    assert_int_equal(mount(NULL, source, NULL, MS_REMOUNT | MS_BIND | flags, NULL), 0);
    for (size_t i = 0; i < sizeof restricted / sizeof *restricted; i++) {
        snprintf(mounts, sizeof mounts,
                 ",{\"destination\":\"/data\",\"source\":\"%s\",\"options\":[\"bind\"%s]}", source,
                 restricted[i].options);
        expect_attributes(&p, restricted[i].has);
        expect_attributes(&user, restricted[i].in_user_namespace);
    }
    umount2(source, MNT_DETACH);
}

static void a_label_without_selinux_is_a_warning(void **state)
{
    const struct bundle_parts p = {
        .command = "echo yes",
        .section = ",\"mountLabel\":\"system_u:object_r:container_file_t:s0:c1,c2\""};
    struct scratch_error err = {0}, warning;
    scratch_oci_bundle *bundle;
    (void)state;
    if (access("/sys/fs/selinux/enforce", F_OK) == 0)
        TEST_SKIP("SELinux is on");
    bundle_expect(&p, "yes\n");
    TEST_OK(bundle_load(&p, &bundle, &err), &err);
    assert_int_equal(scratch_oci_warning(bundle, 0, &warning), 0);
    assert_string_equal(warning.subject, "linux.mountLabel");
    assert_non_null(strstr(warning.cause, "SELinux"));
    scratch_oci_free(bundle);
}

TEST_MAIN(a_mount_has_the_map_it_is_given, the_hosts_sysfs_stands_in_for_a_new_one,
          a_source_below_the_root_has_a_map, a_source_below_the_root_of_a_user_namespace_has_a_map,
          each_mount_has_its_own, a_map_may_be_about_the_containers_ids,
          maps_that_are_none_are_refused, without_privilege_there_are_none,
          a_link_is_copied_as_it_is, a_bind_passes_over_values_for_a_file_system,
          a_bind_has_the_attributes_that_are_named, a_label_without_selinux_is_a_warning)
