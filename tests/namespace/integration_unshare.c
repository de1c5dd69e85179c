/* SPDX-License-Identifier: MIT */
/*
 * New namespaces for the calling thread, and why the kernel refuses them.
 */
#include "support/child.h"
#include "namespace/refusal.h"
#include "namespace/types.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

static struct scratch_error err;

/* An ordinary user needs a user namespace for any other. */
static uint64_t besides(void)
{
    return test_privileged() ? 0 : SCRATCH_NS_USER;
}

/* The number of the namespace that the caller's children get. */
static ino_t namespace_of_children(const struct namespace_type *type)
{
    char path[64];
    struct stat st;
    bool later = type->flag == SCRATCH_NS_PID || type->flag == SCRATCH_NS_TIME;
    snprintf(path, sizeof path, "/proc/self/ns/%s%s", type->name, later ? "_for_children" : "");
    /* A pid namespace shows nothing before its first process. */
    return stat(path, &st) == 0 ? st.st_ino : 0;
}

static const struct namespace_type *tried;

static void unshare_one(void)
{
    ino_t before = namespace_of_children(tried);
    EXPECT_OK(scratch_namespace_unshare_self(tried->flag | besides(), &err));
    EXPECT(before != namespace_of_children(tried));
}

static void each_of_the_eight_types_is_new(void **state)
{
    (void)state;
    for (tried = namespace_types; tried < namespace_types + NAMESPACE_TYPES; tried++)
        TEST_IN_CHILD(unshare_one);
}

static void unshare_all(void)
{
    EXPECT_OK(scratch_namespace_unshare_self(NAMESPACE_ALL, &err));
    for (int i = 0; i < NAMESPACE_TYPES; i++)
        EXPECT(namespace_of_children(&namespace_types[i]) != 1);
}

static void all_types_are_new_at_once(void **state)
{
    (void)state;
    TEST_IN_CHILD(unshare_all);
}

static void look_for_shared_mounts(void)
{
    char line[4096];
    if (test_privileged()) { /* as systemd makes them */
        EXPECT(unshare(CLONE_NEWNS) == 0);
        EXPECT(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) == 0);
    }
    EXPECT_OK(scratch_namespace_unshare_self(SCRATCH_NS_MNT | besides(), &err));
    FILE *in = fopen("/proc/self/mountinfo", "re");
    EXPECT(in);
    while (fgets(line, sizeof line, in))
        EXPECT(!strstr(line, " shared:") && !strstr(line, " master:"));
    fclose(in);
}

static void mounts_in_a_new_mount_namespace_are_private(void **state)
{
    (void)state;
    TEST_IN_CHILD(look_for_shared_mounts);
}

static void become_root(void)
{
    EXPECT_OK(scratch_namespace_unshare_self(SCRATCH_NS_USER | SCRATCH_NS_UTS, &err));
    EXPECT(geteuid() == 0 && getegid() == 0);
    EXPECT(sethostname("inside", 6) == 0);
}

static void ones_own_ids_are_0_in_a_new_user_namespace(void **state)
{
    (void)state;
    TEST_IN_CHILD(become_root);
}

/* ---- refusals -------------------------------------------------------------------------------- */

static void an_unknown_type_is_refused(void **state)
{
    (void)state;
    assert_int_equal(scratch_namespace_unshare_self(1, &err), -EINVAL);
    assert_int_equal(scratch_namespace_unshare_self(NAMESPACE_ALL | 0x100, &err), -EINVAL);
}

static void without_privilege(void)
{
    scratch_capabilities_self(0, NULL);
    EXPECT(scratch_namespace_unshare_self(SCRATCH_NS_UTS, &err) == -EPERM);
    EXPECT(strstr(err.cause, "CAP_SYS_ADMIN") && strstr(err.hint, "SCRATCH_NS_USER"));
    EXPECT(strcmp(err.call, "unshare(2)") == 0);
}

static void a_missing_privilege_is_named(void **state)
{
    (void)state;
    TEST_IN_CHILD(without_privilege);
}

static void *sleep_on(void *argument)
{
    pause();
    return argument;
}

static void with_threads(void)
{
    pthread_t thread;
    EXPECT(pthread_create(&thread, NULL, sleep_on, NULL) == 0);
    EXPECT(namespace_threads() == 2);
    EXPECT(scratch_namespace_unshare_self(SCRATCH_NS_USER, &err) == -EINVAL);
    EXPECT(strstr(err.cause, "2 threads"));
    if (test_privileged())
        EXPECT_OK(scratch_namespace_unshare_self(SCRATCH_NS_MNT | SCRATCH_NS_PID, &err));
}

