/* SPDX-License-Identifier: MIT */
/*
 * Mounting in the caller's own mount namespace.
 */
#include "support/apart.h"
#include "support/rootfs.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *directory; /* made before the child, removed after it */
static bool user;             /* the test runs as an ordinary user */
static int root;              /* an fd of it */

static void open_root(void)
{
    root = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    TEST_EXPECT(root >= 0);
}

static bool apply(const char *source, const char *target, const char *type, const char *options)
{
    const struct scratch_mount mount = {source, target, type, options};
    struct scratch_error err;
    char line[SCRATCH_ERROR_LINE];
    int rc = scratch_mount_apply(root, &mount, &err);
    if (rc < 0) {
        scratch_error_format(&err, line, sizeof line);
        fprintf(stderr, "%s\n", line);
    }
    return rc == 0;
}

static bool remove_at(const char *target)
{
    return scratch_mount_remove(root, target, false, NULL) == 0;
}

static const char *inside(const char *path)
{
    static char whole[4096];
    snprintf(whole, sizeof whole, "%s%s", directory, path);
    return whole;
}

static bool is_mounted(const char *path)
{
    scratch_mount_table *table;
    size_t count;
    bool found = false;
    TEST_EXPECT(scratch_mount_table_read(0, &table, NULL) == 0);
    const struct scratch_mount_entry *entry = scratch_mount_table_get(table, &count);
    for (size_t i = 0; i < count; i++)
        found = found || strcmp(entry[i].target, inside(path)) == 0;
    scratch_mount_table_free(table);
    return found;
}

static bool is_read_only(const char *path)
{
    struct statvfs fs;
    return statvfs(inside(path), &fs) == 0 && fs.f_flag & ST_RDONLY;
}

static void begin(void)
{
    directory = test_directory();
    test_make_directory(directory, "target");
    test_make_directory(directory, "tree");
    assert_int_equal(symlink("/target", inside("/link")), 0);
    assert_int_equal(symlink("../../../../target", inside("/climbing")), 0);
}

/* ---- mounting and unmounting ---------------------------------------------------------------- */

static void mount_and_remove(void)
{
    open_root();
    TEST_EXPECT(apply("tmpfs", "/target", "tmpfs", "size=1m"));
    TEST_EXPECT(is_mounted("/target"));
    TEST_EXPECT(remove_at("/target/"));
    TEST_EXPECT(!is_mounted("/target"));
    TEST_EXPECT(apply("tmpfs", "/link", "tmpfs", "ro,nosuid"));
    TEST_EXPECT(is_mounted("/target") && is_read_only("/target"));
    TEST_EXPECT(remove_at("/climbing"));
    TEST_EXPECT(!is_mounted("/target"));
    TEST_EXPECT(apply("tmpfs", "/new/deep", "tmpfs", "X-mount.mkdir"));
    TEST_EXPECT(is_mounted("/new/deep"));
}

static void what_is_mounted_is_removed(void **state)
{
    (void)state;
    begin();
    test_apart(mount_and_remove);
}

static void mount_below_the_working_directory(void)
{
    TEST_EXPECT(chdir(directory) == 0);
    root = AT_FDCWD;
    TEST_EXPECT(apply("tmpfs", "/climbing", "tmpfs", NULL));
    TEST_EXPECT(is_mounted("/target"));
    TEST_EXPECT(apply("tmpfs", "/other/deep", "tmpfs", "X-mount.mkdir"));
    TEST_EXPECT(is_mounted("/other/deep"));
    TEST_EXPECT(remove_at("/other/deep") && remove_at("/link"));
    TEST_EXPECT(!is_mounted("/other/deep") && !is_mounted("/target"));
}

static void the_working_directory_can_be_the_root(void **state)
{
    (void)state;
    begin();
    test_apart(mount_below_the_working_directory);
}

