/* SPDX-License-Identifier: MIT */
/*
 * A process more in a container: in all its namespaces, its group and its root, and as confined.
 */
#include "container/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <sys/wait.h>

struct full {
    struct scratch_spec spec;
    struct scratch_process_options process;
    struct scratch_cgroup_options cgroup;
    struct scratch_keep_options keep;
    const char *argv[3];
};

/* The host's tree under a throw-away layer, and a command that stays. */
static void full_begin(struct full *f)
{
    *f = (struct full){SCRATCH_SPEC_INIT,
                       SCRATCH_PROCESS_OPTIONS_INIT,
                       SCRATCH_CGROUP_OPTIONS_INIT,
                       SCRATCH_KEEP_OPTIONS_INIT,
                       {"sleep", "600", NULL}};
    f->process.argv = f->argv;
    f->process.die_with_parent = true; /* a test that fails holds nobody up */
    f->keep.root = kept_root();
    f->keep.remove = true;
    f->cgroup.pids_max = 100;
    f->spec.process = &f->process;
    f->spec.keep = &f->keep;
    if (test_privileged())
        f->spec.cgroup = &f->cgroup;
}

static scratch_container *full_start(const struct full *f, const char *id)
{
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    struct scratch_error err;
    scratch_container *container;
    scratch_plan *plan;
    options.id = id;
    TEST_OK(scratch_plan_compile(&f->spec, &plan, &err), &err);
    TEST_OK(scratch_plan_start(plan, &options, &container, &err), &err);
    scratch_plan_free(plan);
    return container;
}

static void end(scratch_container *container)
{
    scratch_container_signal(container, SIGKILL, NULL);
    assert_int_equal(minimal_end(container), 137);
}

/* What a script writes that is run in a container; its exit status is 0. */
static char *output_of(scratch_container *container, const struct scratch_exec_options *given,
                       const char *script)
{
    static char text[4096];
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    struct scratch_exec_options options = *given;
    struct scratch_process_options process =
        given->process ? *given->process
                       : (struct scratch_process_options)SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_start_options start = SCRATCH_START_OPTIONS_INIT;
    struct scratch_error err;
    scratch_container *inner;
    int ends[2];
    process.argv = argv;
    options.process = &process;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    start.stdout_fd = ends[1];
    TEST_OK(scratch_container_exec(container, &options, &start, &inner, &err), &err);
    close(ends[1]);
    size_t at = 0;
    ssize_t n;
    while ((n = read(ends[0], text + at, sizeof text - 1 - at)) > 0)
        at += (size_t)n;
    text[at] = '\0';
    close(ends[0]);
    assert_int_equal(scratch_container_wait(inner, &err), 0);
    scratch_container_free(inner);
    return text;
}

static const struct scratch_exec_options plain = SCRATCH_EXEC_OPTIONS_INIT;

/* ---- where it is ---------------------------------------------------------------------------- */

static void it_is_in_all_namespaces(void **state)
{
    struct full f;
    char own[4096];
    (void)state;
    full_begin(&f);
    scratch_container *container = full_start(&f, "where");
    static const char script[] =
        "for n in pid mnt uts ipc net cgroup user; do readlink /proc/self/ns/$n; done; hostname; "
        "cat /proc/self/cgroup; stat -c %i /";
    char *text = output_of(container, &plain, script);
    snprintf(own, sizeof own, "%s", text);
    /* The same of pid 1, which a process inside may look at where it is the command. */
    f.process.init = false;
    f.argv[0] = "/bin/sh";
    text = output_of(container, &plain, "readlink /proc/self/ns/pid; cat /proc/1/comm");
    assert_non_null(strstr(text, "scratch-init"));
    assert_true(strncmp(text, own, strcspn(own, "\n")) == 0);
    char path[64], link[64] = "";
    snprintf(path, sizeof path, "/proc/self/ns/pid");
    assert_true(readlink(path, link, sizeof link - 1) > 0);
    assert_null(strstr(own, link));
    end(container);
}