static void threads_are_named_when_they_are_in_the_way(void **state)
{
    (void)state;
    TEST_IN_CHILD(with_threads);
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    EXPECT(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

/* The limits of a user namespace bind those that are made in it. */
static void with_limits(void)
{
    EXPECT_OK(scratch_namespace_unshare_self(SCRATCH_NS_USER, &err));
    write_file("/proc/sys/user/max_uts_namespaces", "0");
    write_file("/proc/sys/user/max_user_namespaces", "0");
    EXPECT(scratch_namespace_unshare_self(SCRATCH_NS_UTS | SCRATCH_NS_IPC, &err) == -ENOSPC);
    EXPECT(strstr(err.cause, "max_uts_namespaces") && strstr(err.cause, "is 0"));
    EXPECT(scratch_namespace_unshare_self(SCRATCH_NS_USER, &err) == -ENOSPC);
    EXPECT(strstr(err.cause, "user.max_user_namespaces is 0"));
    EXPECT(strstr(err.hint, "sysctl user.max_user_namespaces="));
}

static void a_limit_is_named(void **state)
{
    (void)state;
    TEST_IN_CHILD(with_limits);
}

static void in_chroot(void)
{
    EXPECT(chroot("/usr") == 0 && chdir("/") == 0);
    EXPECT(scratch_namespace_unshare_self(SCRATCH_NS_USER, &err) == -EPERM);
    EXPECT(strstr(err.cause, "chroot"));
}

static void a_chroot_is_named(void **state)
{
    (void)state;
    if (!test_privileged())
        TEST_SKIP("chroot needs root");
    TEST_IN_CHILD(in_chroot);
}

static void under_the_filter(void)
{
    EXPECT_OK(scratch_seccomp_self(SCRATCH_CAP_DEFAULT, &err));
    EXPECT(scratch_namespace_unshare_self(SCRATCH_NS_USER, &err) == -EPERM);
    EXPECT(strstr(err.cause, "system call filter"));
}

static void a_filter_is_named(void **state)
{
    (void)state;
    TEST_IN_CHILD(under_the_filter);
}

/* Settings that this kernel may not have, in a /proc/sys/kernel of the test's own. */
static void with_settings(void)
{
    EXPECT_OK(scratch_namespace_unshare_self(SCRATCH_NS_MNT, &err));
    EXPECT(mount("tmpfs", "/proc/sys/kernel", "tmpfs", 0, NULL) == 0);
    write_file("/proc/sys/kernel/unprivileged_userns_clone", "1");
    write_file("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1");
    err = (struct scratch_error){.errnum = EACCES};
    EXPECT(!namespace_user_refusal(&err)); /* they do not bind root */
    EXPECT_OK(scratch_capabilities_self(SCRATCH_CAP(1) /* DAC_OVERRIDE */, &err));
    err = (struct scratch_error){.errnum = EACCES};
    EXPECT(namespace_user_refusal(&err) && strstr(err.cause, "AppArmor"));
    write_file("/proc/sys/kernel/unprivileged_userns_clone", "0");
    err = (struct scratch_error){.errnum = EPERM};
    EXPECT(namespace_user_refusal(&err) && strstr(err.cause, "unprivileged_userns_clone is 0"));
    EXPECT(strstr(err.hint, "sysctl kernel.unprivileged_userns_clone=1"));
    err = (struct scratch_error){.errnum = ENOENT};
    EXPECT(!namespace_user_refusal(&err) && !*err.cause);
}

static void settings_of_distributions_are_named(void **state)
{
    (void)state;
    if (!test_privileged())
        TEST_SKIP("a /proc/sys/kernel of one's own needs root");
    TEST_IN_CHILD(with_settings);
}

TEST_MAIN(each_of_the_eight_types_is_new, all_types_are_new_at_once,
          mounts_in_a_new_mount_namespace_are_private, ones_own_ids_are_0_in_a_new_user_namespace,
          an_unknown_type_is_refused, a_missing_privilege_is_named,
          threads_are_named_when_they_are_in_the_way, a_limit_is_named, a_chroot_is_named,
          a_filter_is_named, settings_of_distributions_are_named)
