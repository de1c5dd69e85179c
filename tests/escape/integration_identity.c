/* SPDX-License-Identifier: MIT */
/* Rows 15 and 17 of SECURITY.md: groups that one leaves, and capabilities that one inherits. */
#include "escape.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static void need_root(void)
{
    if (!test_privileged())
        TEST_SKIP("an ordinary user cannot set the scene: groups, and file capabilities");
}

/* ---- 15: leaving a group that a file is closed to (CVE-2014-8989) --------------------------- */

#define USER  65529
#define GROUP 65531

/* Become an ordinary user, one of a group, who may map ranges of ids: what newgidmap(1) gives. */
static bool become_user(void)
{
    static const gid_t group = GROUP;
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{0}, {0}};
    data[0].effective = data[0].permitted = 1u << CAP_SETUID | 1u << CAP_SETGID;
    return setgroups(1, &group) == 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 &&
           setresgid(USER, USER, USER) == 0 && setresuid(USER, USER, USER) == 0 &&
           syscall(SYS_capset, &header, data) == 0 && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

/* With one id mapped, or a second one too: the attack's status. */
static int leave_group(size_t count)
{
    static const struct scratch_id_map maps[] = {{0, USER, 1}, {1, 100000, 1}};
    struct escape e;
    const char *directory;
    int status;
    need_root();
    const char *secret = escape_secret(&directory);
    assert_int_equal(chown(secret, USER + 1, GROUP), 0);
    assert_int_equal(chmod(secret, 0604), 0);
    escape_begin(&e, escape_root(), "groups", "/tmp/secret", NULL);
    e.rootfs.throw_away = true;
    e.mounts[0] = (struct scratch_mount){directory, "/tmp", NULL, "rbind"};
    e.spec.mount_count = 1;
    e.namespaces.uid_map = e.namespaces.gid_map = maps;
    e.namespaces.uid_map_count = e.namespaces.gid_map_count = count;
    e.namespaces.create |= SCRATCH_NS_USER;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(become_user() && access(secret, R_OK) < 0 ? escape_run(&e) : ATTACK_NOT_TRIED);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

static void a_group_that_a_file_is_closed_to_cannot_be_left(void **state)
{
    (void)state;
    assert_int_equal(leave_group(1), ATTACK_HELD);
}

static void where_setgroups_is_not_denied_it_can(void **state)
{
    (void)state;
    assert_int_equal(leave_group(2), ATTACK_OUT);
}

/* ---- 17: inheritable capabilities (CVE-2022-27650) ------------------------------------------ */

static void inherit(struct scratch_plan *plan)
{
    escape_step(plan, STEP_IDS)->num[2] = true; /* keep them when the ids change */
    escape_step(plan, STEP_CAPABILITIES)->num[0] |= SCRATCH_CAP(CAP_DAC_OVERRIDE);
    escape_step(plan, STEP_CAPABILITIES)->num[1] |= SCRATCH_CAP(CAP_DAC_OVERRIDE);
}

/* The attack's own file says: what the caller can inherit, take, and have in effect. */
static int take_capability(struct escape *e, void (*edit)(struct scratch_plan *plan))
{
    struct vfs_cap_data capabilities = {VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
                                        {{0, 1u << CAP_DAC_OVERRIDE}, {0, 0}}};
    char program[512];
    need_root();
    const char *root = escape_root();
    assert_int_equal(chmod(test_make_file(root, "secret", ESCAPE_SECRET), 0600), 0);
    snprintf(program, sizeof program, "%s/attack", root);
    if (setxattr(program, "security.capability", &capabilities, sizeof capabilities, 0) < 0)
        TEST_SKIP("no file capabilities on this file system: %d", errno);
    escape_begin(e, root, "capability", "/secret", NULL);
    e->process.uid = e->process.gid = 1000;
    e->process.new_privileges = true;
    e->edit = edit;
    return escape_run(e);
}

static void a_command_inherits_no_capability(void **state)
{
    struct escape e;
    (void)state;
    assert_int_equal(take_capability(&e, NULL), ATTACK_HELD);
}

static void one_that_it_inherited_would_be_in_effect(void **state)
{
    struct escape e;
    (void)state;
    assert_int_equal(take_capability(&e, inherit), ATTACK_OUT);
    assert_string_equal(e.output, ESCAPE_SECRET);
}

TEST_MAIN(a_group_that_a_file_is_closed_to_cannot_be_left, where_setgroups_is_not_denied_it_can,
          a_command_inherits_no_capability, one_that_it_inherited_would_be_in_effect)
