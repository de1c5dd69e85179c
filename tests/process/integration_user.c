/* SPDX-License-Identifier: MIT */
/*
 * Users by name: what the files of the root say, whatever the host's say.
 */
#include "support/rootfs.h"
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct scratch_error err;

struct user {
    const char *argv[4];
    struct scratch_process_options process;
    struct scratch_namespace_options namespaces;
    struct scratch_rootfs_options rootfs;
    struct scratch_spec spec;
};

static const char *root_with(const char *passwd, const char *group)
{
    char path[4096];
    const char *root = test_rootfs_new();
    snprintf(path, sizeof path, "%s/etc/passwd", root);
    unlink(path);
    snprintf(path, sizeof path, "%s/etc/group", root);
    unlink(path);
    if (passwd)
        test_make_file(root, "etc/passwd", passwd);
    if (group)
        test_make_file(root, "etc/group", group);
    return root;
}

static const char passwd[] = "root:x:0:0::/home/of/root:/bin/sh\n"
                             "web:x:33:33::/srv/web:/bin/sh\n"
                             "bad:x:44\n"
                             "far:x:4000000000:4000000000::/:/bin/sh\n";
static const char groups[] = "root:x:0:\nweb:x:33:\nadm:x:4:web\nvideo:x:44:someone,web\nbad:x:y:\n"
                             "far:x:4000000000:\n";

static void begin(struct user *u, const char *root, const char *user)
{
    static const char script[] = "echo $(id -u):$(id -g) $(id -G) $HOME";
    *u = (struct user){.argv = {"/bin/sh", "-c", script, NULL},
                       .process = SCRATCH_PROCESS_OPTIONS_INIT,
                       .namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT,
                       .rootfs = SCRATCH_ROOTFS_OPTIONS_INIT,
                       .spec = SCRATCH_SPEC_INIT};
    u->process.argv = u->argv;
    u->process.user = user;
    u->rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    u->rootfs.path = root;
    u->rootfs.throw_away = true;
    u->spec.process = &u->process;
    u->spec.namespaces = &u->namespaces;
    u->spec.rootfs = &u->rootfs;
}

