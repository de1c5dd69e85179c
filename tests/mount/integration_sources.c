/* SPDX-License-Identifier: MIT */
/*
 * What "U", "z" and "Z" do to the source of a bind.
 */
#include "step/builder.h"
#include "step/self.h"
#include "support/apart.h"
#include "support/rootfs.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char *directory; /* made before a child, removed after it */

struct container {
    struct scratch_spec spec;
    struct scratch_process_options process;
    struct scratch_rootfs_options rootfs;
    struct scratch_mount mount;
};

static void prepare(struct container *c, const char *source, const char *options)
{
    static const char *const argv[] = {"stat", "-c", "%u:%g", "/data", NULL};
    *c = (struct container){
        SCRATCH_SPEC_INIT,
        SCRATCH_PROCESS_OPTIONS_INIT,
        SCRATCH_ROOTFS_OPTIONS_INIT,
        {source, "/data", NULL, options},
    };
    c->process.argv = argv;
    c->rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    c->rootfs.path = test_rootfs();
    c->rootfs.throw_away = true;
    c->spec.rootfs = &c->rootfs;
    c->spec.process = &c->process;
    c->spec.mounts = &c->mount;
    c->spec.mount_count = 1;
}

static void refused(const struct container *c, int errnum, const char *sentence)
{
    struct scratch_error err;
    char line[SCRATCH_ERROR_LINE];
    scratch_plan *plan;
    assert_int_equal(scratch_plan_compile(&c->spec, &plan, &err), -errnum);
    scratch_error_format(&err, line, sizeof line);
    assert_string_equal(line, sentence);
}