static void it_counts_in_the_group(void **state)
{
    struct full f;
    struct scratch_error err;
    size_t before = 0, after = 0;
    const char *const argv[] = {"sleep", "600", NULL};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_exec_options options = SCRATCH_EXEC_OPTIONS_INIT;
    scratch_container *inner;
    (void)state;
    full_begin(&f);
    scratch_container *container = full_start(&f, "counted");
    TEST_OK(scratch_container_processes(container, NULL, &before, &err), &err);
    process.argv = argv;
    options.process = &process;
    TEST_OK(scratch_container_exec(container, &options, NULL, &inner, &err), &err);
    TEST_OK(scratch_container_processes(container, NULL, &after, &err), &err);
    assert_int_equal(after, before + 1);
    TEST_OK(scratch_container_signal(inner, SIGTERM, &err), &err);
    assert_int_equal(minimal_end(inner), 143);
    /* And it ends with its container. */
    TEST_OK(scratch_container_exec(container, &options, NULL, &inner, &err), &err);
    scratch_container_signal(container, SIGKILL, NULL);
    assert_int_equal(minimal_end(inner), 137);
    assert_int_equal(minimal_end(container), 137);
}

/* ---- what it may ---------------------------------------------------------------------------- */

static void it_is_as_confined_as_the_container(void **state)
{
    static const char script[] = "grep -E '^(Cap(Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp):' "
                                 "/proc/self/status; ulimit -n; umask; echo $GREETING; pwd";
    static const char *const env[] = {"PATH=/usr/bin:/bin", "GREETING=hello", NULL};
    const struct scratch_rlimit limit = {RLIMIT_NOFILE, 100, 200};
    struct full f;
    (void)state;
    full_begin(&f);
    f.process.capabilities = SCRATCH_CAP(0) | SCRATCH_CAP(5);
    f.process.rlimits = &limit;
    f.process.rlimit_count = 1;
    f.process.umask = 027;
    f.process.env = env;
    f.process.cwd = "/usr";
    scratch_container *container = full_start(&f, "confined");
    assert_string_equal(output_of(container, &plain, script),
                        "CapPrm:\t0000000000000021\nCapEff:\t0000000000000021\n"
                        "CapBnd:\t0000000000000021\nCapAmb:\t0000000000000000\n"
                        "NoNewPrivs:\t1\nSeccomp:\t2\n100\n0027\nhello\n/usr\n");
    end(container);
}

static void it_may_have_privileges_of_its_own(void **state)
{
    struct scratch_exec_options options = SCRATCH_EXEC_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct full f;
    (void)state;
    if (test_filtered())
        TEST_SKIP("what is started here has a system call filter anyway");
    full_begin(&f);
    scratch_container *container = full_start(&f, "own");
    process.capabilities = 1;
    process.new_privileges = true;
    process.seccomp = SCRATCH_SECCOMP_NONE;
    options.process = &process;
    options.inherit = 0;
    assert_string_equal(
        output_of(container, &options, "grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status"),
        "CapEff:\t0000000000000001\nNoNewPrivs:\t0\nSeccomp:\t0\n");
    end(container);
}

static void its_filter_is_the_containers(void **state)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTTY),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct full f;
    (void)state;
    full_begin(&f);
    f.process.seccomp = SCRATCH_SECCOMP_FILTER;
    f.process.filter = filter;
    f.process.filter_count = sizeof filter / sizeof *filter;
    scratch_container *container = full_start(&f, "filtered");
    char *text = output_of(container, &plain, "grep -E '^Seccomp(_filters)?:' /proc/self/status");
    assert_non_null(strstr(text, "Seccomp:\t2"));
    end(container);
}

static void it_may_be_another_user(void **state)
{
    struct scratch_exec_options options = SCRATCH_EXEC_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct full f;
    struct scratch_error err;
    scratch_container *inner;
    const char *const argv[] = {"true", NULL};
    (void)state;
    full_begin(&f);
    scratch_container *container = full_start(&f, "users");
    options.process = &process;
    options.inherit = SCRATCH_EXEC_ALL & ~SCRATCH_EXEC_USER;
    process.argv = argv;
    if (test_privileged()) {
        process.uid = 1;
        process.gid = 2;
        assert_string_equal(output_of(container, &options,
                                      "id -u; id -g; "
                                      "grep CapEff /proc/self/status"),
                            "1\n2\nCapEff:\t0000000000000000\n");
        process.uid = process.gid = 0;
        process.user = "daemon";
        assert_string_equal(output_of(container, &options, "id -u"), "1\n");
    }
    /* CVE-2026-30892: what is no id is an error, and never 0. */
    static const char *const wrong[] = {
        "4294967295", "4294967296", "1:99999999999", "-1", "1x:", "+1", " 1", "0x1"};
    process.uid = process.gid = 0;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        process.user = wrong[i];
        if (scratch_container_exec(container, &options, NULL, &inner, &err) >= 0)
            fail_msg("'%s' was taken for a user", wrong[i]);
    }
    end(container);
}