static void remove_wrongly(void)
{
    struct scratch_error err;
    open_root();
    TEST_EXPECT(scratch_mount_remove(root, "/target", false, &err) == -EINVAL);
    TEST_EXPECT(strcmp(err.hint, "it is not a mount point") == 0);
    TEST_EXPECT(scratch_mount_remove(root, "/missing", false, &err) == -ENOENT);
    TEST_EXPECT(strcmp(err.subject, "/missing") == 0);
    TEST_EXPECT(scratch_mount_remove(root, "/", false, &err) == -EINVAL);
    TEST_EXPECT(apply("tmpfs", "/target", "tmpfs", NULL));
    int fd = open(inside("/target"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    TEST_EXPECT(scratch_mount_remove(root, "/target", false, &err) == -EBUSY);
    TEST_EXPECT(scratch_mount_remove(root, "/target", true, &err) == 0);
    TEST_EXPECT(!is_mounted("/target"));
    close(fd);
}

static void a_busy_mount_needs_to_be_detached(void **state)
{
    (void)state;
    begin();
    test_apart(remove_wrongly);
}

static void fail_to_mount(void)
{
    const struct scratch_mount missing = {"tmpfs", "/missing", "tmpfs", NULL};
    const struct scratch_mount option = {"tmpfs", "/target", "tmpfs", "mode=700,foo"};
    struct scratch_error err;
    char line[SCRATCH_ERROR_LINE];
    open_root();
    TEST_EXPECT(scratch_mount_apply(root, &missing, &err) == -ENOENT);
    TEST_EXPECT(scratch_mount_apply(root, &option, &err) == -EINVAL);
    scratch_error_format(&err, line, sizeof line);
    TEST_EXPECT(!test_has_call(SYS_fsopen) || /* mount(2) does not say which option it is */
                strcmp(line, "mount tmpfs on /target: EINVAL: the file system refuses the option "
                             "'foo' (see the section of this file system in mount(8))") == 0);
    TEST_EXPECT(err.side == SCRATCH_SIDE_HOST && err.step == 0);
    TEST_EXPECT(!is_mounted("/target"));
}

static void a_failure_mounts_nothing(void **state)
{
    (void)state;
    begin();
    test_apart(fail_to_mount);
}

static void an_ordinary_user_may_not_mount(void **state)
{
    const struct scratch_mount mount = {"tmpfs", "/target", "tmpfs", NULL};
    struct scratch_error err;
    (void)state;
    if (test_privileged())
        TEST_SKIP("only as an ordinary user");
    begin();
    root = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(scratch_mount_apply(root, &mount, &err), -EPERM);
    close(root);
}

/* ---- attributes ----------------------------------------------------------------------------- */

static void bind_trees(void)
{
    open_root();
    TEST_EXPECT(apply("tmpfs", "/tree", "tmpfs", NULL));
    TEST_EXPECT(apply("tmpfs", "/tree/below", "tmpfs", "X-mount.mkdir"));
    TEST_EXPECT(apply(inside("/tree"), "/target", NULL, "rbind,ro,nosuid"));
    TEST_EXPECT(is_read_only("/target") && is_read_only("/target/below"));
    TEST_EXPECT(!is_read_only("/tree") && !is_read_only("/tree/below"));
    TEST_EXPECT(open(inside("/target/below/x"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600) == -1);
    TEST_EXPECT(errno == EROFS);
}

static void a_read_only_tree_is_read_only_below(void **state)
{
    (void)state;
    begin();
    test_apart(bind_trees);
}

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    return done;
}

/* A second user namespace in which the first one's mounts are locked. */
static bool enter_second(void)
{
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
           write_file("/proc/self/setgroups", "deny") &&
           write_file("/proc/self/uid_map", "0 0 1") && write_file("/proc/self/gid_map", "0 0 1");
}

static void bind_locked(void)
{
    struct statvfs fs;
    open_root();
    TEST_EXPECT(apply("tmpfs", "/tree", "tmpfs", "ro,nosuid,nodev"));
    if (!TEST_EXPECT(enter_second()))
        return;
    close(root);
    open_root();
    TEST_EXPECT(apply(inside("/tree"), "/target", NULL, "bind,rw,suid,dev,noexec"));
    TEST_EXPECT(statvfs(inside("/target"), &fs) == 0);
    TEST_EXPECT((fs.f_flag & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC)) ==
                (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC));
}

static void what_is_locked_stays_locked(void **state)
{
    (void)state;
    begin();
    test_apart(bind_locked);
}

/* A kernel before 5.12, to its programs. */
static bool without_mount_setattr(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mount_setattr, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void bind_without_setattr(void)
{
    struct statvfs fs;
    const struct scratch_mount tree = {"/tree", "/target", NULL, "rbind,ro"};
    open_root();
    TEST_EXPECT(without_mount_setattr());
    TEST_EXPECT(apply("tmpfs", "/tree", "tmpfs", "nodev,noatime"));
    TEST_EXPECT(apply(inside("/tree"), "/target", NULL, "rbind,ro,nosuid"));
    TEST_EXPECT(statvfs(inside("/target"), &fs) == 0);
    TEST_EXPECT((fs.f_flag & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOATIME)) ==
                (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOATIME));
    TEST_EXPECT(!is_read_only("/tree"));
    TEST_EXPECT(remove_at("/target"));

    TEST_EXPECT(apply("tmpfs", "/tree/below and\\deeper", "tmpfs", "X-mount.mkdir"));
    struct scratch_mount whole = tree;
    whole.source = inside("/tree");
    TEST_EXPECT(scratch_mount_apply(root, &whole, NULL) == 0);
    TEST_EXPECT(is_read_only("/target") && is_read_only("/target/below and\\deeper"));
    TEST_EXPECT(!is_read_only("/tree/below and\\deeper"));
}

/* A mount that another one covers is nowhere to be found; but nobody else finds it either. */
static void bind_covered(void)
{
    struct scratch_error err;
    const struct scratch_mount tree = {inside("/tree"), "/target", NULL, "rbind,ro"};
    open_root();
    TEST_EXPECT(without_mount_setattr());
    TEST_EXPECT(apply("tmpfs", "/tree", "tmpfs", NULL));
    TEST_EXPECT(apply("tmpfs", "/tree/twice", "tmpfs", "X-mount.mkdir"));
    TEST_EXPECT(apply("tmpfs", "/tree/twice", "tmpfs", NULL));
    TEST_EXPECT(scratch_mount_apply(root, &tree, &err) == 0);
    TEST_EXPECT(is_read_only("/target") && is_read_only("/target/twice"));
}

static void before_5_12_a_tree_is_remounted(void **state)
{
    (void)state;
    begin();
    test_apart(bind_without_setattr);
    test_apart(bind_covered);
}

static void run_without_setattr(void)
{
    const char *const argv[] = {
        "sh", "-c",
        "grep ' /proc/sys ' /proc/self/mountinfo | cut -d' ' -f6; touch /x 2>&1; exit 7", NULL};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_error err;
    char line[SCRATCH_ERROR_LINE];
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    namespaces.create |= user ? SCRATCH_NS_USER : 0;
    spec.namespaces = &namespaces;
    process.argv = argv;
    rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    rootfs.path = directory;
    rootfs.read_only = true;
    spec.rootfs = &rootfs;
    spec.process = &process;
    TEST_EXPECT(without_mount_setattr());
    int status = 0;
    char *output = test_output(&spec, NULL, &status, &err);
    if (!TEST_EXPECT(status == 7)) {
        scratch_error_format(&err, line, sizeof line);
        fprintf(stderr, "%s\n", line);
    }
    TEST_EXPECT(strcmp(output, "ro,nosuid,nodev,noexec,relatime\n"
                               "touch: /x: Read-only file system\n") == 0);
    free(output);
}

static void before_5_12_a_container_is_restricted_as_well(void **state)
{
    (void)state;
    user = !test_privileged();
    directory = test_rootfs_new();
    test_apart(run_without_setattr);
}

/* ---- propagation ---------------------------------------------------------------------------- */

static const char *propagation_of(const char *path)
{
    static char text[64];
    scratch_mount_table *table;
    size_t count;
    TEST_EXPECT(scratch_mount_table_read(0, &table, NULL) == 0);
    const struct scratch_mount_entry *entry = scratch_mount_table_get(table, &count);
    *text = '\0';
    for (size_t i = 0; i < count; i++)
        if (strcmp(entry[i].target, inside(path)) == 0)
            snprintf(text, sizeof text, "%s", entry[i].propagation);
    scratch_mount_table_free(table);
    return text;
}

static void change_propagation(void)
{
    struct scratch_error err;
    open_root();
    TEST_EXPECT(apply("tmpfs", "/target", "tmpfs", NULL));
    TEST_EXPECT(strcmp(propagation_of("/target"), "private") == 0);
    TEST_EXPECT(scratch_mount_propagation(root, "/target", "shared", &err) == 0);
    TEST_EXPECT(strcmp(propagation_of("/target"), "shared") == 0);
    TEST_EXPECT(apply(inside("/target"), "/tree", NULL, "bind,slave"));
    TEST_EXPECT(strcmp(propagation_of("/tree"), "slave") == 0);
    TEST_EXPECT(scratch_mount_propagation(root, "/tree", "rshared", &err) == 0);
    TEST_EXPECT(strcmp(propagation_of("/tree"), "shared,slave") == 0);
    TEST_EXPECT(scratch_mount_propagation(root, "/target", "unbindable", &err) == 0);
    TEST_EXPECT(strcmp(propagation_of("/target"), "unbindable") == 0);
    TEST_EXPECT(scratch_mount_propagation(root, "/target", "sideways", &err) == -EINVAL);
    TEST_EXPECT(strcmp(err.subject, "sideways") == 0);
    TEST_EXPECT(scratch_mount_propagation(root, "/", "private", &err) == -EINVAL);
    TEST_EXPECT(fchdir(root) == 0); /* below the working directory, however it is written */
    TEST_EXPECT(scratch_mount_propagation(AT_FDCWD, "/target", "private", &err) == 0);
    TEST_EXPECT(scratch_mount_propagation(-1, "/", "private", &err) == -EBADF);
}

static void propagation_is_changed_and_read(void **state)
{
    (void)state;
    begin();
    test_apart(change_propagation);
}

/*
 * The container waits for a mount that is made outside after it has started. A bind without a word
 * never shows it, also beside one that does.
 */
static void follow(const char *options, int expected)
{
    const char *const argv[] = {"sh",
                                "-c",
                                "echo; i=0; while [ $i -lt $1 ]; do [ -e /root/below/mark ] && "
                                "exit 4; [ -e /tmp/below/mark ] && exit 3; sleep 0.05; "
                                "i=$((i+1)); done",
                                "sh",
                                expected ? "1200" : "20",
                                NULL};
    char tree[4096];
    snprintf(tree, sizeof tree, "%s", inside("/tree"));
    const struct scratch_mount mounts[] = {{tree, "/tmp", NULL, options},
                                           {tree, "/root", NULL, "rbind"}};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_start_options start = SCRATCH_START_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    scratch_container *container;
    scratch_plan *plan;
    int ends[2];
    char byte;
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    namespaces.create |= user ? SCRATCH_NS_USER : 0;
    spec.namespaces = &namespaces;
    process.argv = argv;
    rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    rootfs.path = directory;
    spec.rootfs = &rootfs;
    spec.process = &process;
    spec.mounts = mounts;
    spec.mount_count = 2;
    TEST_EXPECT(pipe2(ends, O_CLOEXEC) == 0);
    start.stdout_fd = ends[1];
    TEST_EXPECT(scratch_plan_compile(&spec, &plan, NULL) == 0);
    if (!TEST_EXPECT(scratch_plan_start(plan, &start, &container, NULL) == 0))
        return;
    TEST_EXPECT(read(ends[0], &byte, 1) == 1);
    TEST_EXPECT(apply("tmpfs", "/tree/below", "tmpfs", NULL));
    TEST_EXPECT(close(open(inside("/tree/below/mark"), O_CREAT | O_WRONLY, 0600)) == 0);
    TEST_EXPECT(scratch_container_wait(container, NULL) == expected);
    TEST_EXPECT(remove_at("/tree/below"));
    scratch_container_free(container);
    scratch_plan_free(plan);
}

static void follow_or_not(void)
{
    open_root();
    TEST_EXPECT(apply("tmpfs", "/tree", "tmpfs", "shared"));
    TEST_EXPECT(mkdir(inside("/tree/below"), 0755) == 0);
    follow("rbind,rslave", 3);
    follow("rbind,slave", 3);
    follow("rbind,rshared", 0);
    follow("rbind", 0);
}

static void only_a_slave_sees_what_is_mounted_outside_later(void **state)
{
    (void)state;
    user = !test_privileged();
    directory = test_rootfs_new();
    test_make_directory(directory, "tree");
    test_apart(follow_or_not);
}

TEST_MAIN(what_is_mounted_is_removed, the_working_directory_can_be_the_root,
          a_busy_mount_needs_to_be_detached, a_failure_mounts_nothing,
          an_ordinary_user_may_not_mount, a_read_only_tree_is_read_only_below,
          what_is_locked_stays_locked, before_5_12_a_tree_is_remounted,
          before_5_12_a_container_is_restricted_as_well, propagation_is_changed_and_read,
          only_a_slave_sees_what_is_mounted_outside_later)
