/* SPDX-License-Identifier: MIT */
/*
 * Roots that are mounted once for all starts of a plan.
 */
#include "support/rootfs.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct scratch_error err;

struct start {
    struct scratch_spec spec;
    struct scratch_rootfs_options rootfs;
    struct scratch_process_options process;
    const char *argv[4];
};

static void begin(struct start *s, const char *root, const char *script)
{
    *s = (struct start){SCRATCH_SPEC_INIT,
                        SCRATCH_ROOTFS_OPTIONS_INIT,
                        SCRATCH_PROCESS_OPTIONS_INIT,
                        {"sh", "-c", script, NULL}};
    s->rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    s->rootfs.path = root;
    s->rootfs.prepared = true;
    s->process.argv = s->argv;
    s->spec.rootfs = &s->rootfs;
    s->spec.process = &s->process;
}

static void need_root(void)
{
    if (!test_privileged())
        TEST_SKIP("only root's mount namespaces can be entered without a user namespace");
    if (!test_has_call(SYS_move_mount))
        TEST_SKIP("a root is prepared with move_mount(2), which is refused here");
}

static char *output(struct start *s)
{
    int status;
    char *text = test_output(&s->spec, NULL, &status, &err);
    TEST_OK(status, &err);
    return text;
}

static void expect(const char *script, const char *expected)
{
    struct start s;
    begin(&s, test_rootfs(), script);
    char *text = output(&s);
    assert_string_equal(text, expected);
    free(text);
}

static void nothing_of_the_host_is_there(void **state)
{
    (void)state;
    need_root();
    expect("pwd; ls -d /bin /dev/null /proc/1", "/\n/bin\n/dev/null\n/proc/1\n");
    /* One mount at "/", and nothing below another one. */
    expect("awk '$5 == \"/\"' /proc/self/mountinfo | wc -l", "1\n");
    expect("cd /..; pwd; ls -d bin", "/\nbin\n");
}

static void it_looks_as_one_that_is_not_prepared(void **state)
{
    static const char mounts[] =
        "awk '{print $5, $6, $8, $9, $10}' /proc/self/mountinfo | sort; ls -l /dev; id; pwd";
    struct start s;
    (void)state;
    need_root();
    begin(&s, test_rootfs(), mounts);
    char *prepared = output(&s);
    s.rootfs.prepared = false;
    char *other = output(&s);
    assert_string_equal(prepared, other);
    free(prepared);
    free(other);
}

static void it_can_be_read_only(void **state)
{
    struct start s;
    (void)state;
    need_root();
    begin(&s, test_rootfs(), "touch /new 2>/dev/null || echo refused; touch /dev/shm/new");
    s.rootfs.read_only = true;
    char *text = output(&s);
    assert_string_equal(text, "refused\n");
    free(text);
}

/* What one changes in its mounts, another does not see. */
static void starts_share_no_mounts(void **state)
{
    static const char script[] = "ls /dev/shm; touch /dev/shm/mine; mount -t tmpfs none /tmp;"
                                 "grep -c ' /tmp ' /proc/self/mountinfo";
    struct start s;
    scratch_plan *plan;
    scratch_container *container;
    (void)state;
    need_root();
    begin(&s, test_rootfs(), script);
    s.process.capabilities = SCRATCH_CAP_ALL;
    s.process.seccomp = SCRATCH_SECCOMP_NONE;
    TEST_OK(scratch_plan_compile(&s.spec, &plan, &err), &err);
    for (int i = 0; i < 3; i++) {
        struct scratch_start_options o = SCRATCH_START_OPTIONS_INIT;
        char text[64] = "";
        int ends[2];
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        o.stdout_fd = ends[1];
        TEST_OK(scratch_plan_start(plan, &o, &container, &err), &err);
        close(ends[1]);
        assert_int_equal(scratch_container_wait(container, &err), 0);
        assert_true(read(ends[0], text, sizeof text - 1) >= 0);
        assert_string_equal(text, "1\n");
        close(ends[0]);
        scratch_container_free(container);
    }
    scratch_plan_free(plan);
}

static void a_relative_path_is_the_compiler_s(void **state)
{
    struct start s;
    char before[4096], root[4096], *name;
    (void)state;
    need_root();
    assert_non_null(getcwd(before, sizeof before));
    snprintf(root, sizeof root, "%s", test_rootfs());
    name = strrchr(root, '/');
    *name++ = '\0';
    assert_int_equal(chdir(root), 0);
    begin(&s, name, "ls -d /bin");
    char *text = output(&s);
    assert_int_equal(chdir(before), 0);
    assert_string_equal(text, "/bin\n");
    free(text);
}

static void expect_refused(struct start *s, const char *cause)
{
    scratch_plan *plan;
    assert_int_equal(scratch_plan_compile(&s->spec, &plan, &err), -EINVAL);
    assert_string_equal(err.what, "prepare the root file system");
    assert_non_null(strstr(err.cause, cause));
}

static void what_wants_the_host_is_refused(void **state)
{
    static const struct scratch_mount bind = {
        .source = "/tmp", .target = "/tmp", .options = "bind"};
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct start s;
    (void)state;
    need_root();
    begin(&s, test_rootfs(), "true");
    s.spec.mounts = &bind;
    s.spec.mount_count = 1;
    expect_refused(&s, "of the host");
    begin(&s, test_rootfs(), "true");
    s.rootfs.throw_away = true;
    expect_refused(&s, "as it is");
    begin(&s, test_rootfs(), "true");
    namespaces.create &= ~SCRATCH_NS_NET;
    s.spec.namespaces = &namespaces;
    expect_refused(&s, "/sys");
    namespaces.create = SCRATCH_NS_DEFAULT | SCRATCH_NS_USER;
    expect_refused(&s, "user namespace");
}

TEST_MAIN(nothing_of_the_host_is_there, it_looks_as_one_that_is_not_prepared, it_can_be_read_only,
          starts_share_no_mounts, a_relative_path_is_the_compiler_s, what_wants_the_host_is_refused)