/* ---- what goes wrong ------------------------------------------------------------------------ */

static void what_fails_is_told(void **state)
{
    struct scratch_exec_options options = SCRATCH_EXEC_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    const char *const argv[] = {"nosuch", NULL};
    struct full f;
    struct scratch_error err;
    scratch_container *inner;
    (void)state;
    full_begin(&f);
    scratch_container *container = full_start(&f, "failing");
    process.argv = argv;
    options.process = &process;
    assert_int_equal(scratch_container_exec(container, &options, NULL, &inner, &err), -ENOENT);
    assert_string_equal(err.cause, "'nosuch' is not found in the container");
    assert_null(inner);
    struct scratch_start_options start = SCRATCH_START_OPTIONS_INIT;
    for (unsigned step = 1; step <= err.step_count; step++) {
        start.fail_step = step;
        struct scratch_error fault;
        assert_true(scratch_container_exec(container, &options, &start, &inner, &fault) < 0);
        assert_int_equal(fault.step, step);
    }
    scratch_container_signal(container, SIGKILL, NULL);
    scratch_container_wait(container, &err);
    assert_int_equal(scratch_container_exec(container, &options, NULL, &inner, &err), -ESRCH);
    scratch_container_free(container);
}

static void one_that_waits_or_runs_takes_one(void **state)
{
    struct scratch_exec_options options = SCRATCH_EXEC_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    const char *const argv[] = {"true", NULL};
    struct kept k;
    struct scratch_error err;
    scratch_container *inner;
    (void)state;
    process.argv = argv;
    options.process = &process;
    kept_shell(&k, "sleep 600");
    k.keep.wait = true;
    scratch_container *container = kept_start(&k, "waiting");
    TEST_OK(scratch_container_exec(container, &options, NULL, &inner, &err), &err);
    assert_int_equal(minimal_end(inner), 0);
    TEST_OK(scratch_container_start(container, &err), &err);
    TEST_OK(scratch_container_exec(container, &options, NULL, &inner, &err), &err);
    assert_int_equal(minimal_end(inner), 0);
    TEST_OK(scratch_container_stop(container, 0, &err), &err);
    assert_int_equal(scratch_container_exec(container, &options, NULL, &inner, &err), -ESRCH);
    kept_end(container);
}

/* ---- a terminal ----------------------------------------------------------------------------- */

static void its_terminal_is_of_the_container(void **state)
{
    struct scratch_exec_options options = SCRATCH_EXEC_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_terminal_options terminal = SCRATCH_TERMINAL_OPTIONS_INIT;
    const char *const argv[] = {"/bin/sh", "-c", "tty; test -c $(tty) && echo there", NULL};
    struct full f;
    struct scratch_error err;
    scratch_container *inner;
    char text[256];
    size_t at = 0;
    ssize_t n;
    (void)state;
    full_begin(&f);
    scratch_container *container = full_start(&f, "screen");
    process.argv = argv;
    options.process = &process;
    options.terminal = &terminal;
    TEST_OK(scratch_container_exec(container, &options, NULL, &inner, &err), &err);
    int master = scratch_container_terminal(inner);
    assert_true(master >= 0);
    while ((n = read(master, text + at, sizeof text - 1 - at)) > 0)
        at += (size_t)n;
    text[at] = '\0';
    assert_string_equal(text, "/dev/pts/0\r\nthere\r\n");
    assert_int_equal(minimal_end(inner), 0);
    end(container);
}

TEST_MAIN(it_is_in_all_namespaces, it_counts_in_the_group, it_is_as_confined_as_the_container,
          it_may_have_privileges_of_its_own, its_filter_is_the_containers, it_may_be_another_user,
          what_fails_is_told, one_that_waits_or_runs_takes_one, its_terminal_is_of_the_container)