static bool is_owned_by(const char *parent, const char *name, unsigned uid, unsigned gid)
{
    char path[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", parent, name);
    assert_int_equal(lstat(path, &st), 0);
    return st.st_uid == uid && st.st_gid == gid;
}

/* ---- owners --------------------------------------------------------------------------------- */

static void a_source_becomes_the_users_own(void **state)
{
    (void)state;
    if (!test_privileged())
        TEST_SKIP("files are not this user's to give away");
    struct container c;
    struct scratch_error err;
    const char *source = test_directory(), *outside = test_directory();
    char link[4096];
    test_make_directory(source, "deep");
    test_make_file(source, "deep/file", "");
    test_make_file(outside, "file", "");
    snprintf(link, sizeof link, "%s/link", source);
    assert_int_equal(symlink(outside, link), 0);
    prepare(&c, source, "rbind,U");
    c.process.uid = 1234;
    c.process.gid = 1235;
    int status;
    char *output = test_output(&c.spec, NULL, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(output, "1234:1235\n");
    free(output);
    assert_true(is_owned_by(source, ".", 1234, 1235));
    assert_true(is_owned_by(source, "deep", 1234, 1235));
    assert_true(is_owned_by(source, "deep/file", 1234, 1235));
    assert_true(is_owned_by(source, "link", 1234, 1235));
    assert_true(is_owned_by(outside, ".", 0, 0));
    assert_true(is_owned_by(outside, "file", 0, 0));
}

static void ids_are_those_of_the_map(void **state)
{
    static const struct scratch_id_map map[] = {{0, 100000, 1000}, {1000, 300000, 10}};
    (void)state;
    if (!test_privileged())
        TEST_SKIP("ranges of ids are not this user's to map");
    struct container c;
    struct scratch_error err;
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    const char *source = test_directory();
    test_make_file(source, "file", "");
    prepare(&c, source, "bind,U");
    c.process.uid = 1001;
    c.process.gid = 33;
    namespaces.create |= SCRATCH_NS_USER;
    namespaces.uid_map = namespaces.gid_map = map;
    namespaces.uid_map_count = namespaces.gid_map_count = 2;
    c.spec.namespaces = &namespaces;
    int status;
    char *output = test_output(&c.spec, NULL, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(output, "1001:33\n");
    free(output);
    assert_true(is_owned_by(source, "file", 300001, 100033));
    c.process.uid = 2000;
    char sentence[4200];
    snprintf(sentence, sizeof sentence,
             "owner of a bind '%s': EINVAL: the id 2000 of the container is not mapped (add it to "
             "the id maps, or leave out U)",
             source);
    refused(&c, EINVAL, sentence);
}

static void an_ordinary_users_own_files_stay_his(void **state)
{
    (void)state;
    if (test_privileged())
        TEST_SKIP("this is about an ordinary user");
    struct container c;
    struct scratch_error err;
    const char *source = test_directory();
    prepare(&c, source, "rbind,U");
    int status;
    char *output = test_output(&c.spec, NULL, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(output, "0:0\n");
    free(output);
    assert_true(is_owned_by(source, ".", getuid(), getgid()));
    prepare(&c, "/usr/bin/env", "bind,U");
    free(test_output(&c.spec, NULL, &status, &err));
    assert_int_equal(status, -EPERM);
    assert_string_equal(err.cause, "something in '/usr/bin/env' is not this user's to give away");
}

static void the_hosts_directories_are_not_given_away(void **state)
{
    static const char *const paths[] = {"/", "/etc", "/usr/../etc/", "/home", "/var/lib"};
    char sentence[512];
    struct container c;
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        prepare(&c, paths[i], "rbind,U");
        snprintf(sentence, sizeof sentence,
                 "owner of a bind '%s': EPERM: the host itself needs this directory as it is (bind "
                 "a directory that is for containers, or leave out U, z, Z)",
                 paths[i]);
        refused(&c, EPERM, sentence);
    }
}

/* Whoever may write beside the source cannot turn the plan, once it is made, on something else. */
static void a_source_that_became_a_link_is_refused(void **state)
{
    (void)state;
    struct container c;
    struct scratch_error err;
    const char *parent = test_directory(), *outside = test_directory();
    char moved[4200];
    test_make_directory(parent, "a");
    const char *source = test_make_directory(parent, "a/source");
    char path[4096];
    snprintf(path, sizeof path, "%s", source);
    prepare(&c, path, "rbind,U");
    scratch_plan *plan;
    TEST_OK(scratch_plan_compile(&c.spec, &plan, &err), &err);
    snprintf(moved, sizeof moved, "%s.moved", path);
    assert_int_equal(rename(path, moved), 0);
    assert_int_equal(symlink(outside, path), 0);
    scratch_container *container;
    assert_int_equal(scratch_plan_start(plan, NULL, &container, &err), -ELOOP);
    assert_non_null(strstr(err.cause, "has become a link"));
    assert_int_equal(unlink(path), 0); /* and a link on the way */
    assert_int_equal(rename(moved, path), 0);
    snprintf(moved, sizeof moved, "%s/a", parent);
    snprintf(path, sizeof path, "%s/b", parent);
    assert_int_equal(rename(moved, path), 0);
    assert_int_equal(symlink("b", moved), 0);
    assert_int_equal(scratch_plan_start(plan, NULL, &container, &err), -ENOTDIR);
    scratch_plan_free(plan);
}

static int own(const char *path, struct scratch_error *err)
{
    struct step_walk w = STEP_WALK_INIT;
    struct builder b;
    builder_begin(&b, err);
    uint32_t text = builder_text(&b, path);
    struct step *step = builder_add(&b, STEP_OWN, STEP_CONTAINER);
    step->text[0] = text;
    step->num[0] = step->num[1] = 77;
    return step_run_self(&b, 0, &w);
}

static void own_with_a_mount_below(void)
{
    char path[4096];
    struct stat st;
    struct scratch_error err;
    snprintf(path, sizeof path, "%s/below", directory);
    TEST_EXPECT(mount("tmpfs", path, "tmpfs", 0, "mode=755") == 0);
    TEST_EXPECT(own(directory, &err) == 0);
    TEST_EXPECT(stat(path, &st) == 0 && st.st_uid == 0);
    TEST_EXPECT(umount(path) == 0);
    TEST_EXPECT(stat(path, &st) == 0 && st.st_uid == 0); /* it was covered */
    TEST_EXPECT(stat(directory, &st) == 0 && st.st_uid == 77);
}

static void other_mounts_are_left_alone(void **state)
{
    (void)state;
    if (!test_privileged())
        TEST_SKIP("files are not this user's to give away");
    directory = test_directory();
    test_make_directory(directory, "below");
    test_apart(own_with_a_mount_below);
}

/* ---- labels --------------------------------------------------------------------------------- */

static void a_label_is_set_on_all(void **state)
{
    (void)state;
    if (!test_privileged())
        TEST_SKIP("without SELinux, labels are root's to write");
    struct step_walk w = STEP_WALK_INIT;
    struct builder b;
    struct scratch_error err;
    const char *source = test_directory(), *outside = test_directory();
    const char *file = test_make_file(source, "file", "");
    char link[4096], label[128] = "";
    snprintf(link, sizeof link, "%s/link", source);
    assert_int_equal(symlink(outside, link), 0);
    if (setxattr(outside, "security.selinux", "x", 1, 0) < 0)
        TEST_SKIP("this file system has no labels");
    builder_begin(&b, &err);
    uint32_t path = builder_text(&b, source), text = builder_text(&b, "a:b:c:s0");
    struct step *step = builder_add(&b, STEP_RELABEL, STEP_HOST);
    step->text[0] = path;
    step->text[1] = text;
    TEST_OK(step_run_self(&b, 0, &w), &err);
    assert_int_equal(getxattr(file, "security.selinux", label, sizeof label), sizeof "a:b:c:s0");
    assert_string_equal(label, "a:b:c:s0");
    assert_int_equal(getxattr(source, "security.selinux", label, sizeof label), sizeof "a:b:c:s0");
    assert_int_equal(getxattr(outside, "security.selinux", label, sizeof label), 1);
}

static void without_selinux_there_is_nothing_to_label(void **state)
{
    (void)state;
    if (access("/sys/fs/selinux/enforce", F_OK) == 0)
        TEST_SKIP("this machine has SELinux");
    struct container c;
    struct scratch_error err;
    int status;
    prepare(&c, test_directory(), "rbind,Z");
    free(test_output(&c.spec, NULL, &status, &err));
    TEST_OK(status, &err);
}

/* ---- what makes no sense -------------------------------------------------------------------- */

static void they_are_for_the_binds_of_a_container(void **state)
{
    const struct scratch_mount bind = {"/tmp", "/data", NULL, "rbind,U"};
    struct container c;
    struct scratch_error err;
    char line[SCRATCH_ERROR_LINE];
    (void)state;
    prepare(&c, "tmpfs", "U");
    c.mount.type = "tmpfs";
    refused(&c, EINVAL,
            "mount options '/data': EINVAL: U, z and Z are for what is bound (leave them out)");
    assert_int_equal(scratch_mount_apply(AT_FDCWD, &bind, &err), -EINVAL);
    scratch_error_format(&err, line, sizeof line);
    assert_string_equal(line,
                        "mount options '/data': EINVAL: U, z and Z are for a container's mounts "
                        "(leave them out, and use chown(1) or chcon(1))");
}

TEST_MAIN(a_source_becomes_the_users_own, ids_are_those_of_the_map,
          an_ordinary_users_own_files_stay_his, the_hosts_directories_are_not_given_away,
          a_source_that_became_a_link_is_refused, other_mounts_are_left_alone,
          a_label_is_set_on_all, without_selinux_there_is_nothing_to_label,
          they_are_for_the_binds_of_a_container)