static void assert_prints(const struct user *u, const char *expected)
{
    int status;
    char *text = test_output(&u->spec, NULL, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(text, expected);
    free(text);
}

static void assert_is(const char *root, const char *user, const char *expected)
{
    struct user u;
    begin(&u, root, user);
    assert_prints(&u, expected);
}

static void assert_fails(const char *root, const char *user, int errnum, const char *cause)
{
    struct user u;
    int status;
    begin(&u, root, user);
    free(test_output(&u.spec, NULL, &status, &err));
    assert_int_equal(status, -errnum);
    if (!strstr(err.cause, cause))
        fail_msg("%s: %s", user, err.cause);
}

static void need_ids(void)
{
    if (!test_privileged())
        TEST_SKIP("an ordinary user's user namespace has one id");
}

static void a_user_is_what_the_root_says(void **state)
{
    const char *root = root_with(passwd, groups);
    (void)state;
    assert_is(root, "root", "0:0 0 /home/of/root\n");
    assert_is(root, "0", "0:0 0 /home/of/root\n");
    assert_is(root, "0:0", "0:0 0 /home/of/root\n");
    need_ids();
    assert_is(root, "web", "33:33 33 4 44 /srv/web\n");
    assert_is(root, "33", "33:33 33 4 44 /srv/web\n");
}

static void a_chosen_group_is_the_only_one(void **state)
{
    const char *root = root_with(passwd, groups);
    (void)state;
    need_ids();
    assert_is(root, "web:adm", "33:4 4 /srv/web\n");
    assert_is(root, "web:7", "33:7 7 /srv/web\n");
    assert_is(root, "5:7", "5:7 7 /\n");
}

static void a_number_need_not_be_there(void **state)
{
    const char *root = root_with(NULL, NULL);
    (void)state;
    assert_is(root, "0", "0:0 0 /\n");
    need_ids();
    assert_is(root, "5", "5:0 0 /\n");
}

static void more_groups_are_added(void **state)
{
    static const char *const more[] = {"video", "77", "adm"};
    struct user u;
    (void)state;
    need_ids();
    begin(&u, root_with(passwd, groups), "web");
    u.process.group_names = more;
    u.process.group_name_count = 3;
    assert_prints(&u, "33:33 33 4 44 77 /srv/web\n");
    u.process.user = "web:web";
    assert_prints(&u, "33:33 33 4 44 77 /srv/web\n");
}

static void a_home_that_is_given_stays(void **state)
{
    static const char *const with[] = {"PATH=/bin", "HOME=/mine", NULL};
    static const char *const without[] = {"PATH=/bin", NULL};
    struct user u;
    (void)state;
    begin(&u, root_with(passwd, groups), "root");
    u.process.env = with;
    assert_prints(&u, "0:0 0 /mine\n");
    u.process.env = without;
    assert_prints(&u, "0:0 0 /home/of/root\n");
}

static void names_that_are_not_there_are_errors(void **state)
{
    const char *root = root_with(passwd, groups);
    (void)state;
    assert_fails(root, "nobody", ENOENT, "no such user");
    assert_fails(root, "root:nobody", ENOENT, "no such group");
    assert_fails(root, "bad", EINVAL, "passwd(5)");
    assert_fails(root, "root:bad", EINVAL, "group(5)");
    assert_fails(root_with(NULL, groups), "root", ENOENT, "no such user");
}

static void what_is_written_badly_is_refused_before(void **state)
{
    static const char *const bad[] = {"", ":", "1:", ":1", "1:2:3", "4294967295", "0:4294967296"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct user u;
        scratch_plan *plan;
        begin(&u, test_rootfs(), bad[i]);
        if (scratch_plan_compile(&u.spec, &plan, &err) != -EINVAL)
            fail_msg("'%s' is taken", bad[i]);
    }
}

/* It is never waited for what a pipe may bring, and no link leads out of the root. */
static void strange_files_are_refused(void **state)
{
    char path[4096];
    const char *root = root_with(NULL, NULL);
    (void)state;
    snprintf(path, sizeof path, "%s/etc/passwd", root);
    assert_int_equal(mkfifo(path, 0644), 0);
    assert_fails(root, "root", EINVAL, "not a file");
    unlink(path);
    assert_int_equal(symlink("/proc/self/fd/3", path), 0);
    assert_fails(root, "root", ELOOP, "not a file");
    unlink(path);
    FILE *out = fopen(path, "we");
    assert_true(out && ftruncate(fileno(out), 5 << 20) == 0 && fclose(out) == 0);
    assert_fails(root, "root", EFBIG, "4 MiB");
}

static void an_unmapped_user_is_named_with_the_map(void **state)
{
    const struct scratch_id_map map = {0, 100000, 1000};
    const char *root = root_with(passwd, groups);
    struct user u;
    int status;
    (void)state;
    test_need_idmaps();
    begin(&u, root, "far");
    u.namespaces.create |= SCRATCH_NS_USER;
    if (test_privileged()) {
        u.namespaces.uid_map = u.namespaces.gid_map = &map;
        u.namespaces.uid_map_count = u.namespaces.gid_map_count = 1;
        u.namespaces.id_maps = SCRATCH_ID_MAPS_DEFAULT;
        u.rootfs.idmap = true;
    }
    free(test_output(&u.spec, NULL, &status, &err));
    assert_int_equal(status, -EINVAL);
    assert_string_equal(err.subject, "4000000000");
    assert_non_null(strstr(err.cause, test_privileged() ? "users 0 100000 1000" : "users 0 "));
    u.process.user = "4000000000";
    free(test_output(&u.spec, NULL, &status, &err));
    assert_int_equal(status, -EINVAL);
    assert_non_null(strstr(err.cause, test_privileged() ? "0 to 999" : "which has 0"));
}

static void a_user_other_than_root_has_no_capabilities(void **state)
{
    struct user u;
    (void)state;
    need_ids();
    begin(&u, root_with(passwd, groups), "web");
    u.argv[2] = "grep -E 'Cap(Prm|Eff|Amb)' /proc/self/status | grep -v '0000000000000000$'; true";
    assert_prints(&u, "");
    u.process.user = "root";
    u.argv[2] = "grep CapEff /proc/self/status";
    assert_prints(&u, "CapEff:\t00000000800405fb\n");
}

TEST_MAIN(a_user_is_what_the_root_says, a_chosen_group_is_the_only_one, a_number_need_not_be_there,
          more_groups_are_added, a_home_that_is_given_stays, names_that_are_not_there_are_errors,
          what_is_written_badly_is_refused_before, strange_files_are_refused,
          an_unmapped_user_is_named_with_the_map, a_user_other_than_root_has_no_capabilities)
